/* SPDX-License-Identifier: ISC */
/* What each peer was told, and what it has answered; see peers.h. */
#include "reload/peers.h"

#include <stdlib.h>

#include "clock.h"
#include "lease/snapshot.h"
#include "log.h"
#include "log_change.h"
#include "running/former.h"
#include "running/running.h"
#include "running/since.h"

#define PEERS	 2
/* How long the first table may keep the peers waiting. */
#define HOLD_MAX NS_PER_SEC

struct peer {
	struct link *link;
	uint64_t prepared;  /* generation of the last PREPARE; 0: none, or it
			       has no use any more */
	uint64_t committed; /* generation of the last COMMIT; 0: none */
	bool prepare_lost;  /* the link had no room for the PREPARE */
	bool votes;	    /* the PREPARE is a reload's, which is not over */
	bool ready;	    /* READY answered the PREPARE */
};

struct peers {
	struct ipvsd *ipvsd;
	const struct peers_handlers *handlers;
	struct peer list[PEERS];
	struct timer hold_timer;       /* pending: see peers_hold() */
	const struct generation *next; /* what the peers vote about */
};

static void
hold_over(void *arg)
{
	peers_release(arg);
}

struct peers *
peers_new(struct ipvsd *ipvsd, const struct peers_handlers *handlers)
{
	struct peers *peers = calloc(1, sizeof(*peers));

	if (peers == NULL)
		fatal("peers");
	peers->ipvsd = ipvsd;
	peers->handlers = handlers;
	peers->list[0].link = ipvsd->vrrpd;
	peers->list[1].link = ipvsd->checkd;
	timer_init(&peers->hold_timer, ipvsd->base, hold_over, peers);
	return peers;
}

void
peers_free(struct peers *peers)
{
	if (peers == NULL)
		return;
	timer_stop(&peers->hold_timer);
	free(peers);
}

static struct peer *
find(struct peers *peers, const struct link *link)
{
	return peers->list[0].link == link ? &peers->list[0] : &peers->list[1];
}

static void
prepare(struct peer *peer, const struct generation *generation, bool votes)
{
	enum role role = link_peer(peer->link);
	struct writer *writer;

	peer->ready = false;
	writer = link_compose_generation(
	    peer->link, MSG_PREPARE, generation->id);
	put_u32(writer, generation->size[role]);
	peer->prepare_lost = !link_send(peer->link, 0, generation->fd[role]);
	peer->votes = votes;
	peer->prepared = generation->id;
}

/* COMMITs the generation in force and begins a snapshot. checkd hears before
 * what is in force of its probes. */
static void
commit(struct peers *peers, struct peer *peer)
{
	uint64_t generation = peers->ipvsd->running->generation->id;

	if (peer->link == peers->ipvsd->checkd) {
		former_tell(peers->ipvsd->running, peer->link);
		since_tell(peers->ipvsd->running, peer->link);
	}
	link_compose_generation(peer->link, MSG_COMMIT, generation);
	if (link_send(peer->link, 0, -1))
		peer->committed = generation;
	snapshot_tell(peers->ipvsd, peer->link);
}

static void
answer(struct peers *peers, const struct link *link, const char *object,
    const char *why)
{
	peers->handlers->answered(
	    peers->ipvsd, role_name(link_peer(link)), object, why);
}

static bool
is_held(const struct peers *peers)
{
	return timer_pending(&peers->hold_timer);
}

void
peers_joined(struct peers *peers, struct link *link)
{
	struct peer *peer = find(peers, link);

	peer->prepared = 0;
	peer->committed = 0;
	peer->prepare_lost = false;
	if (peers->ipvsd->running != NULL && !is_held(peers))
		prepare(peer, peers->ipvsd->running->generation, false);
}

/*
 * A PREPARE or a COMMIT is said again only if it was lost: the answer to one
 * that was not may be on its way.
 */
