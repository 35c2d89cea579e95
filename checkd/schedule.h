/* SPDX-License-Identifier: ISC */
/*
 * When a probe starts and when it has taken too long. Pure: `now` and events
 * come in, actions go out; no clock, no I/O. All times are monotonic
 * nanoseconds.
 *
 * A probe's hash picks the point of its warm-up at which it first starts. From
 * then on it starts on a grid of its interval, which is anchored at time 0. The
 * hash picks the phase of the grid too. So probes do not drift, do not come in
 * a bunch, and do not move when checkd restarts.
 */
#ifndef CHECKD_SCHEDULE_H
#define CHECKD_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "schedule_item.h"

/* A start may come so many ns early, so that one wake-up does for several. */
#define SCHEDULE_SLACK UINT64_C(5000000)

struct schedule;
enum schedule_action {
	SCHEDULE_NOTHING, /* until schedule_next() */
	SCHEDULE_START,	  /* start it; it is open now */
	SCHEDULE_TIMEOUT  /* give it up, then schedule_done() */
};

/* How many probes may be open, in all and to one address; 0 counts as 1. */
struct schedule *schedule_new(uint32_t open_max, uint32_t address_max);
void schedule_free(struct schedule *); /* items are the owner's */

/* The first start comes within warm_up from now. */
void schedule_add(struct schedule *, struct schedule_item *,
    const struct addr *, uint64_t warm_up, uint64_t now);
/* An item that is open counts as ended. */
void schedule_remove(struct schedule *, struct schedule_item *);
/* Changes the interval and the timeout of an item. If it is open, it keeps the
 * time-out that it has. */
void schedule_change(struct schedule *, struct schedule_item *,
    uint64_t interval, uint64_t timeout, uint64_t now);

/* Gives one thing to do; call until SCHEDULE_NOTHING. */
enum schedule_action schedule_pop(
    struct schedule *, uint64_t now, struct schedule_item **);
/* An open probe has ended, whatever its result. */
void schedule_done(struct schedule *, struct schedule_item *, uint64_t now);
/* When there is something to pop. UINT64_MAX: not before schedule_done(). */
uint64_t schedule_next(const struct schedule *);

uint32_t schedule_open(const struct schedule *);

#endif
