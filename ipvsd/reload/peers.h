/* SPDX-License-Identifier: ISC */
/*
 * Gives generations to the peers, vrrpd and checkd. A peer is asked by PREPARE
 * for one of two reasons. In a reload its answer is a vote. A peer whose link
 * is new has to come into the generation in force, and nobody waits for its
 * answer.
 */
#ifndef IPVSD_RELOAD_PEERS_H
#define IPVSD_RELOAD_PEERS_H

#include "running/generation.h"
#include "running/ipvsd.h"

struct peers;

struct peers_handlers {
	/*
	 * A peer has voted. why: NULL when it is READY, or gone after that;
	 * else why it refuses. object says what it refuses; NULL when it is
	 * gone and has not said.
	 */
	void (*answered)(struct ipvsd *, const char *who, const char *object,
	    const char *why);
};

/* Fatal without memory. dispatch_init() must have made the links. */
struct peers *peers_new(struct ipvsd *, const struct peers_handlers *);
void peers_free(struct peers *);
/* The peer's link came up: asks it for the generation in force. */
void peers_joined(struct peers *, struct link *);
/* The peer's link went down: it votes no more. If it was asked and has not
 * answered, that is a refusal. */
void peers_left(struct peers *, struct link *);
/* The peer's link has lost messages (link.h): says again what is missing. */
void peers_refill(struct peers *, struct link *);
/*
 * At a first start the table comes first, because what the peers do with their
 * configuration would compete with it. From peers_hold() to peers_release() no
 * peer that joins is asked. After a second the release comes by itself.
 */
void peers_hold(struct peers *);
void peers_release(struct peers *);
/* Asks every peer that is up to vote. The generation must live until the vote
 * is over. */
void peers_prepare(struct peers *, const struct generation *);
/* Whether a peer has not voted yet; *who is its name. */
bool peers_wait(const struct peers *, const char **who);
/* All voted READY, and the generation is in force: COMMITs it. A peer that came
 * meanwhile is asked for it. */
void peers_commit(struct peers *, const struct generation *);
/* The reload failed: ABORTs it at the peers that were asked to vote. */
void peers_abort(struct peers *, const struct generation *);
/* READY and REJECT of a peer; generation is that of the header. */
void peers_ready(struct peers *, struct link *, uint64_t generation);
void peers_reject(struct peers *, struct link *, uint64_t generation,
    const char *object, const char *reason);

#endif