void
peers_refill(struct peers *peers, struct link *link)
{
	struct peer *peer = find(peers, link);
	const struct generation *running;

	if (peers->ipvsd->running == NULL)
		return;
	running = peers->ipvsd->running->generation;
	if (peer->votes && peer->prepare_lost)
		prepare(peer, peers->next, true);
	else if (peer->prepare_lost ||
	    (!peer->votes && peer->ready && peer->committed != running->id))
		prepare(peer, running, false);
	if (peer->committed == running->id)
		snapshot_tell(peers->ipvsd, link);
}

void
peers_hold(struct peers *peers)
{
	timer_after(&peers->hold_timer, HOLD_MAX);
}

void
peers_release(struct peers *peers)
{
	timer_stop(&peers->hold_timer);
	for (size_t i = 0; peers->ipvsd->running != NULL && i < PEERS; i++) {
		if (link_state(peers->list[i].link) == LINK_UP &&
		    peers->list[i].prepared == 0)
			prepare(&peers->list[i],
			    peers->ipvsd->running->generation, false);
	}
}

void
peers_left(struct peers *peers, struct link *link)
{
	struct peer *peer = find(peers, link);

	peer->prepared = 0;
	if (!peer->votes)
		return;
	peer->votes = false;
	/* Without READY the generation may be what ended it. */
	answer(peers, link, NULL,
	    peer->ready ? NULL : "it ended before it answered");
}

void
peers_prepare(struct peers *peers, const struct generation *generation)
{
	peers->next = generation;
	for (size_t i = 0; i < PEERS; i++) {
		if (link_state(peers->list[i].link) == LINK_UP)
			prepare(&peers->list[i], generation, true);
	}
}

bool
peers_wait(const struct peers *peers, const char **who)
{
	const struct peer *peer;

	for (size_t i = 0; i < PEERS; i++) {
		peer = &peers->list[i];
		*who = role_name(link_peer(peer->link));
		if (peer->votes && !peer->ready)
			return true;
	}
	return false;
}

void
peers_commit(struct peers *peers, const struct generation *generation)
{
	struct peer *peer;

	for (size_t i = 0; i < PEERS; i++) {
		peer = &peers->list[i];
		if (link_state(peer->link) != LINK_UP)
			continue;
		if (peer->votes && peer->ready) {
			commit(peers, peer);
			peer->votes = false;
		} else if (!is_held(peers)) {
			/* It came up after the others were asked. */
			prepare(peer, generation, false);
		}
	}
}

void
peers_abort(struct peers *peers, const struct generation *generation)
{
	struct peer *peer;

	for (size_t i = 0; i < PEERS; i++) {
		peer = &peers->list[i];
		if (!peer->votes)
			continue;
		peer->votes = false;
		peer->prepared = 0;
		peer->prepare_lost = false;
		link_compose_generation(peer->link, MSG_ABORT, generation->id);
		link_send(peer->link, 0, -1);
		/* This peer is not in the generation in force yet. */
		if (peers->ipvsd->running != NULL &&
		    peer->committed != peers->ipvsd->running->generation->id)
			prepare(peer, peers->ipvsd->running->generation, false);
	}
}

void
peers_ready(struct peers *peers, struct link *link, uint64_t generation)
{
	struct peer *peer = find(peers, link);

	if (peer->prepared != generation || peer->ready)
		return;
	peer->ready = true;
	if (peer->votes) {
		answer(peers, link, NULL, NULL);
	} else if (peers->ipvsd->running != NULL &&
	    peers->ipvsd->running->generation->id == generation) {
		commit(peers, peer);
	}
}

void
peers_reject(struct peers *peers, struct link *link, uint64_t generation,
    const char *object, const char *reason)
{
	struct peer *peer = find(peers, link);
	const char *who = role_name(link_peer(link));

	/* A READY is final: the generation may be in force by now. */
	if (peer->prepared != generation || peer->ready)
		return;
	peer->prepared = 0;
	if (peer->votes) {
		peer->votes = false;
		answer(peers, link, object, reason);
	} else {
		log_change_warnx(who,
		    "%s refuses the generation in force: %s: %s", who, object,
		    reason);
	}
}
