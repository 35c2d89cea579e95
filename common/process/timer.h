/* SPDX-License-Identifier: ISC */
/*
 * A timer of the event loop. It is a part of its owner: to make one cannot
 * fail, and nothing has to be freed. The owner stops it before its memory goes,
 * and does not move once it is initialised. Times are monotonic ns (clock.h),
 * rounded up to microseconds; one that has passed is the next turn of the loop.
 * To set a timer is fatal without memory.
 */
#ifndef COMMON_PROCESS_TIMER_H
#define COMMON_PROCESS_TIMER_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>

#define TIMER_NEVER UINT64_MAX

/* Its members are timer.c's. */
struct timer {
	struct event event;
	void (*fn)(void *arg);
	void *arg;
	uint64_t at; /* while it is pending */
};

/*
 * Once, before all else. fn is called by the loop each time the timer is due,
 * and then the timer is not pending any more: fn may set it again, or free its
 * owner.
 */
void timer_init(
    struct timer *, struct event_base *, void (*fn)(void *arg), void *arg);

/* Sets it to a time, whatever it was set to. TIMER_NEVER stops it. To set it to
 * the same time again changes nothing. */
void timer_at(struct timer *, uint64_t at);
/* The same with a time from now, ns. More than 30 years are 30 years. */
void timer_after(struct timer *, uint64_t ns);
/* Sets it to a time unless it is due earlier. */
void timer_by(struct timer *, uint64_t at);
/* Sets it to the next turn of the loop, which looks at the descriptors first.
 */
void timer_soon(struct timer *);
/* Sets it to the end of this turn of the loop, when all else that is due is
 * done. */
void timer_end_of_turn(struct timer *);

/* From now on it is not due, also if it was in this turn of the loop. */
void timer_stop(struct timer *);
/* Whether it is set, or is due in this turn of the loop. */
bool timer_pending(const struct timer *);

#endif
