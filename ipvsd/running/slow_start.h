/* SPDX-License-Identifier: ISC */
/* Servers that come back, or are added, begin with a part of their weight. */
#ifndef IPVSD_RUNNING_SLOW_START_H
#define IPVSD_RUNNING_SLOW_START_H

#include "running/ipvsd.h"

struct running;

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
void slow_start_relist(struct ipvsd *);

#endif
