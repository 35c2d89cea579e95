/* SPDX-License-Identifier: ISC */
/* What vrrpd says on its links, see say.h. */
#include "say.h"

#include "generation.h"
#include "link/link.h"
#include "vrrpd.h"

static void
send_snapshot(struct link *link)
{
	link_send_snapshot(link, true);
	link_send_snapshot(link, false);
}

void
say_generation(struct vrrpd *vrrpd, struct link *link)
{
	const struct generation *current = vrrpd->current;

	if (current == NULL || link_state(link) != LINK_UP ||
	    link_generation_out(link) == current->id)
		return;
	link_set_generation(link, current->id); /* sends COMMITTED */
	send_snapshot(link);
}

void
say_committed(struct vrrpd *vrrpd)
{
	say_generation(vrrpd, vrrpd->ipvsd);
	say_generation(vrrpd, vrrpd->checkd);
}

void
say_generation_again(struct link *link)
{
	if (link_generation_out(link) == 0)
		return;
	link_set_generation(link, link_generation_out(link));
	send_snapshot(link);
}

void
say_snapshot(struct link *link)
{
	if (link_generation_out(link) != 0)
		send_snapshot(link);
}

void
say_resync(struct vrrpd *vrrpd)
{
	if (link_generation_out(vrrpd->ipvsd) == 0)
		return;
	link_compose(vrrpd->ipvsd, MSG_RESYNC);
	link_send(vrrpd->ipvsd, 0, -1);
}

/* A message that begins with the instance's id; NULL while ipvsd would not
 * know which instance is meant. */
static struct writer *
compose_about(struct instance *instance, enum msg_type type)
{
	struct link *link = instance->vrrpd->ipvsd;
	struct writer *writer;

	if (instance->id == ID_NONE || link_state(link) != LINK_UP ||
	    link_generation_out(link) == 0)
		return NULL;
	writer = link_compose(link, type);
	put_u32(writer, instance->id);
	return writer;
}

void
say_acquire(struct instance *instance)
{
	if (compose_about(instance, MSG_ACQUIRE) != NULL)
		link_send(instance->vrrpd->ipvsd, 0, -1);
}

void
say_renew(struct instance *instance, uint64_t term, uint64_t time)
{
	struct writer *writer = compose_about(instance, MSG_RENEW);

	if (writer == NULL)
		return;
	put_u64(writer, term);
	put_u64(writer, time);
	/* A newer renewal replaces one that still waits in the queue. */
	link_send(instance->vrrpd->ipvsd, (uint64_t)instance->id + 1, -1);
}

void
say_release(struct instance *instance, uint64_t term)
{
	struct writer *writer = compose_about(instance, MSG_RELEASE);

	if (writer == NULL)
		return;
	put_u64(writer, term);
	link_send(instance->vrrpd->ipvsd, 0, -1);
}

void
say_state(struct instance *instance)
{
	struct writer *writer = compose_about(instance, MSG_STATE);

	if (writer == NULL)
		return;
	put_u8(writer, (uint8_t)instance->fsm.state);
	put_u64(writer, instance->fsm.since);
	link_send(instance->vrrpd->ipvsd, (uint64_t)instance->id + 1, -1);
}

void
say_returned(struct instance *instance)
{
	if (compose_about(instance, MSG_RETURNED) != NULL)
		link_send(instance->vrrpd->ipvsd, 0, -1);
}
