/* SPDX-License-Identifier: ISC */
/*
 * A lease: how long the kernel may hold an instance's addresses without
 * another renewal by vrrpd. Pure arithmetic: no clock, no I/O. Times are
 * CLOCK_MONOTONIC ns. The caller runs the timer, talks to vrrpd and to the
 * kernel.
 */
#ifndef IPVSD_LEASE_LEASE_H
#define IPVSD_LEASE_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "link/lease_reason.h"

struct lease {
	uint64_t interval;     /* ns, as configured */
	uint64_t term;	       /* 0: no term is open */
	uint64_t time;	       /* of the renewal that gave end; 0: none did */
	uint64_t end;	       /* of the open term */
	uint64_t last_acquire; /* the last one that was not refused */
	bool any_acquire;      /* there was one */
};

/* A lease without a term; interval in ns, not 0. */
void lease_init(struct lease *, uint64_t interval);
/* Changes the interval (reload). An open term keeps its end until the next
 * renewal. */
void lease_set_interval(struct lease *, uint64_t interval);

/*
 * The end of a term that is renewed at `time`: min(time, now) + 3 intervals,
 * less a tenth of an interval or 1 ms, whichever is more. Never less than
 * min(time, now).
 */
uint64_t lease_end(uint64_t time, uint64_t now, uint64_t interval);

/*
 * vrrpd asks for a term. LEASE_NONE: the caller may open one. LEASE_RATE: the
 * last acquire was less than an interval ago. While a term runs the result is
 * LEASE_NONE too: the caller answers with HELD and that term.
 */
enum lease_reason lease_acquire(struct lease *, uint64_t now);
/* A term begins now; everything is in the kernel. term is not 0. */
void lease_open(struct lease *, uint64_t term, uint64_t now);
/* Goes on with a term of a former ipvsd. end is the one that was saved, and may
 * have passed. term is not 0. */
void lease_resume(struct lease *, uint64_t term, uint64_t end, uint64_t now);
/*
 * vrrpd renews a term by an advert that it sent at `time`.
 * LEASE_NONE: lease->end is the new end. It may have passed, if the renewal was
 * read late. A time before the last renewal's changes nothing.
 * LEASE_EXPIRED: the advert was sent after the end, when peers may have taken
 * over already.
 * LEASE_UNKNOWN: it is not the open term.
 */
enum lease_reason lease_renew(
    struct lease *, uint64_t term, uint64_t time, uint64_t now);
/* Whether a term is open and its end has passed. Who renews or acquires need
 * not ask: it is here so that the tests can. */
bool lease_over(const struct lease *, uint64_t now);
/* No term is open from now on. */
void lease_close(struct lease *);

#endif
