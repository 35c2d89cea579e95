/* SPDX-License-Identifier: ISC */
/* ipvsd's own state, and what its files offer each other. */
#ifndef IPVSD_IPVSD_H
#define IPVSD_IPVSD_H

#include <event2/event.h>

#include "ctl/ctl.h"
#include "kernel/kernel.h"
#include "link/link.h"
#include "load/load.h"
#include "log_change.h"

struct broker;
struct generation;
struct health_table;
struct instance;
struct override_table;
struct parse;
struct reload;
struct running;
struct slow_start;

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
	struct running *running; /* NULL: nothing is in force yet */
	struct event *flush;	 /* instances.c: saves and tells terms */
	struct event *look;	 /* may_preempt.c: at verdicts */
	bool terms_changed;	 /* they are to be saved */
	bool resync;		 /* vrrpd asks for all of them */
	struct event *snapshot;	 /* the next slice of what vrrpd hears */
	uint64_t snapshot_epoch; /* of the link that it is for */
	uint32_t snapshot_at;	 /* the next instance */
	uint64_t drained;	 /* by then vrrpd was heard out, ns */
	struct event *save;	 /* main.c: saves the kernel half */
	uint64_t started;	 /* monotonic ns */
	bool ready;		 /* the first table is in the kernel */
	bool leaving;
	int status; /* to exit with */
};

/* ---- dispatch.c ---- */
void dispatch_init(struct ipvsd *);
/* The peer now is in our generation: COMMITTED and our whole state. */
void dispatch_snapshot(struct ipvsd *, struct link *);

/* ---- health.c: what checkd says, and what is taken of it ---- */
struct verdict {
	uint8_t told;	  /* enum health, checkd's last word */
	uint8_t reason;	  /* enum reason */
	bool ever;	  /* told at all in this generation */
	bool late;	  /* told, and not taken yet: its interval */
	uint32_t latency; /* us */
	uint32_t detail;  /* HTTP status or errno */
	uint64_t since;	  /* what is taken was; 0: never */
	uint64_t epoch;	  /* of the link it was told on */
};
struct health_table *health_new(struct ipvsd *);
void health_free(struct health_table *);
void health_tell(struct ipvsd *, uint32_t probe, const struct verdict *);
/* Nothing of it, since this link came up, was confirmed. */
bool health_stale(const struct ipvsd *, uint32_t probe);
/* checkd begins its snapshot: what it told before does not count. */
void health_forget_told(struct ipvsd *);
/* Whether a DIGEST is of what we have heard since. */
bool health_agrees(const struct ipvsd *, uint32_t count, uint64_t digest);
/* A generation came into force: map is from the old ids to the new. */
void health_moved(struct ipvsd *, const uint32_t *map, uint32_t count);
/* Verdicts that an earlier run of the same generation took. */
void health_restore(struct ipvsd *);
void health_save_now(struct ipvsd *);
/*
 * Saved for this generation too from now on, until it is in force: whoever
 * comes after a crash finds what belongs to the generation that was kept.
 * NULL: it will not be.
 */
void health_follow(struct ipvsd *, const struct running *next);

/* ---- slow_start.c: servers that come back ---- */
struct slow_start *slow_start_new(struct ipvsd *);
void slow_start_free(struct slow_start *);
/* A service is about to be computed: who of its servers comes back? */
void slow_start_look(uint32_t service, void *ipvsd);
/* Looks for servers that next, which is not in force yet, adds to services;
 * true while there is more to do. */
bool slow_start_step(struct running *next, uint32_t objects);
/* What old knows of its servers goes into next. */
void slow_start_move(struct running *next, const struct running *old);
/* The generation in force is another now. */
void slow_start_moved(struct ipvsd *);

/* ---- control.c ---- */
void control_init(struct ipvsd *);
/* To every `monitor`, and a line of the log (log_change.h), by object and
 * name. text may be NULL. */
void control_event(struct ipvsd *, const char *object, const char *name,
    const char *from, const char *to, const char *text);
/* The same where there may be several of that name: key tells them apart. */
void control_change(struct ipvsd *, const char *key, const char *object,
    const char *name, const char *from, const char *to, const char *text);
/* "daemon: running since ..." for the service manager. */
void control_status(struct ipvsd *);

/* ---- control_services.c ---- */
enum ctl_next control_services(struct ctl_conn *, void *arg);

/* ---- control_change.c ---- */
enum ctl_next control_drain(struct ctl_conn *, void *arg);
enum ctl_next control_enable(struct ctl_conn *, void *arg);

/* ---- main.c ---- */
/* Ends the loop; status is the process's. */
void ipvsd_exit(struct ipvsd *, int status);

#endif
