/* SPDX-License-Identifier: ISC */
/* The state of the process. Each part belongs to the file of its name. */
#ifndef IPVSD_RUNNING_IPVSD_H
#define IPVSD_RUNNING_IPVSD_H

#include "ctl/ctl.h"
#include "kernel/kernel.h"
#include "link/link.h"
#include "link/renewals.h"
#include "log.h"
#include "process/timer.h"

struct broker;
struct health_table;
struct override_table;
struct parse;
struct peers;
struct reload;
struct running;
struct slow_start;

/* The state of lease/leave.c. */
struct leave {
	struct timer poll;    /* leave(): looks whether all terms are over */
	struct timer restart; /* leave_as_it_is(): likewise, short leases */
	bool restarting;      /* leave_as_it_is() was called */
	uint64_t deadline;    /* of the hand-over, then of the release, ns */
	bool vrrpd_awaited;   /* terms are adopted, and vrrpd has yet to find
				 us before it can hand them over */
	bool terms_ended;     /* instances_end() was called */
};

/* The file of the terms, of lease/terms.c. */
struct terms {
	bool changed; /* a term began or ended: it is to be written anew */
	int fd;	      /* to overwrite what it has, -1: none */
	char *text;   /* what it has, or is to have */
	size_t from;  /* what of the text it has not yet: from here */
	size_t to;    /* until here; 0: nothing */
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
	uint64_t loaded;	 /* the file was read, wall clock, ms */
	struct timer flush;	 /* instances.c: saves and tells terms */
	struct terms terms;
	struct renewals renewed;    /* say.c: RENEWED that are not said yet */
	bool announce_due;	    /* HELD may have to be said */
	bool resync_due;	    /* vrrpd has asked for all terms */
	struct timer save_states;   /* states.c: pending: not saved yet */
	struct timer preempt_timer; /* may_preempt.c */
	struct timer snapshot;	    /* snapshot.c: sends the next slice */
	uint64_t snapshot_epoch;    /* the link that the slices are for */
	uint32_t snapshot_at;	    /* the next instance to tell */
	uint64_t strays; /* leftovers.c: a digest of those that were told */
	/* When the link to vrrpd was last read to its end, monotonic ns. */
	uint64_t vrrpd_drained_at;
	/* Bounds the lines that say that checkd's DIGEST differs from ours. */
	struct log_limit digest_limit;
	struct timer look; /* gone.c: for the rendezvous */
	bool gone;	   /* gone.c: it was removed */
	struct timer save; /* main.c: saves the kernel half's state */
	uint64_t started;  /* monotonic ns */
	bool ready;	   /* the first table is in the kernel */
	bool leaving;	   /* leave() was called */
	struct leave leave;
	int status; /* to exit with */
};

#endif
