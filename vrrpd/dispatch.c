/* SPDX-License-Identifier: ISC */
/*
 * Whom vrrpd talks to, and about what:
 *
 *	ipvsd	hears	READY, REJECT: what we think of a configuration
 *			ACQUIRE, RENEW, RENEWALS, RELEASE: terms of instances
 *			COMMITTED and an empty SNAPSHOT: terms are its own
 *			RESYNC: please tell all terms again
 *			STATE: of instances
 *			BESIDE: another program sends an instance's adverts
 *		says	PREPARE, COMMIT, ABORT: configurations
 *			HELD, RENEWED, RENEWED_MANY, FAILED, ENDED: the same
			terms
 *			MAY_PREEMPT: verdicts and services are in
 *			STATE: what a former process has said
 *			LISTEN: does another program send them?
 *			COMMITTED, SNAPSHOT, DIGEST, RESYNC
 *	checkd	hears	COMMITTED and an empty SNAPSHOT
 *		says	VERDICTS: probes; no instance can track one yet
 *			COMMITTED, SNAPSHOT, DIGEST, RESYNC
 */
#include "dispatch.h"

#include "act.h"
#include "beside.h"
#include "event.h"
#include "generation.h"
#include "generation/receiver.h"
#include "link/health.h"
#include "link/link.h"
#include "link/rendezvous.h"
#include "reload.h"
#include "say.h"
#include "vrrpd.h"

static int vrrpd_dispatch_ipvsd(
    struct link *, struct msg *, const char **, void *);
static int vrrpd_dispatch_checkd(
    struct link *, struct msg *, const char **, void *);
static void link_is_up(struct link *, void *);
static void link_refill(struct link *, void *);
static void ipvsd_is_down(struct link *, void *);
static void checkd_is_down(struct link *, void *);

static const struct peer {
	enum role role;
	struct link_handlers handlers;
} peers[] = {
    {ROLE_IPVSD,
	{link_is_up, vrrpd_dispatch_ipvsd, ipvsd_is_down, link_refill}},
    {ROLE_CHECKD,
	{link_is_up, vrrpd_dispatch_checkd, checkd_is_down, link_refill}},
};

void
dispatch_init(struct vrrpd *vrrpd)
{
	vrrpd->ipvsd = link_new(
	    vrrpd->base, ROLE_VRRPD, peers[0].role, &peers[0].handlers, vrrpd);
	vrrpd->checkd = link_new(
	    vrrpd->base, ROLE_VRRPD, peers[1].role, &peers[1].handlers, vrrpd);
}

void
dispatch_link(const struct link_end *end, void *arg)
{
	struct vrrpd *vrrpd = arg;

	link_attach(
	    end->peer == ROLE_IPVSD ? vrrpd->ipvsd : vrrpd->checkd, end);
}

static void
link_is_up(struct link *link, void *arg)
{
	struct vrrpd *vrrpd = arg;

	event_link_up(vrrpd, link);
	/* To ipvsd it is said after ipvsd's PREPARE and COMMIT. */
	if (link == vrrpd->checkd)
		say_generation(vrrpd, link);
}

/* Which of our words were lost is not known; hearing one twice harms nobody. */
static void
link_refill(struct link *link, void *arg)
{
	struct vrrpd *vrrpd = arg;

	say_generation_again(link);
	if (link == vrrpd->ipvsd)
		receiver_refill(vrrpd->receiver);
}

static void
link_is_down(struct vrrpd *vrrpd, struct link *link)
{
	event_link_down(vrrpd, link);
	if (link_asks(link) && vrrpd->rendezvous != NULL)
		rendezvous_again(vrrpd->rendezvous);
}

static void
ipvsd_is_down(struct link *link, void *arg)
{
	struct vrrpd *vrrpd = arg;

	receiver_abort(vrrpd->receiver);
	reload_forget_previous(vrrpd);
	beside_stop_all(vrrpd);
	act_tell_all(vrrpd, FSM_IPVSD_LOST);
	link_is_down(vrrpd, link);
}

static void
checkd_is_down(struct link *link, void *arg)
{
	link_is_down(arg, link);
}

/*
 * A snapshot begins or ends. While instances are not started yet, it misses
 * them: RESYNC asks for another one. A snapshot in the terms of a generation
 * that is still being prepared is ignored.
 */
static int
on_snapshot(struct vrrpd *vrrpd, struct msg *msg)
{
	bool begin = get_bool(&msg->body);

	if (!reader_done(&msg->body))
		return -1;
	vrrpd->resync_due |= !reload_applied(vrrpd);
	if (generation_known(vrrpd, msg->generation))
		act_tell_all(
		    vrrpd, begin ? FSM_SNAPSHOT_BEGIN : FSM_SNAPSHOT_END);
	return 0;
}

/* An event for the instance that has this id in that generation. */
static void
tell(struct vrrpd *vrrpd, uint64_t generation, uint32_t id,
    struct fsm_event *event)
{
	struct instance *instance = generation_instance(vrrpd, generation, id);

	if (instance == NULL) {
		link_count_unknown(vrrpd->ipvsd);
		return;
	}
	/* LEASE_LEAVING has two causes, and this one is known here. */
	if (event->lease_reason == LEASE_LEAVING &&
	    reload_takes_away(vrrpd, instance))
		event->text = RELOAD_TAKES_AWAY;
	if (instance->started)
		act_event(instance, event);
	else
		vrrpd->resync_due = true;
}

