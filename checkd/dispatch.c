/* SPDX-License-Identifier: ISC */
/*
 * Whom checkd talks to, and about what:
 *
 *	ipvsd	hears	READY, REJECT: what we think of a configuration
 *		says	PREPARE, COMMIT, ABORT: configurations
 *	both	hear	VERDICTS, and a DIGEST of them (tell.c)
 *		say	RESYNC: please tell all verdicts again
 *		either way COMMITTED and SNAPSHOT
 *
 * A generation is decoded in slices. Until COMMIT nothing of it counts.
 */
#include "conf/codec.h"
#include "dispatch.h"
#include "event.h"
#include "link/link.h"
#include "link/rendezvous.h"
#include "log_change.h"
#include "probe.h"
#include "process/closer.h"
#include "tell.h"

#define STEP_OBJECTS 256 /* decoded in a turn of the loop */

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

/* --- preparing a generation --- */

static void
prepare_forget(struct checkd *checkd)
{
	struct prepare *prepare = &checkd->prepare;

	event_del(prepare->step);
	conf_decoder_free(prepare->decoder);
	conf_free(prepare->conf);
	*prepare = (struct prepare){.step = prepare->step};
}

static void
answer_ready(struct checkd *checkd)
{
	struct link *link = checkd->peers[PEER_IPVSD].link;

	link_compose_generation(link, MSG_READY, checkd->prepare.generation);
	link_send(link, 0, -1);
}

static void
answer_reject(struct checkd *checkd, const char *object, const char *reason)
{
	uint64_t generation = checkd->prepare.generation;
	struct link *link = checkd->peers[PEER_IPVSD].link;
	struct writer *writer = link_compose_generation(
	    link, MSG_REJECT, generation);

	log_change_warnx("rejected", "generation %016llx: %s: %s",
	    (unsigned long long)generation, object, reason);
	put_string(writer, object);
	put_string(writer, reason);
	link_send(link, 0, -1);
	checkd->counters.rejected++;
	prepare_forget(checkd);
	checkd->prepare.rejected = generation;
}

static void
commit(struct checkd *checkd)
{
	struct prepare *prepare = &checkd->prepare;

	if (!prepare->same) {
		probes_commit(checkd, prepare->conf);
		prepare->conf = NULL;
		tell_commit(checkd);
	}
	prepare_forget(checkd);
	for (int i = 0; i < PEER_MAX; i++) {
		/* COMMITTED answers COMMIT, also of the generation in force. */
		link_set_generation(
		    checkd->peers[i].link, checkd->conf->generation);
		tell_all(&checkd->peers[i]);
	}
}

static void
decoded(struct checkd *checkd)
{
	struct prepare *prepare = &checkd->prepare;
	char object[EVENT_PROBE_NAME_LEN + sizeof("check ")];
	const char *reason;

	prepare->conf = conf_decoder_take(prepare->decoder);
	conf_decoder_free(prepare->decoder);
	prepare->decoder = NULL;
	if (prepare->conf == NULL) {
		answer_reject(checkd, "configuration", "not decoded");
	} else if (prepare->conf->generation != prepare->generation) {
		answer_reject(checkd, "configuration",
		    "its generation is not the one announced");
	} else if (!probes_accept(
		       prepare->conf, object, sizeof(object), &reason)) {
		answer_reject(checkd, object, reason);
	} else {
		answer_ready(checkd);
		if (prepare->commit)
			commit(checkd);
	}
}

static void
on_step(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval at_once = {0, 0};
	struct checkd *checkd = arg;
	const char *why = "not a configuration";

	(void)fd;
	(void)what;
	switch (
	    conf_decoder_step(checkd->prepare.decoder, STEP_OBJECTS, &why)) {
	case 1:
		event_add(checkd->prepare.step, &at_once);
		break;
	case 0:
		decoded(checkd);
		break;
	default:
		answer_reject(checkd, "configuration", why);
	}
}

static int
on_prepare(struct checkd *checkd, struct msg *msg)
{
	struct prepare *prepare = &checkd->prepare;
	const char *why = "not a configuration";

	/* The size that is told is not used: the decoder checks the memfd's. */
	get_u32(&msg->body);
	if (!reader_done(&msg->body))
		return -1;
	prepare_forget(checkd);
	prepare->generation = msg->generation;
	if (checkd->conf != NULL &&
	    checkd->conf->generation == msg->generation) {
		prepare->same = true;
		answer_ready(checkd);
		return 0;
	}
	prepare->decoder = conf_decoder_new(msg->fd, ROLE_CHECKD, &why);
	if (prepare->decoder == NULL)
		answer_reject(checkd, "configuration", why);
	else
		event_active(prepare->step, EV_TIMEOUT, 1);
	return 0;
}

/*
 * Whether an honest ipvsd may send COMMIT of a generation that is not prepared.
 * It may when that generation is in force: nothing changes. It also may when we
 * rejected the last PREPARE of it: ipvsd may have taken our READY to an earlier
 * PREPARE of the same generation for the answer to the last one.
 */
static bool
commit_unprepared(struct checkd *checkd, uint64_t generation)
{
	if (checkd->prepare.rejected == generation) {
		link_count_unknown(checkd->peers[PEER_IPVSD].link);
		return true;
	}
	return checkd->conf != NULL && checkd->conf->generation == generation;
}

static int
on_commit(struct checkd *checkd, struct msg *msg, const char **why)
{
	struct prepare *prepare = &checkd->prepare;

	if (!reader_done(&msg->body))
		return -1;
	if (prepare->generation != msg->generation) {
		*why = "it is neither prepared nor in force";
		return commit_unprepared(checkd, msg->generation) ? 0 : -1;
	}
	if (prepare->decoder != NULL)
		prepare->commit = true;
	else
		commit(checkd);
	return 0;
}

static int
on_abort(struct checkd *checkd, struct msg *msg)
{
	if (!reader_done(&msg->body))
		return -1;
	if (checkd->prepare.generation == msg->generation)
		prepare_forget(checkd);
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
		return on_prepare(peer->checkd, msg);
	case MSG_COMMIT:
		return on_commit(peer->checkd, msg, why);
	case MSG_ABORT:
		return on_abort(peer->checkd, msg);
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
		prepare_forget(peer->checkd);
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
	if (peer->id == PEER_IPVSD && checkd->prepare.generation != 0 &&
	    checkd->prepare.decoder == NULL)
		answer_ready(checkd);
}

void
dispatch_init(struct checkd *checkd)
{
	checkd->prepare.step = evtimer_new(checkd->base, on_step, checkd);
	if (checkd->prepare.step == NULL)
		fatalx("links: no event");
	for (int i = 0; i < PEER_MAX; i++) {
		struct peer *peer = &checkd->peers[i];

		peer->checkd = checkd;
		peer->id = (enum peer_id)i;
		peer->link = link_new(checkd->base, ROLE_CHECKD, whom[i].role,
		    &whom[i].handlers, peer);
	}
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
	prepare_forget(checkd);
	event_free(checkd->prepare.step);
	for (int i = 0; i < PEER_MAX; i++)
		link_free(checkd->peers[i].link);
}
