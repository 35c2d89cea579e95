/* SPDX-License-Identifier: ISC */
/*
 * The arithmetic of slow start: a server that comes back begins with a tenth of
 * its weight, at least 1, and gets the rest in RAMP_STEPS equal steps. Pure.
 */
#ifndef IPVSD_DESIRED_RAMP_H
#define IPVSD_DESIRED_RAMP_H

#include <stdbool.h>
#include <stdint.h>

#define RAMP_STEPS 10

/* Whether a director that is master gives a server new connections. */
enum eligible {
	ELIGIBLE_NO,
	ELIGIBLE_UNKNOWN, /* no, because a check has no verdict yet */
	ELIGIBLE_YES
};

/* What a server was when it was last looked at: ELIGIBLE_NO, _YES. */
enum last_seen { LAST_SEEN_NEVER, LAST_SEEN_OUT, LAST_SEEN_IN };

/* The ramp of one server. All zero: the server was never looked at. */
struct ramp {
	uint64_t since;	   /* when it came back, monotonic ns; 0: no ramp */
	uint8_t last_seen; /* enum last_seen */
	bool in_list;	   /* slow_start.c has it in its list */
};

/*
 * Looks at a server. True: it was out and is in, so the caller begins a ramp. A
 * server that is in when it is first looked at does not come back.
 * ELIGIBLE_UNKNOWN changes nothing. ELIGIBLE_NO ends the ramp.
 */
bool ramp_see(struct ramp *, enum eligible);

/* The weight at `now` of a server whose ramp lasts `duration` ns. Before
 * ramp->since it is the first step's. */
uint32_t ramp_weight(
    const struct ramp *, uint32_t weight, uint64_t duration, uint64_t now);
/* When its weight may change next, monotonic ns; UINT64_MAX: never, the ramp is
 * over or there is none. */
uint64_t ramp_next(const struct ramp *, uint64_t duration, uint64_t now);

#endif
