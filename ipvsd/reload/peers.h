/* SPDX-License-Identifier: ISC */
/*
 * Whom a generation is given to. A peer is asked by PREPARE, either for a
 * reload, then its answer counts, or because its link is new and it has to
 * come into the generation in force, then nobody waits for it.
 */
#ifndef IPVSD_RELOAD_PEERS_H
#define IPVSD_RELOAD_PEERS_H

#include "running/generation.h"
#include "running/ipvsd.h"

struct peers;

struct peers_handlers {
	/*
	 * The answer of a peer that was asked for a reload. why: NULL when it
	 * is READY, or gone and not waited for any more; else it refuses.
	 */
	void (*answered)(struct ipvsd *, const char *who, const char *object,
	    const char *why);
};

/* Fatal without memory. The links are there (dispatch.h). */
struct peers *peers_new(struct ipvsd *, const struct peers_handlers *);
void peers_free(struct peers *);
/* A link came up: the committed generation for it; or it went down. */
void peers_joined(struct peers *, struct link *);
void peers_left(struct peers *, struct link *);
/* Its link has lost some of what it was told (link.h). */
void peers_refill(struct peers *, struct link *);
/*
 * At a first start the table comes first: what the siblings do with their
 * configuration would compete with it. Nobody is asked until the release,
 * which comes by itself after a second.
 */
void peers_hold(struct peers *);
void peers_release(struct peers *);
/* Asks every daemon that is up. */
void peers_prepare(struct peers *, const struct generation *);
/* Whether one has not answered yet; its name in *who. */
bool peers_wait(const struct peers *, const char **who);
/* To those who were asked. After a COMMIT ours must be in force. */
void peers_commit(struct peers *, const struct generation *);
void peers_abort(struct peers *, const struct generation *);
/* What a peer says. */
void peers_ready(struct peers *, struct link *, uint64_t generation);
void peers_reject(struct peers *, struct link *, uint64_t generation,
    const char *object, const char *reason);

#endif
