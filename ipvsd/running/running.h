/* SPDX-License-Identifier: ISC */
/*
 * A generation with the state of its objects. One is in force
 * (ipvsd->running). The next one is built beside it in steps, and switch_to()
 * (reload/switch.h) puts it in force in one turn of the loop.
 */
#ifndef IPVSD_RUNNING_RUNNING_H
#define IPVSD_RUNNING_RUNNING_H

#include "running/carry.h"
#include "desired/desired.h"
#include "running/ipvsd.h"
#include "running/override.h"
#include "running/generation.h"

struct running {
	struct generation *generation;
	struct conf *conf;
	struct desired_input input;  /* points to the arrays below */
	uint8_t *duty;		     /* enum duty, by instance id */
	uint8_t *health;	     /* enum health in force, by probe id */
	uint8_t *was;		     /* enum health before its checks changed,
					by server id */
	uint8_t *begins;	     /* enum health that a probe without one
					begins with, by probe id */
	uint8_t *override;	     /* enum override, by server id */
	struct ramp *ramp;	     /* by server id; NULL: no slow start */
	struct verdict *verdicts;    /* what checkd says, by probe id */
	struct instance **instances; /* by id; NULL: not this host's */
	/* The length of each array: the highest id + 1. */
	uint32_t instance_count;
	uint32_t probe_count;
	uint32_t server_count;
	/* The generation before this one; 0: none. Messages that were under way
	 * at the switch use its ids, and carry translates them. */
	uint64_t previous_id;
	struct carry *carry;
	struct former *former;	    /* NULL once it is in force */
	struct kernel_index *index; /* NULL once the kernel half owns it */
	uint64_t checks_per_second; /* of all probes, rounded up */
	bool *servers_known; /* by server id: the one before had it; NULL as
				ramp */

	/* How far work that is done in slices has come. */
	uint32_t services_counted;    /* may_preempt.c */
	uint32_t probes_counted;      /* running_step(), probes */
	uint32_t overrides_looked_up; /* running_step(), services */
	uint32_t slow_start_at;	      /* slow_start_step(): old servers, then
					 services */
};

/*
 * Begins to build one. It owns generation and conf from then on. old is what is
 * in force, or NULL. NULL: no memory, and generation and conf stay the
 * caller's.
 */
struct running *running_new(
    struct generation *, struct conf *, const struct running *old);
/* Builds about `objects` more; true while there is more to do. No override may
 * change between override_begin(), which comes first, and the switch. */
bool running_step(struct running *, struct override_table *, uint32_t objects);
/* NULL: no generation is in force yet. */
const struct conf *running_conf(const struct running *);
/* Does not free the instances: switch_to() or instances_free() must have taken
 * them out before. */
void running_free(struct running *);

/*
 * The object in force that a peer means by an id under `generation`, which is
 * the one in force or the one before it. NULL, CARRY_NONE: there is none.
 */
struct instance *running_instance(
    const struct running *, uint64_t generation, uint32_t id);
uint32_t running_probe(
    const struct running *, uint64_t generation, uint32_t id);

#endif
