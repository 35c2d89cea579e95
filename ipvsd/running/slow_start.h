/* SPDX-License-Identifier: ISC */
/*
 * Slow start: a server that comes back, or is added to a service, begins with a
 * part of its weight. desired/ramp.h has the arithmetic.
 */
#ifndef IPVSD_RUNNING_SLOW_START_H
#define IPVSD_RUNNING_SLOW_START_H

#include "running/ipvsd.h"

struct running;

struct slow_start *slow_start_new(struct ipvsd *); /* fatal without memory */
void slow_start_free(struct slow_start *);
/* The kernel half is about to compute a service (its index in
 * conf->services): begins the ramps of servers that come back. */
void slow_start_look(uint32_t service, void *ipvsd);
/*
 * Looks at `objects` services or old servers of `next`, which is being built,
 * and marks the servers that it adds to a service. True while there is more to
 * do.
 */
bool slow_start_step(struct running *next, uint32_t objects);
/* At the switch: copies the ramps of servers that go on from old to next. */
void slow_start_move(struct running *next, const struct running *old);
/* After the switch: finds the servers with a ramp in the new generation. */
void slow_start_relist(struct ipvsd *);

#endif
