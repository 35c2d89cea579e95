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
	struct desired_input input;  /* what the kernel half looks at */
	uint8_t *duty;		     /* by instance id, as in input */
	uint8_t *health;	     /* by probe id: what is taken */
	uint8_t *override;	     /* by server id */
	struct ramp *ramp;	     /* by server id; NULL: no slow start */
	struct verdict *verdicts;    /* by probe id */
	struct instance **instances; /* by id; NULL: not this host's */
	uint32_t instance_count;
	uint32_t probe_count; /* the highest id + 1 */
	uint32_t server_count;
	/* The generation before, for messages that were under way. */
	uint64_t previous;
	struct carry *carry;
	struct kernel_index *index; /* until the kernel half has it */
	uint32_t looked;	    /* services, by may_preempt.c */
	uint32_t built;		    /* services looked at so far */
	bool *known;	 /* by server id, as ramp: one that there was before */
	uint32_t marked; /* of slow_start_step() */
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
