/* SPDX-License-Identifier: ISC */
/* What vrrpd says on its links, see say.h. */
#include "say.h"

#include "clock.h"
#include "generation.h"
#include "link/link.h"
#include "vrrpd.h"

/* Renewals are said this often while there are more and more, ns. */
#define RENEW_EVERY NS_PER_MS

static void
say_renewals(void *arg)
{
	struct vrrpd *vrrpd = arg;

	timer_stop(&vrrpd->renew);
	vrrpd->renewed_at = clock_monotonic();
	renewals_send(&vrrpd->renewals, vrrpd->ipvsd, MSG_RENEWALS);
}

void
say_init(struct vrrpd *vrrpd)
{
	timer_init(&vrrpd->renew, vrrpd->base, say_renewals, vrrpd);
}

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
	if (link == vrrpd->ipvsd)
		say_renewals(vrrpd);		/* with the numbers of before */
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

/* Whether ipvsd would know which instance is meant. */
static bool
is_known(const struct instance *instance)
{
	const struct link *link = instance->vrrpd->ipvsd;

	return instance->id != ID_NONE && link_state(link) == LINK_UP &&
	    link_generation_out(link) != 0;
}

/* A message that begins with the instance's id; NULL while ipvsd would not
 * know it. What was said before about the instance comes before. */
static struct writer *
compose_about(struct instance *instance, enum msg_type type)
{
	struct vrrpd *vrrpd = instance->vrrpd;
	struct writer *writer;

	if (!is_known(instance))
		return NULL;
	if (vrrpd->renewals.count > 0)
		say_renewals(vrrpd);
	writer = link_compose(vrrpd->ipvsd, type);
	put_u32(writer, instance->id);
	return writer;
}

void
say_acquire(struct instance *instance)
{
	if (compose_about(instance, MSG_ACQUIRE) != NULL)
		link_send(instance->vrrpd->ipvsd, 0, -1);
}

/*
 * One alone is said at the end of this turn of the loop, and so are all of a
 * turn together. When renewals come in many turns, they are said once in
 * RENEW_EVERY: their terms count from the adverts, so that costs nobody
 * anything.
 */
void
say_renew(struct instance *instance, uint64_t term, uint64_t time)
{
	const struct renewal renewal = {instance->id, term, time};
	struct vrrpd *vrrpd = instance->vrrpd;
	uint64_t now = clock_monotonic();
	bool full;

	if (!is_known(instance))
		return;
	full = renewals_add(&vrrpd->renewals, vrrpd->ipvsd, &renewal);
	if (vrrpd->renewals.count == 1) {
		vrrpd->renew_since = now;
		if (now - vrrpd->renewed_at >= RENEW_EVERY)
			timer_end_of_turn(&vrrpd->renew);
		else
			timer_at(
			    &vrrpd->renew, vrrpd->renewed_at + RENEW_EVERY);
	} else if (full || now - vrrpd->renew_since >= RENEW_EVERY) {
		say_renewals(vrrpd);
	}
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
say_beside(struct instance *instance, bool beside)
{
	struct writer *writer;

	if (!link_knows(instance->vrrpd->ipvsd, MSG_BESIDE) ||
	    (writer = compose_about(instance, MSG_BESIDE)) == NULL)
		return;
	put_bool(writer, beside);
	link_send(instance->vrrpd->ipvsd, 0, -1);
}

void
say_returned(struct instance *instance)
{
	if (compose_about(instance, MSG_RETURNED) != NULL)
		link_send(instance->vrrpd->ipvsd, 0, -1);
}
