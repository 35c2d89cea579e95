/* SPDX-License-Identifier: ISC */
/*
 * Whom checkd talks to, and about what:
 *
 *	ipvsd	hears	READY, REJECT: what we think of a configuration
 *		says	PREPARE, COMMIT, ABORT: configurations; FORMER,
 *			SINCE
 *	both	hear	VERDICTS, and a DIGEST of them (tell.c)
 *		say	RESYNC: please tell all verdicts again
 *		either way COMMITTED and SNAPSHOT
 *
 * A generation is prepared in slices (reload.h). Until COMMIT nothing of it
 *counts.
 */
#include <stdlib.h>

#include "clock.h"
#include "dispatch.h"
#include "generation/receiver.h"
#include "grow.h"
#include "link/link.h"
#include "link/rendezvous.h"
#include "log_change.h"
#include "process/closer.h"
#include "reload.h"
#include "tell.h"

/* How long a generation is prepared in a turn of the loop. */
#define STEP_NS (300 * NS_PER_US)

static int checkd_dispatch_ipvsd(
    struct link *, struct msg *, const char **, void *);
static int checkd_dispatch_vrrpd(
    struct link *, struct msg *, const char **, void *);
static void on_up(struct link *, void *);
static void on_down(struct link *, void *);
static void on_refill(struct link *, void *);

static const struct whom {
	enum role role;
	struct link_handlers handlers;
} whom[PEER_MAX] = {
    [PEER_IPVSD] = {ROLE_IPVSD,
	{on_up, checkd_dispatch_ipvsd, on_down, on_refill}},
    [PEER_VRRPD] = {ROLE_VRRPD,
	{on_up, checkd_dispatch_vrrpd, on_down, on_refill}},
};

static int
forget_message(struct link *link, struct msg *msg, const char **why, void *arg)
{
	(void)link;
	(void)why;
	(void)arg;
	/* checkd needs no state of its peers. Still, the message must be
	 * well-made. */
	switch (msg->type) {
	case MSG_SNAPSHOT:
		get_bool(&msg->body);
		break;
	case MSG_DIGEST:
		get_u32(&msg->body);
		get_u64(&msg->body);
		break;
	default:
		break;
	}
	return reader_done(&msg->body) ? 0 : -1;
}

/* --- generations --- */

static void
former_forget(struct checkd *checkd)
{
	free(checkd->former);
	free(checkd->former_since);
	checkd->former = NULL;
	checkd->former_since = NULL;
}

static bool
begin(void *arg, struct conf *conf)
{
	former_forget(arg);
	return reload_begin(arg, conf);
}

static int
judge(void *arg, uint64_t deadline)
{
	return reload_judge(arg, deadline);
}

static void
commit(void *arg, enum receiver_commit how)
{
	struct checkd *checkd = arg;

	if (how != COMMIT_SAME) {
		reload_commit(checkd);
		tell_commit(checkd);
		timer_soon(&checkd->step);
	} else if (checkd->former != NULL) {
		reload_former(checkd);
	}
	former_forget(checkd);
	for (int i = 0; i < PEER_MAX; i++) {
		/* COMMITTED answers COMMIT, also of the generation in force. */
		link_set_generation(
		    checkd->peers[i].link, checkd->conf->generation);
		tell_all(&checkd->peers[i]);
	}
}

static void
drop(void *arg)
{
	reload_drop(arg);
	former_forget(arg);
}

static void
on_step(void *arg)
{
	struct checkd *checkd = arg;
	uint64_t deadline = clock_monotonic() + STEP_NS;

	if (reload_step(checkd, deadline) ||
	    receiver_step(checkd->receiver, deadline))
		timer_soon(&checkd->step);
}

static int
on_generation(struct checkd *checkd, struct msg *msg, const char **why)
{
	timer_soon(&checkd->step);
	return receiver_message(checkd->receiver, msg, why);
}

/* The ids of the probes that FORMER and SINCE of a generation may be about: of
 * what is prepared or, when that is nothing, in force. 0: of none. */
static uint32_t
former_ids(const struct checkd *checkd, uint64_t generation)
{
	const struct conf *next = checkd->reload.next;
	const struct conf *conf = next != NULL ? next : checkd->conf;

	return conf != NULL && conf->generation == generation &&
		conf->probe_count > 0 ?
	    conf->probes[conf->probe_count - 1].id + 1 :
	    0;
}

/*
 * What the servers of the generation's probes were, between READY and COMMIT.
 * The generation may be the one in force.
 */