/* HELD, FAILED, ENDED or MAY_PREEMPT. */
static int
on_lease(struct vrrpd *vrrpd, struct msg *msg, struct fsm_event *event)
{
	uint32_t id = get_u32(&msg->body);
	uint8_t reason = LEASE_NONE;

	if (msg->type != MSG_FAILED && msg->type != MSG_MAY_PREEMPT &&
	    (event->term = get_u64(&msg->body)) == 0)
		return -1;
	if (msg->type == MSG_HELD)
		event->end = get_u64(&msg->body);
	else if (msg->type != MSG_MAY_PREEMPT)
		reason = get_u8(&msg->body);
	if (!reader_done(&msg->body) ||
	    !lease_reason_hear(link_level(vrrpd->ipvsd), &reason))
		return -1;
	event->lease_reason = reason;
	tell(vrrpd, msg->generation, id, event);
	return 0;
}

static int
on_listen(struct vrrpd *vrrpd, struct msg *msg)
{
	uint32_t id = get_u32(&msg->body);
	struct instance *instance;

	if (!reader_done(&msg->body))
		return -1;
	instance = generation_instance(vrrpd, msg->generation, id);
	if (instance == NULL)
		link_count_unknown(vrrpd->ipvsd);
	else
		beside_listen(instance);
	return 0;
}

/* What a former process of ours has said of an instance. One of a newer version
 * may have had a state that is unknown here, which tells nothing. */
static int
on_state(struct vrrpd *vrrpd, struct msg *msg)
{
	struct fsm_event event = {.type = FSM_FORMER};
	uint32_t id = get_u32(&msg->body);
	uint8_t state = get_u8(&msg->body);
	struct instance *instance;

	event.time = get_u64(&msg->body);
	if (!reader_done(&msg->body))
		return -1;
	instance = generation_instance(vrrpd, msg->generation, id);
	if (instance == NULL) {
		link_count_unknown(vrrpd->ipvsd);
	} else if (instance->started && state < FSM_STATE_MAX) {
		event.state = state;
		act_event(instance, &event);
	}
	return 0;
}

/* One of RENEWED or RENEWED_MANY. */
static bool
on_renewed(const struct msg *msg, const struct renewal *renewal, void *arg)
{
	struct fsm_event event = {
	    .type = FSM_RENEWED,
	    .term = renewal->term,
	    .end = renewal->time,
	};

	if (renewal->term == 0)
		return false;
	tell(arg, msg->generation, renewal->instance, &event);
	return true;
}

/* vrrpd keeps nothing that a digest could be compared with. */
static int
on_digest(struct msg *msg)
{
	(void)get_u32(&msg->body);
	(void)get_u64(&msg->body);
	return reader_done(&msg->body) ? 0 : -1;
}

static int
vrrpd_dispatch_ipvsd(
    struct link *link, struct msg *msg, const char **why, void *arg)
{
	struct vrrpd *vrrpd = arg;
	struct fsm_event event = {0};

	switch (msg->type) {
	case MSG_PREPARE:
	case MSG_COMMIT:
	case MSG_ABORT:
		return reload_message(vrrpd, msg, why);
	case MSG_COMMITTED:
		if (vrrpd->current != NULL &&
		    msg->generation == vrrpd->current->id)
			reload_forget_previous(vrrpd);
		return 0;
	case MSG_SNAPSHOT:
		return on_snapshot(vrrpd, msg);
	case MSG_DIGEST:
		return on_digest(msg);
	case MSG_RESYNC:
		say_snapshot(link);
		return 0;
	case MSG_STATE:
		return on_state(vrrpd, msg);
	case MSG_HELD:
		event.type = FSM_HELD;
		return on_lease(vrrpd, msg, &event);
	case MSG_RENEWED:
	case MSG_RENEWED_MANY:
		return renewals_read(msg, on_renewed, vrrpd);
	case MSG_FAILED:
		event.type = FSM_FAILED;
		return on_lease(vrrpd, msg, &event);
	case MSG_ENDED:
		event.type = FSM_ENDED;
		return on_lease(vrrpd, msg, &event);
	case MSG_MAY_PREEMPT:
		event.type = FSM_MAY_PREEMPT;
		return on_lease(vrrpd, msg, &event);
	case MSG_LISTEN:
		return on_listen(vrrpd, msg);
	default:
		*why = "not for vrrpd";
		return -1;
	}
}

/* No instance can track a check yet, so verdicts are checked and dropped. */
static int
on_verdicts(struct link *link, struct msg *msg)
{
	uint16_t count = get_u16(&msg->body);
	uint8_t reason;
	bool sane = true;

	for (uint16_t i = 0; i < count && !msg->body.error; i++) {
		(void)get_u32(&msg->body);
		sane &= get_u8(&msg->body) < HEALTH_MAX;
		reason = get_u8(&msg->body);
		sane &= reason_hear(link_level(link), &reason);
		(void)get_u32(&msg->body);
		(void)get_u32(&msg->body);
	}
	return sane && reader_done(&msg->body) ? 0 : -1;
}

static int
vrrpd_dispatch_checkd(
    struct link *link, struct msg *msg, const char **why, void *arg)
{
	(void)arg;
	switch (msg->type) {
	case MSG_VERDICTS:
		return on_verdicts(link, msg);
	case MSG_SNAPSHOT:
		(void)get_bool(&msg->body);
		return reader_done(&msg->body) ? 0 : -1;
	case MSG_DIGEST:
		return on_digest(msg);
	case MSG_RESYNC:
		say_snapshot(link);
		return 0;
	case MSG_COMMITTED:
		return 0;
	default:
		*why = "not for vrrpd";
		return -1;
	}
}
