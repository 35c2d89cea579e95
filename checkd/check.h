/* SPDX-License-Identifier: ISC */
/*
 * What a check type is: a file check_NAME.c behind this vtable. A type knows a
 * run and its configuration, nothing of schedules, verdicts and links.
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
	 * The type calls it when the check has ended, and does not touch the
	 * run after that. detail: errno or HTTP status.
	 */
	void (*done)(struct check_run *, enum reason, uint32_t detail);
	const struct conf_probe *conf; /* a reload may replace it by
					  an equal one */
	struct probe *probe;	       /* probe.c's */
	struct check_run *next;	       /* probe.c's */
	/* The type sets it. It tells which kind of time-out a time-out is. */
	bool connected;
	int fd;	     /* the type's; -1 at first */
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
	/* Stops and forgets an open run. run->done() is not called. */
	void (*cancel)(struct check_run *);
};

#endif
