/* SPDX-License-Identifier: ISC */
/* The switch of generations, in one turn of the loop. */
#ifndef IPVSD_RELOAD_SWITCH_H
#define IPVSD_RELOAD_SWITCH_H

#include "running/running.h"

/*
 * Puts next in force: moves the state of what goes on, ends the instances that
 * do not, configures the kernel half. Gives what was in force, to be freed
 * when there is time; NULL: nothing was.
 */
struct running *switch_to(struct ipvsd *, struct running *next);

#endif
