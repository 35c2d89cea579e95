/* SPDX-License-Identifier: ISC */
/*
 * Whom ipvsd talks to, and about what:
 *
 *	vrrpd	says ACQUIRE, RENEW, RENEWALS, RELEASE, RETURNED, STATE,
 *		BESIDE, RESYNC; hears HELD, RENEWED, RENEWED_MANY, FAILED,
 *		ENDED, MAY_PREEMPT, LISTEN and STATE (lease/say.c)
 *	checkd	says VERDICTS and a DIGEST of them; hears RESYNC,
 *		FORMER and SINCE (running/)
 *	both	hear PREPARE, COMMIT, ABORT (reload/peers.c) and say READY,
 *		REJECT; say and hear COMMITTED and SNAPSHOT (lease/snapshot.c)
 *		say HELLO and hear LINK at the rendezvous (broker.c)
 *	parser	hears PARSE; says REPORT, PARSED, CONF (reload/parse.c)
 *	vipctl	asks at ipvsd.ctl (control.c)
 *
 * An id is read by the generation that the sender is in. A message about an
 * unknown id is counted and dropped. A message whose form is broken is a lie:
 * the handler returns -1, and link.c shuts the link.
 */
#include "dispatch.h"

#include "clock.h"
#include "lease/instance.h"
#include "lease/leftovers.h"
#include "lease/may_preempt.h"
#include "lease/snapshot.h"
#include "lease/states.h"
#include "lease/terms.h"
#include "log.h"
#include "reload/peers.h"
#include "running/event.h"
#include "running/health.h"
#include "running/running.h"

#define REJECT_TEXT 512
#define LOG_BURST   3 /* differences with checkd logged in LOG_WINDOW */
#define LOG_WINDOW  (10 * NS_PER_SEC)

/* ---- from both ---- */

static int
take_reject(struct ipvsd *ipvsd, struct link *link, struct msg *msg)
{
	char object[REJECT_TEXT], reason[REJECT_TEXT];

	get_string(&msg->body, object, sizeof(object));
	get_string(&msg->body, reason, sizeof(reason));
	if (!reader_done(&msg->body))
		return -1;
	peers_reject(ipvsd->peers, link, msg->generation, object, reason);
	return 0;
}

/* The messages that both may send. */
static int
dispatch_any(struct ipvsd *ipvsd, struct link *link, struct msg *msg)
{
	switch (msg->type) {
	case MSG_READY:
		peers_ready(ipvsd->peers, link, msg->generation);
		return 0;
	case MSG_REJECT:
		return take_reject(ipvsd, link, msg);
	case MSG_COMMITTED:
		return 0; /* link.c has noted the generation */
	case MSG_RESYNC:
		if (link == ipvsd->vrrpd)
			terms_resync(ipvsd);
		else if (ipvsd->running != NULL &&
		    link_generation_out(link) == ipvsd->running->generation->id)
			snapshot_tell(ipvsd, link);
		return 0;
	default:
		return -1;
	}
}

/* ---- from vrrpd ---- */

static int
take_lease_message(struct ipvsd *ipvsd, struct link *link, struct msg *msg)
{
	struct instance *instance;
	uint32_t id = get_u32(&msg->body);
	uint64_t term = 0;

	if (msg->type == MSG_RELEASE)
		term = get_u64(&msg->body);
	if (!reader_done(&msg->body))
		return -1;
	instance = running_instance(ipvsd->running, msg->generation, id);
	if (instance == NULL) {
		link_count_unknown(link);
		return 0;
	}
	if (msg->type == MSG_ACQUIRE)
		instance_acquire(instance);
	else if (msg->type == MSG_RETURNED)
		may_preempt_anew(instance);
	else
		instance_release(instance, term);
	return 0;
}

/* One of RENEW or RENEWALS. */
static bool
take_renewal(const struct msg *msg, const struct renewal *renewal, void *arg)
{
	struct ipvsd *ipvsd = arg;
	struct instance *instance = running_instance(
	    ipvsd->running, msg->generation, renewal->instance);

	if (instance == NULL)
		link_count_unknown(ipvsd->vrrpd);
	else
		instance_renew(instance, renewal->term, renewal->time);
	return true;
}

static int
take_state(struct ipvsd *ipvsd, struct link *link, struct msg *msg)
{
	struct instance *instance;
	uint32_t id = get_u32(&msg->body);
	uint8_t state = get_u8(&msg->body);
	uint64_t since = get_u64(&msg->body);

	if (!reader_done(&msg->body) || since == 0)
		return -1;
	instance = running_instance(ipvsd->running, msg->generation, id);
	if (instance == NULL)
		link_count_unknown(link);
	else if (since <= clock_monotonic())
		states_note(instance, state, since);
	return 0;
}

static int
take_beside(struct ipvsd *ipvsd, struct link *link, struct msg *msg)
{
	struct instance *instance;
	uint32_t id = get_u32(&msg->body);
	bool beside = get_bool(&msg->body);

	if (!reader_done(&msg->body))
		return -1;
	instance = running_instance(ipvsd->running, msg->generation, id);
	if (instance == NULL)
		link_count_unknown(link);
	else
		leftovers_judged(instance, beside);
	return 0;
}

