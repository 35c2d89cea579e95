/* SPDX-License-Identifier: ISC */
/* The parts of the process; each belongs to the file of its name. */
#ifndef IPVSD_RUNNING_IPVSD_H
#define IPVSD_RUNNING_IPVSD_H

#include <event2/event.h>

#include "ctl/ctl.h"
#include "kernel/kernel.h"
#include "link/link.h"
#include "log.h"

struct broker;
struct generation;
struct health_table;
struct instance;
struct override_table;
struct parse;
struct peers;
struct reload;
struct running;
struct slow_start;

/* The way out; leave.c. */
struct leave {
	struct event *poll;
	struct event *restart;
	uint64_t deadline; /* of the hand-over, then of the release */
	bool awaited;	   /* vrrpd, whose terms we have only adopted yet */
	bool ended;
};

struct ipvsd {
	struct event_base *base;
	const char *dir; /* run-time directory */
	const char *file;
	const char *node; /* NULL: the host's own */
	struct broker *broker;
	struct parse *parse;
	struct link *vrrpd;
	struct link *checkd;
	struct kernel *kernel;
	struct ctl_server *ctl;
	struct override_table *overrides;
	struct health_table *health;
	struct slow_start *slow_start;
	struct reload *reload;
	struct peers *peers;
	struct running *running; /* NULL: nothing is in force yet */
	struct event *flush;	 /* instances.c: saves and tells terms */
	int terms_fd;		 /* the file of the terms, -1: none */
	struct event *look;	 /* may_preempt.c: at verdicts */
	bool terms_changed;	 /* they are to be saved */
	bool resync;		 /* vrrpd asks for all of them */
	struct event *snapshot;	 /* the next slice of what vrrpd hears */
	uint64_t snapshot_epoch; /* of the link that it is for */
	uint32_t snapshot_at;	 /* the next instance */
	uint64_t drained;	 /* by then vrrpd was heard out, ns */
	struct log_limit differ; /* lines that checkd's digest differs */
	struct event *save;	 /* main.c: saves the kernel half */
	uint64_t started;	 /* monotonic ns */
	bool ready;		 /* the first table is in the kernel */
	bool leaving;
	struct leave leave;
	int status; /* to exit with */
};

#endif
