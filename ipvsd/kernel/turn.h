/* SPDX-License-Identifier: ISC */
/*
 * The ground that all parts of the kernel half stand on: the generation in
 * force, the owner's handlers, the counters, and the turns on the loop. It
 * calls no other part.
 */
#ifndef IPVSD_KERNEL_TURN_H
#define IPVSD_KERNEL_TURN_H

#include "clock.h"
#include "desired/desired.h"
#include "kernel/kernel_handlers.h"
#include "kernel/kernel_stats.h"
#include "log.h"
#include "process/timer.h"

/* What one turn may take before it asks for another, ns. */
#define TURN_SLICE (2 * NS_PER_MS)

struct turn_handlers {
	/* Does one thing, the most urgent. False: there is nothing to do. */
	bool (*step)(void *arg);
	/* Compares everything again; all: the table at once, as something was
	 * refused. */
	void (*resync)(bool all, void *arg);
};

struct kernel_turn {
	/* set by kernel.c, read by all */
	const struct desired_input *input; /* NULL: no generation yet */
	const struct kernel_handlers *handlers;
	void *arg; /* of the handlers */

	/* each part counts what it does */
	struct kernel_stats stats;

	/* turn.c's own */
	const struct turn_handlers *own;
	void *own_arg;
	struct timer work;
	struct timer resync;
	bool retrying; /* the resync comes sooner: something was refused */
	struct log_limit limit;
};

/* arg is of the turn's own handlers, which outlive it. */
void turn_init(struct kernel_turn *, struct event_base *,
    const struct turn_handlers *, void *arg);
/* Stops its timers. */
void turn_clear(struct kernel_turn *);

/* Asks for another turn. */
void turn_schedule(struct kernel_turn *);
/*
 * Whether a turn that has done so many small things has lasted long enough.
 * It looks at the clock seldom: that may be a slow device (hpet). *start is 0
 * at first.
 */
bool turn_slice_over(uint64_t *start, uint32_t done);

/* Compares everything again after so many ms (0: never) ... */
void turn_resync(struct kernel_turn *, uint64_t after);
/* ... or in a second: something was refused. */
void turn_retry(struct kernel_turn *);

/* Counts a refusal, keeps it for `kernel', and logs it, but not for ever. */
void turn_refused(struct kernel_turn *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* kernel_save() would now write something else. */
void turn_save_changed(struct kernel_turn *);

#endif
