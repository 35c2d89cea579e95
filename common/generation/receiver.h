/* SPDX-License-Identifier: ISC */
/*
 * The receiving side of generations: what vrrpd and checkd do with ipvsd's
 * PREPARE, COMMIT and ABORT. A configuration is decoded and looked at in
 * slices, READY or REJECT is the answer, and COMMIT puts it in force, also one
 * that came before READY. The receiver owns the protocol; what a configuration
 * means is the daemon's, by handlers. It has no event: the daemon calls
 * receiver_step() as long as there is more to do.
 */
#ifndef COMMON_GENERATION_RECEIVER_H
#define COMMON_GENERATION_RECEIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "role.h"

struct conf;
struct link;
struct msg;
struct receiver;

enum receiver_commit {
	COMMIT_NEXT,  /* what begin() took comes into force */
	COMMIT_EARLY, /* the same, but COMMIT came before READY: what ipvsd has
			 said since in the new generation was dropped */
	COMMIT_SAME,  /* it is in force already, and COMMITTED is said again,
			 as this link may not have heard it */
};

/* What a configuration is to the daemon. */
struct receiver_handlers {
	/* Takes over a configuration that was decoded. False without memory: it
	 * stays the receiver's. */
	bool (*begin)(void *arg, struct conf *);
	/* Looks at what begin() took, until the deadline (monotonic ns). 1:
	 * more is to do, 0: it can be in force, -1: see receiver_refuse(). */
	int (*judge)(void *arg, uint64_t deadline);
	/* The generation is in force from now on. */
	void (*commit)(void *arg, enum receiver_commit);
	/* What begin() took does not come into force. */
	void (*drop)(void *arg);
};

/*
 * A receiver of this daemon's rows, from the link to ipvsd. The link and the
 * handlers outlive it. Fatal without memory.
 */
struct receiver *receiver_new(
    struct link *, enum role, const struct receiver_handlers *, void *arg);
void receiver_free(struct receiver *);

/*
 * PREPARE, COMMIT or ABORT. -1 and *why: an honest ipvsd does not say so. After
 * it there may be something to do, see receiver_step().
 */
int receiver_message(struct receiver *, struct msg *, const char **why);
/* Goes on until the deadline (monotonic ns); whether more is to do. */
bool receiver_step(struct receiver *, uint64_t deadline);
/* Why judge() refuses: the object's name and the reason, which are copied and
 * cut where they are too long. Gives -1. */
int receiver_refuse(struct receiver *, const char *object, const char *reason);
/* Forgets what is being prepared, as ABORT does: ipvsd is gone. */
void receiver_abort(struct receiver *);
/* The link has lost packets: says the answer again if it was one of them. */
void receiver_refill(struct receiver *);
/* How many generations were refused. */
uint64_t receiver_rejects(const struct receiver *);

#endif
