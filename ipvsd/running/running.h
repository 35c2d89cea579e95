/* SPDX-License-Identifier: ISC */
/*
 * The generation in force, with all the state that belongs to its objects.
 * The next one is built aside in steps and takes over in one go.
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
	struct kernel_index *index; /* NULL once the kernel half owns it */
	bool *servers_known; /* by server id: the one before had it; NULL as
				ramp */

	/* How far work that is done in slices has come. */
	uint32_t services_counted;    /* may_preempt.c */
	uint32_t overrides_looked_up; /* running_step(), services */
	uint32_t slow_start_at;	      /* slow_start_step(): old servers, then
					 services */
};

/* Takes generation and conf over; old may be NULL, and generation if it is
 * given before the switch. NULL: no memory, and both stay the caller's. */
struct running *running_new(
    struct generation *, struct conf *, const struct running *old);
/* True while there is more to do. No override may change meanwhile. */
bool running_step(
    struct running *, const struct override_table *, uint32_t objects);
/* The instances are not in it any more: instances_free(), or the switch. */
void running_free(struct running *);

/*
 * What a peer that speaks under `generation` means by an id: in the one in
 * force, translated from the one before. NULL, CARRY_NONE: nothing.
 */
struct instance *running_instance(
    const struct running *, uint64_t generation, uint32_t id);
uint32_t running_probe(
    const struct running *, uint64_t generation, uint32_t id);

#endif
