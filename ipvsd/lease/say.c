/* SPDX-License-Identifier: ISC */
/* The messages to vrrpd about instances; see say.h. */
#include "lease/say.h"

#include "lease/terms.h"
#include "running/running.h"

bool
say_is_heard(const struct ipvsd *ipvsd)
{
	return link_state(ipvsd->vrrpd) == LINK_UP &&
	    link_generation_out(ipvsd->vrrpd) == ipvsd->running->generation->id;
}

void
say_held(const struct instance *instance)
{
	struct link *link = instance->ipvsd->vrrpd;
	struct writer *writer = link_compose(link, MSG_HELD);

	put_u32(writer, instance->conf->id);
	put_u64(writer, instance->lease.term);
	put_u64(writer, instance->lease.end);
	link_send(link, 0, -1);
}

static void
put_reason(
    struct writer *writer, const struct link *link, enum lease_reason reason)
{
	put_u8(writer, lease_reason_say(link_level(link), reason));
}

void
say_failed(const struct instance *instance, enum lease_reason reason)
{
	struct link *link = instance->ipvsd->vrrpd;
	struct writer *writer;

	if (!say_is_heard(instance->ipvsd))
		return;
	writer = link_compose(link, MSG_FAILED);
	put_u32(writer, instance->conf->id);
	put_reason(writer, link, reason);
	link_send(link, 0, -1);
}

void
say_ended(
    const struct instance *instance, uint64_t term, enum lease_reason reason)
{
	struct link *link = instance->ipvsd->vrrpd;
	struct writer *writer;

	if (!say_is_heard(instance->ipvsd))
		return;
	writer = link_compose(link, MSG_ENDED);
	put_u32(writer, instance->conf->id);
	put_u64(writer, term);
	put_reason(writer, link, reason);
	link_send(link, 0, -1);
}

void
say_renewed(const struct instance *instance)
{
	const struct renewal renewal = {
	    instance->conf->id, instance->lease.term, instance->lease.end};
	struct ipvsd *ipvsd = instance->ipvsd;

	if (!say_is_heard(ipvsd))
		return;
	if (renewals_add(&ipvsd->renewed, ipvsd->vrrpd, &renewal))
		say_renewals(ipvsd);
}

void
say_renewals(struct ipvsd *ipvsd)
{
	terms_write(ipvsd);
	renewals_send(&ipvsd->renewed, ipvsd->vrrpd, MSG_RENEWED_MANY);
}

void
say_state(const struct instance *instance)
{
	struct link *link = instance->ipvsd->vrrpd;
	struct writer *writer = link_compose(link, MSG_STATE);

	put_u32(writer, instance->conf->id);
	put_u8(writer, instance->vrrp.state);
	put_u64(writer, instance->vrrp.since);
	link_send(link, 0, -1);
}

void
say_may_preempt(const struct instance *instance)
{
	struct link *link = instance->ipvsd->vrrpd;

	put_u32(link_compose(link, MSG_MAY_PREEMPT), instance->conf->id);
	link_send(link, 0, -1);
}

bool
say_listen(const struct instance *instance)
{
	struct link *link = instance->ipvsd->vrrpd;

	if (!say_is_heard(instance->ipvsd) || !link_knows(link, MSG_LISTEN))
		return false;
	put_u32(link_compose(link, MSG_LISTEN), instance->conf->id);
	return link_send(link, 0, -1);
}
