/* SPDX-License-Identifier: ISC */
/*
 * A lease: how long the kernel may hold an instance's addresses without
 * another renewal by vrrpd. Pure arithmetic: no clock,
 * no I/O. Times are CLOCK_MONOTONIC ns. The caller runs the timer, talks to
 * vrrpd and to the kernel.
 */
#ifndef IPVSD_LEASE_LEASE_H
#define IPVSD_LEASE_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "link/lease_reason.h"

struct lease {
	uint64_t interval;     /* ns, as configured */
	uint64_t term;	       /* 0: no term is open */
	uint64_t time;	       /* of the renewal that gave end */
	uint64_t end;	       /* of the open term */
	uint64_t last_acquire; /* last acquire that was let through */
	bool any_acquire;
};

/* A lease without a term; interval in ns, not 0. */
void lease_init(struct lease *, uint64_t interval);
/* A changed interval (reload): what is open ends as promised already. */
void lease_set_interval(struct lease *, uint64_t interval);

/*
 * min(time, now) + 3 intervals, less a tenth of an interval or 1 ms,
 * whichever is more; never less than min(time, now).
 */
uint64_t lease_end(uint64_t time, uint64_t now, uint64_t interval);

/*
 * May this acquire go on? LEASE_NONE, or LEASE_RATE when the last one was
 * less than an interval ago. An acquire while a term runs is no new one:
 * answer it with HELD and the term (this says LEASE_NONE then).
 */
enum lease_reason lease_acquire(struct lease *, uint64_t now);
/* Everything is in the kernel: the term begins. term is not 0. */
void lease_open(struct lease *, uint64_t term, uint64_t now);
/* Takes a term of an earlier ipvsd up again, with the end that was saved;
 * that may have passed. term is not 0. */
void lease_resume(struct lease *, uint64_t term, uint64_t end, uint64_t now);
/*
 * A renewal. LEASE_NONE: taken, lease->end is the new end, which may have
 * passed as well when it was read late. LEASE_EXPIRED: its advert was sent
 * after the end, when peers may have taken over. LEASE_UNKNOWN: not the open
 * term. A time older than the last one changes nothing and is taken.
 */
enum lease_reason lease_renew(
    struct lease *, uint64_t term, uint64_t time, uint64_t now);
/* A term is open and has ended by now; close it with lease_close(). */
bool lease_over(const struct lease *, uint64_t now);
void lease_close(struct lease *);

#endif
