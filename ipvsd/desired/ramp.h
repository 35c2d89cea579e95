/* SPDX-License-Identifier: ISC */
/*
 * Slow start: a server that comes back begins with a tenth of its weight,
 * at least 1, and gets the rest in equal steps. Pure: which servers come
 * back, and what they weigh when.
 */
#ifndef IPVSD_DESIRED_RAMP_H
#define IPVSD_DESIRED_RAMP_H

#include <stdbool.h>
#include <stdint.h>

#define RAMP_STEPS 10

/* Whether a director that is master sends a server new connections. */
enum eligible {
	ELIGIBLE_NO,
	ELIGIBLE_UNKNOWN, /* out, but only for want of a first verdict */
	ELIGIBLE_YES
};

/* What was seen of a server last. */
enum last_seen { LAST_SEEN_NEVER, LAST_SEEN_OUT, LAST_SEEN_IN };

/* What is known of one server. All zero: nothing yet. */
struct ramp {
	uint64_t since;	   /* when it came back, monotonic ns; 0: no ramp */
	uint8_t last_seen; /* enum last_seen */
	bool in_list;	   /* slow_start.c has it in its list */
};

/*
 * Takes what a server is now; true: it comes back, a ramp is to begin. What
 * is seen for the first time was there, and want of a verdict is no news. A
 * server that is out has no ramp any more.
 */
bool ramp_see(struct ramp *, enum eligible);

/*
 * The weight at `now` of a server whose ramp lasts `duration` ns. A ramp of
 * the future has not begun to grow.
 */
uint32_t ramp_weight(
    const struct ramp *, uint32_t weight, uint64_t duration, uint64_t now);
/* When its weight may change next, UINT64_MAX: it is over, or there is
 * none. */
uint64_t ramp_next(const struct ramp *, uint64_t duration, uint64_t now);

#endif
