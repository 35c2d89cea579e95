/* SPDX-License-Identifier: ISC */
/*
 * Whom vrrpd talks to, and about what:
 *
 *	ipvsd	hears	READY, REJECT: what we think of a configuration
 *			ACQUIRE, RENEW, RELEASE: terms of instances
 *			COMMITTED and an empty SNAPSHOT: terms are its own
 *			RESYNC: please tell all terms again
 *		says	PREPARE, COMMIT, ABORT: configurations
 *			HELD, RENEWED, FAILED, ENDED: the same terms
 *			MAY_PREEMPT: verdicts and services are in
 *			COMMITTED, SNAPSHOT, DIGEST, RESYNC
 *	checkd	hears	COMMITTED and an empty SNAPSHOT
 *		says	VERDICTS: probes; no instance can track one yet
 *			COMMITTED, SNAPSHOT, DIGEST, RESYNC
 */
#include "link/health.h"
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
dispatch_link(enum role peer, int fd, uint64_t epoch, pid_t pid, void *arg)
{
	struct vrrpd *vrrpd = arg;

	if (peer == ROLE_IPVSD)
		link_attach(vrrpd->ipvsd, fd, epoch, pid);
	else
		link_attach(vrrpd->checkd, fd, epoch, pid);
}

/* --- what we say --- */

/* Terms are ipvsd's own, so there is nothing in it. */
static void
snapshot(struct link *link)
{
	link_send_snapshot(link, true);
	link_send_snapshot(link, false);
}

/* To a peer that does not know it yet. */
static void
announce_generation(struct vrrpd *vrrpd, struct link *link)
{
	struct table *table = vrrpd->tables.current;

	if (table == NULL || link_state(link) != LINK_UP ||
	    link_generation_out(link) == table->generation)
		return;
	link_set_generation(link, table->generation);
	snapshot(link);
}

void
dispatch_committed(struct vrrpd *vrrpd)
{
	announce_generation(vrrpd, vrrpd->ipvsd);
	announce_generation(vrrpd, vrrpd->checkd);
}

void
dispatch_ready(struct vrrpd *vrrpd, uint64_t generation)
{
	link_compose_generation(vrrpd->ipvsd, MSG_READY, generation);
	link_send(vrrpd->ipvsd, 0, -1);
}

void
dispatch_reject(struct vrrpd *vrrpd, uint64_t generation, const char *object,
    const char *reason)
{
	struct writer *writer;

	writer = link_compose_generation(vrrpd->ipvsd, MSG_REJECT, generation);
	put_string(writer, object);
	put_string(writer, reason);
	link_send(vrrpd->ipvsd, 0, -1);
}

void
dispatch_resync(struct vrrpd *vrrpd)
{
	if (link_generation_out(vrrpd->ipvsd) == 0)
		return;
	link_compose(vrrpd->ipvsd, MSG_RESYNC);
	link_send(vrrpd->ipvsd, 0, -1);
}

/* NULL while ipvsd would not know what we mean. */
static struct writer *
about(struct instance *instance, enum msg_type type)
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
dispatch_acquire(struct instance *instance)
{
	if (about(instance, MSG_ACQUIRE) != NULL)
		link_send(instance->vrrpd->ipvsd, 0, -1);
}

void
dispatch_returned(struct instance *instance)
{
	if (about(instance, MSG_RETURNED) != NULL)
		link_send(instance->vrrpd->ipvsd, 0, -1);
}

void
dispatch_renew(struct instance *instance, uint64_t term, uint64_t time)
{
	struct writer *writer = about(instance, MSG_RENEW);

	if (writer == NULL)
		return;
	put_u64(writer, term);
	put_u64(writer, time);
	/* A newer renewal replaces one that still waits. */
	link_send(instance->vrrpd->ipvsd, (uint64_t)instance->id + 1, -1);
}

void
dispatch_release(struct instance *instance, uint64_t term)
{
	struct writer *writer = about(instance, MSG_RELEASE);

	if (writer == NULL)
		return;
	put_u64(writer, term);
	link_send(instance->vrrpd->ipvsd, 0, -1);
}

/* --- what we hear --- */

static void
link_is_up(struct link *link, void *arg)
{
	struct vrrpd *vrrpd = arg;
	const char *peer = role_name(link_peer(link));

	log_change(link_key(link), "link %s: up", peer);
	control_event(vrrpd, "link", peer, "down", "up", "");
	/* ipvsd is told after its PREPARE and COMMIT. */
	if (link == vrrpd->checkd)
		announce_generation(vrrpd, link);
}

/* Which of our words were lost is not known; hearing one twice harms nobody. */
static void
link_refill(struct link *link, void *arg)
{
	struct vrrpd *vrrpd = arg;

	if (link_generation_out(link) != 0) {
		link_set_generation(link, link_generation_out(link));
		snapshot(link);
	}
	if (link == vrrpd->ipvsd && vrrpd->tables.prepared)
		dispatch_ready(vrrpd, vrrpd->tables.preparing);
}

static void
link_is_down(struct vrrpd *vrrpd, struct link *link)
{
	control_event(vrrpd, "link", role_name(link_peer(link)), "up",
	    link_state_name(link_state(link)), "");
	if (link_asks(link) && vrrpd->rendezvous != NULL)
		rendezvous_again(vrrpd->rendezvous);
}