static int
on_former(struct checkd *checkd, struct msg *msg)
{
	uint32_t probe = get_u32(&msg->body);
	uint32_t ids = former_ids(checkd, msg->generation);
	uint8_t health;

	if (ids > 0 && checkd->former == NULL)
		checkd->former = xcalloc(ids, 1);
	for (; !reader_done(&msg->body); probe++) {
		health = get_u8(&msg->body);
		if (msg->body.error || health >= HEALTH_MAX)
			return -1;
		if (probe < ids)
			checkd->former[probe] = health;
	}
	return 0;
}

/* Since when they were that. */
static int
on_since(struct checkd *checkd, struct msg *msg)
{
	uint32_t probe = get_u32(&msg->body), seconds;
	uint32_t ids = former_ids(checkd, msg->generation);
	uint64_t now = clock_monotonic();

	if (ids > 0 && checkd->former_since == NULL)
		checkd->former_since = xcalloc(
		    ids, sizeof(*checkd->former_since));
	for (; !reader_done(&msg->body); probe++) {
		seconds = get_u32(&msg->body);
		if (msg->body.error)
			return -1;
		if (probe < ids && seconds < now / NS_PER_SEC)
			checkd->former_since[probe] = now -
			    seconds * NS_PER_SEC;
	}
	return 0;
}

static int
on_resync(struct peer *peer, struct msg *msg)
{
	if (!reader_done(&msg->body))
		return -1;
	tell_all(peer);
	return 0;
}

static int
checkd_dispatch_ipvsd(
    struct link *link, struct msg *msg, const char **why, void *arg)
{
	struct peer *peer = arg;

	switch (msg->type) {
	case MSG_PREPARE:
	case MSG_COMMIT:
	case MSG_ABORT:
		return on_generation(peer->checkd, msg, why);
	case MSG_FORMER:
		return on_former(peer->checkd, msg);
	case MSG_SINCE:
		return on_since(peer->checkd, msg);
	case MSG_RESYNC:
		return on_resync(peer, msg);
	default:
		return forget_message(link, msg, why, arg);
	}
}

static int
checkd_dispatch_vrrpd(
    struct link *link, struct msg *msg, const char **why, void *arg)
{
	if (msg->type == MSG_RESYNC)
		return on_resync(arg, msg);
	return forget_message(link, msg, why, arg);
}

/* --- links --- */

static void
on_up(struct link *link, void *arg)
{
	const char *peer = role_name(link_peer(link));

	log_change(link_key(link), "link %s: up", peer);
	tell_all(arg);
}

static void
on_down(struct link *link, void *arg)
{
	struct peer *peer = arg;

	/* The next ipvsd prepares its configuration again. */
	if (peer->id == PEER_IPVSD)
		receiver_abort(peer->checkd->receiver);
	if (link_asks(link) && peer->checkd->rendezvous != NULL)
		rendezvous_again(peer->checkd->rendezvous);
}

/* The link has lost messages of ours, which ones is not known. So checkd says
 * all again: to hear one twice harms nobody. */
static void
on_refill(struct link *link, void *arg)
{
	struct peer *peer = arg;
	struct checkd *checkd = peer->checkd;

	if (checkd->conf != NULL)
		link_set_generation(link, checkd->conf->generation);
	tell_all(peer);
	if (peer->id == PEER_IPVSD)
		receiver_refill(checkd->receiver);
}

void
dispatch_init(struct checkd *checkd)
{
	static const struct receiver_handlers handlers = {
	    begin, judge, commit, drop};

	timer_init(&checkd->step, checkd->base, on_step, checkd);
	for (int i = 0; i < PEER_MAX; i++) {
		struct peer *peer = &checkd->peers[i];

		peer->checkd = checkd;
		peer->id = (enum peer_id)i;
		peer->link = link_new(checkd->base, ROLE_CHECKD, whom[i].role,
		    &whom[i].handlers, peer);
	}
	checkd->receiver = receiver_new(
	    checkd->peers[PEER_IPVSD].link, ROLE_CHECKD, &handlers, checkd);
}

void
dispatch_attach(struct checkd *checkd, const struct link_end *end)
{
	for (int i = 0; i < PEER_MAX; i++) {
		if (whom[i].role == end->peer) {
			link_attach(checkd->peers[i].link, end);
			return;
		}
	}
	closer_socket(end->fd);
}

void
dispatch_free(struct checkd *checkd)
{
	receiver_free(checkd->receiver);
	timer_stop(&checkd->step);
	for (int i = 0; i < PEER_MAX; i++)
		link_free(checkd->peers[i].link);
}
