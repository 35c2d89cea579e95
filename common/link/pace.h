/* SPDX-License-Identifier: ISC */
/*
 * How often a sibling may say what is well-made. One that was taken over could
 * otherwise hold a daemon with its processor for ever, vrrpd in real time. A
 * kind of message has a limit that no honest sibling reaches: a burst, which
 * also covers all that waits in a link after either end was stopped, and a
 * rate behind it.
 */
#ifndef COMMON_LINK_PACE_H
#define COMMON_LINK_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/msg_table.h"

/* Of PACE_FEW: reloads one behind the other are some tens a second. The burst
 * is the largest queue of a link. */
#define PACE_FEW_BURST	4096
#define PACE_FEW_RATE	200
/* Of PACE_MANY, without what the objects add. */
#define PACE_MANY_BURST 8192
#define PACE_MANY_RATE	4096
/* A packet about many objects counts once more for each so many bytes. */
#define PACE_BYTES	256

/* What the receiver's configuration adds to PACE_MANY. */
struct pace_objects {
	uint32_t count;
	uint64_t per_second; /* how often they may change, all in all */
};

/*
 * Counts a message with a body of len bytes at a time (monotonic ns), *until is
 * 0 before the first one of this pace. False: it comes too often.
 */
bool pace_keeps(uint64_t *until, enum msg_pace, const struct pace_objects *,
    size_t len, uint64_t now);

#endif