static int
ipvsd_dispatch_vrrpd(
    struct link *link, struct msg *msg, const char **why, void *arg)
{
	struct ipvsd *ipvsd = arg;

	(void)why;
	switch (msg->type) {
	case MSG_RENEW:
	case MSG_RENEWALS:
		return renewals_read(msg, take_renewal, ipvsd);
	case MSG_ACQUIRE:
	case MSG_RELEASE:
	case MSG_RETURNED:
		return take_lease_message(ipvsd, link, msg);
	case MSG_STATE:
		return take_state(ipvsd, link, msg);
	case MSG_BESIDE:
		return take_beside(ipvsd, link, msg);
	case MSG_SNAPSHOT:
		/* vrrpd's snapshot is empty: it renews its terms one by one. */
		get_bool(&msg->body);
		return reader_done(&msg->body) ? 0 : -1;
	case MSG_DIGEST:
		return 0; /* ignored: HELD and RENEWED confirm each lease */
	default:
		return dispatch_any(ipvsd, link, msg);
	}
}

/* ---- from checkd ---- */

static int
take_verdicts(struct ipvsd *ipvsd, struct link *link, struct msg *msg)
{
	uint16_t count = get_u16(&msg->body);
	struct verdict verdict = {.epoch = link_stats(link)->epoch};
	uint32_t probe;

	for (uint16_t i = 0; i < count; i++) {
		probe = get_u32(&msg->body);
		verdict.health = get_u8(&msg->body);
		verdict.reason = get_u8(&msg->body);
		verdict.latency = get_u32(&msg->body);
		verdict.detail = get_u32(&msg->body);
		if (msg->body.error || verdict.health >= HEALTH_MAX ||
		    !reason_hear(link_level(link), &verdict.reason))
			return -1;
		probe = running_probe(ipvsd->running, msg->generation, probe);
		if (probe == CARRY_NONE)
			link_count_unknown(link);
		else
			health_receive(ipvsd, probe, &verdict);
	}
	return reader_done(&msg->body) ? 0 : -1;
}

static int
take_digest(struct ipvsd *ipvsd, struct link *link, struct msg *msg)
{
	uint32_t count = get_u32(&msg->body), suppressed;
	uint64_t digest = get_u64(&msg->body);
	char more[LOG_MORE_SIZE];

	if (!reader_done(&msg->body))
		return -1;
	if (ipvsd->running == NULL ||
	    msg->generation != ipvsd->running->generation->id ||
	    health_agrees(ipvsd, count, digest))
		return 0;
	if (log_limit(&ipvsd->digest_limit, clock_monotonic(), LOG_BURST,
		LOG_WINDOW, &suppressed))
		log_info("checkd: its verdicts and what we have heard differ%s",
		    log_more(suppressed, more));
	link_compose_generation(link, MSG_RESYNC, msg->generation);
	link_send(link, 0, -1);
	return 0;
}

static int
ipvsd_dispatch_checkd(
    struct link *link, struct msg *msg, const char **why, void *arg)
{
	struct ipvsd *ipvsd = arg;
	bool begins;

	(void)why;
	switch (msg->type) {
	case MSG_VERDICTS:
		return take_verdicts(ipvsd, link, msg);
	case MSG_SNAPSHOT:
		begins = get_bool(&msg->body);
		if (!reader_done(&msg->body))
			return -1;
		if (begins && ipvsd->running != NULL)
			health_forget_reports(ipvsd);
		return 0;
	case MSG_DIGEST:
		return take_digest(ipvsd, link, msg);
	default:
		return dispatch_any(ipvsd, link, msg);
	}
}

/* ---- links ---- */

static void
link_is_up(struct link *link, void *arg)
{
	struct ipvsd *ipvsd = arg;

	event_tell(
	    ipvsd, "link", role_name(link_peer(link)), "down", "up", NULL);
	peers_joined(ipvsd->peers, link);
	event_status(ipvsd);
}

static void
link_is_down(struct link *link, void *arg)
{
	struct ipvsd *ipvsd = arg;

	event_tell(ipvsd, "link", role_name(link_peer(link)), "up",
	    link_state_name(link_state(link)), NULL);
	peers_left(ipvsd->peers, link);
	event_status(ipvsd);
}

static void
link_refill(struct link *link, void *arg)
{
	struct ipvsd *ipvsd = arg;

	peers_refill(ipvsd->peers, link);
}

void
dispatch_init(struct ipvsd *ipvsd)
{
	static const struct link_handlers vrrpd = {
	    .up = link_is_up,
	    .message = ipvsd_dispatch_vrrpd,
	    .down = link_is_down,
	    .refill = link_refill,
	};
	static const struct link_handlers checkd = {
	    .up = link_is_up,
	    .message = ipvsd_dispatch_checkd,
	    .down = link_is_down,
	    .refill = link_refill,
	};

	ipvsd->vrrpd = link_new(
	    ipvsd->base, ROLE_IPVSD, ROLE_VRRPD, &vrrpd, ipvsd);
	ipvsd->checkd = link_new(
	    ipvsd->base, ROLE_IPVSD, ROLE_CHECKD, &checkd, ipvsd);
}