static void
ipvsd_is_down(struct link *link, void *arg)
{
	struct vrrpd *vrrpd = arg;

	table_abort(vrrpd);
	table_forget_previous(vrrpd);
	instance_tell_all(vrrpd, FSM_IPVSD_LOST);
	link_is_down(vrrpd, link);
}

static void
checkd_is_down(struct link *link, void *arg)
{
	link_is_down(arg, link);
}

static int
on_prepare(struct vrrpd *vrrpd, struct msg *msg, const char **why)
{
	uint32_t size = get_u32(&msg->body);

	if (!reader_done(&msg->body) || size > CONF_SIZE_MAX) {
		*why = "impossible size";
		return -1;
	}
	table_prepare(vrrpd, msg->generation, msg->fd);
	return 0;
}

static int
on_commit(struct vrrpd *vrrpd, struct msg *msg, const char **why)
{
	if (table_commit(vrrpd, msg->generation))
		return 0;
	*why = "it is neither prepared nor in force";
	return -1;
}

/* The begin or end of a snapshot; those of a generation that is still being
 * prepared do not count, a RESYNC brings them again. */
static int
on_snapshot(struct vrrpd *vrrpd, struct msg *msg)
{
	bool begin = get_bool(&msg->body);

	if (!reader_done(&msg->body))
		return -1;
	vrrpd->tables.resync |= !table_applied(vrrpd);
	if (table_knows(vrrpd, msg->generation))
		instance_tell_all(
		    vrrpd, begin ? FSM_SNAPSHOT_BEGIN : FSM_SNAPSHOT_END);
	return 0;
}

static int
on_lease(struct vrrpd *vrrpd, struct msg *msg, struct fsm_event *event)
{
	uint32_t id = get_u32(&msg->body);
	struct instance *instance;

	if (msg->type != MSG_FAILED && msg->type != MSG_MAY_PREEMPT &&
	    (event->term = get_u64(&msg->body)) == 0)
		return -1;
	if (msg->type == MSG_HELD || msg->type == MSG_RENEWED)
		event->end = get_u64(&msg->body);
	else if (msg->type != MSG_MAY_PREEMPT)
		event->lease_reason = get_u8(&msg->body);
	if (!reader_done(&msg->body) || event->lease_reason >= LEASE_REASON_MAX)
		return -1;
	instance = table_instance(vrrpd, msg->generation, id);
	if (instance == NULL) {
		link_count_unknown(vrrpd->ipvsd);
		return 0;
	}
	if (instance->started)
		instance_event(instance, event);
	else
		vrrpd->tables.resync = true;
	return 0;
}

static int
on_digest(struct msg *msg)
{
	(void)get_u32(&msg->body);
	(void)get_u64(&msg->body);
	return reader_done(&msg->body) ? 0 : -1;
}

static int
on_resync(struct link *link)
{
	if (link_generation_out(link) != 0)
		snapshot(link);
	return 0;
}

static int
vrrpd_dispatch_ipvsd(
    struct link *link, struct msg *msg, const char **why, void *arg)
{
	struct vrrpd *vrrpd = arg;
	struct fsm_event event = {0};

	switch (msg->type) {
	case MSG_PREPARE:
		return on_prepare(vrrpd, msg, why);
	case MSG_COMMIT:
		return on_commit(vrrpd, msg, why);
	case MSG_ABORT:
		table_abort(vrrpd);
		return 0;
	case MSG_COMMITTED:
		if (vrrpd->tables.current != NULL &&
		    msg->generation == vrrpd->tables.current->generation)
			table_forget_previous(vrrpd);
		return 0;
	case MSG_SNAPSHOT:
		return on_snapshot(vrrpd, msg);
	case MSG_DIGEST:
		return on_digest(msg);
	case MSG_RESYNC:
		return on_resync(link);
	case MSG_HELD:
		event.type = FSM_HELD;
		return on_lease(vrrpd, msg, &event);
	case MSG_RENEWED:
		event.type = FSM_RENEWED;
		return on_lease(vrrpd, msg, &event);
	case MSG_FAILED:
		event.type = FSM_FAILED;
		return on_lease(vrrpd, msg, &event);
	case MSG_ENDED:
		event.type = FSM_ENDED;
		return on_lease(vrrpd, msg, &event);
	case MSG_MAY_PREEMPT:
		event.type = FSM_MAY_PREEMPT;
		return on_lease(vrrpd, msg, &event);
	default:
		*why = "not for vrrpd";
		return -1;
	}
}

/* Nothing can be tracked yet, so verdicts are checked and let go. */
static int
on_verdicts(struct msg *msg)
{
	uint16_t count = get_u16(&msg->body);
	bool sane = true;

	for (uint16_t i = 0; i < count && !msg->body.error; i++) {
		(void)get_u32(&msg->body);
		sane &= get_u8(&msg->body) < HEALTH_MAX;
		sane &= get_u8(&msg->body) < REASON_MAX;
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
		return on_verdicts(msg);
	case MSG_SNAPSHOT:
		(void)get_bool(&msg->body);
		return reader_done(&msg->body) ? 0 : -1;
	case MSG_DIGEST:
		return on_digest(msg);
	case MSG_RESYNC:
		return on_resync(link);
	case MSG_COMMITTED:
		return 0;
	default:
		*why = "not for vrrpd";
		return -1;
	}
}
