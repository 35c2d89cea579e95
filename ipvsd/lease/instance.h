/* SPDX-License-Identifier: ISC */
/*
 * An instance of this host and its term: vrrpd asks for it, the kernel half
 * puts it in and takes it out, the lease ends it when vrrpd does not renew.
 */
#ifndef IPVSD_LEASE_INSTANCE_H
#define IPVSD_LEASE_INSTANCE_H

#include "ipvsd.h"
#include "lease/lease.h"

struct running;

#define INSTANCE_STATE_TABLE(X)                                   \
	X(NONE, "none")                                           \
	X(ACQUIRING, "acquiring") /* the kernel half works */     \
	X(HELD, "held")		  /* a term runs */               \
	X(ADOPTED, "held")	  /* of an earlier ipvsd, and not \
				     yet renewed by vrrpd */      \
	X(RELEASING, "releasing") /* the kernel half works */

enum instance_state {
#define X(id, text) INSTANCE_##id,
	INSTANCE_STATE_TABLE(X)
#undef X
	    INSTANCE_STATE_MAX
};
const char *instance_state_name(enum instance_state);

struct instance {
	struct ipvsd *ipvsd;
	const struct conf_instance *conf;
	enum instance_state state;
	enum lease_reason reason; /* why the last term ended or failed */
	struct lease lease;
	uint64_t released;	/* the term that is being released, or 0 */
	uint64_t adopted_until; /* without a renewal, monotonic ns */
	struct event *timer;	/* the end of the term */
	struct event *settle;	/* the former master is told by then */
	bool again;		/* ACQUIRE came while releasing */
	bool announce;		/* HELD is due once the term is saved */
	bool going;		/* the next generation has it no more */
	long saved;		/* where its end stands in the file, or 0 */
	uint64_t since;		/* there, or there again; monotonic ns */
	bool returned;		/* its interface was away before that */
	bool may_preempt;	/* may_preempt.c */
	uint32_t waiting;	/* services without verdicts, until then */
	uint32_t counted;	/* of them, in the count that goes on */
	uint64_t proof;		/* what its slowest check takes to tell that a
				   server is up, ns, in the same way */
	uint64_t proof_counted;
};

struct instance *instance_new(struct ipvsd *, const struct conf_instance *);
void instance_free(struct instance *);
/* The same instance in a new generation. */
void instance_configure(struct instance *, const struct conf_instance *);
/* The end of the open term, 0 without one; monotonic ns. */
uint64_t instance_end(const struct instance *);

/* vrrpd is there and is about to hear of the term: one that was adopted is
 * from now on a lease like others. */
void instance_tell(struct instance *);

/* What vrrpd says. */
void instance_acquire(struct instance *);
void instance_renew(struct instance *, uint64_t term, uint64_t time);
void instance_release(struct instance *, uint64_t term);
/* Takes it out of the kernel, whatever its state. */
void instance_end_now(struct instance *, enum lease_reason);

/* Whether vrrpd is there and in our generation: else the snapshot tells. */
bool instance_heard(const struct ipvsd *);

/* What the kernel half says (kernel.h); arg is ipvsd. */
void instance_held(uint32_t id, enum lease_reason, void *arg);
void instance_released(uint32_t id, void *arg);
void instance_lost(uint32_t id, enum lease_reason, void *arg);
bool instance_renewable(uint32_t id, uint64_t now, void *arg);

/* ---- which may preempt (may_preempt.c) ---- */

void may_preempt_init(struct ipvsd *);
/* Instances came: looks at them from time to time until all may. */
void may_preempt_watch(struct ipvsd *);
/* Its interface was away: once its checks can have told, it may. */
void may_preempt_anew(struct instance *);
/* Tells vrrpd that it may. */
void may_preempt_say(struct instance *, struct link *);

/* ---- all of them (instances.c) ---- */

void instances_init(struct ipvsd *);
/* A term began or ended: to be saved, then told, at the end of this turn
 * of the loop, with all others that did. */
void instances_changed(struct ipvsd *);
/* One that is saved is to be told again; or all of them are: once, however
 * often vrrpd asks in this turn. */
void instances_announce(struct ipvsd *);
void instances_resync(struct ipvsd *);
/* The same now, before ipvsd exits. */
void instances_flush(struct ipvsd *);
/* A term has another end: to be saved at once, in its place. */
void instances_renewed(const struct instance *);
/* HELD for every term that runs, MAY_PREEMPT for each that may, in slices,
 * then the snapshot's end. What changes meanwhile is told in between. */
void instances_snapshot(struct ipvsd *);
/* Terms that an earlier run left: makes their instances masters; then, once
 * the kernel half is configured, takes them over. */
void instances_adopt(struct ipvsd *);
void instances_hold_adopted(struct ipvsd *);
/* Asks vrrpd to hand over every term, or those of instances that are going;
 * gives how long that may take, ms, 0 when no such term is open or vrrpd is
 * not there. */
uint64_t instances_hand_over(struct ipvsd *, bool going);
bool instances_any_open(const struct ipvsd *);
bool instances_any_adopted(const struct ipvsd *);
/* Marks those that `next' does not have; NULL: all stay. */
void instances_mark_going(struct ipvsd *, const struct running *next);
bool instances_any_going(const struct ipvsd *);
/* How long vrrpd may take to hand over the terms whose lease is too short for
 * a restart, ms; 0 when there is none. */
uint64_t instances_short(const struct ipvsd *);
/* Ends what is open, whatever vrrpd thinks of it. */
void instances_end(struct ipvsd *, enum lease_reason);

#endif
