/* SPDX-License-Identifier: ISC */
/*
 * What a check type is: one file behind this vtable. A type knows a run and
 * its configuration, nothing of schedules, verdicts and links.
 */
#ifndef CHECKD_CHECK_H
#define CHECKD_CHECK_H

#include <event2/event.h>

#include "conf/conf.h"
#include "link/health.h"

struct probe;

/* A probe that is open. Made and reused by probe.c, zeroed before start. */
struct check_run {
	struct event_base *base;
	/*
	 * The end: the run is the type's no more. detail: errno or HTTP status.
	 */
	void (*done)(struct check_run *, enum reason, uint32_t detail);
	const struct conf_probe *conf; /* may change at a reload, to an
					  equal one */
	struct probe *probe;	       /* probe.c's */
	struct check_run *next;	       /* probe.c's */
	bool connected; /* the type says so: what time-outs mean */
	/* Likewise: for how long a limit of ours has kept it from reading, and
	 * since when it does now, 0: it does not; ns. */
	uint64_t held;
	uint64_t held_since;
	int fd;	     /* the type's, -1 at first */
	void *state; /* the type's */
};

struct check_type {
	enum conf_check_type type;
	/* Why this cannot be probed (constant text), NULL: it can. */
	const char *(*refuse)(const struct conf_probe *);
	/*
	 * Begins; calls run->done() exactly once, possibly at once, unless the
	 * run is cancelled before.
	 */
	void (*start)(struct check_run *);
	/* Stops and forgets an open run: too late, or no longer asked for. */
	void (*cancel)(struct check_run *);
};

#endif
