/* SPDX-License-Identifier: ISC */
/* The switch of generations, which takes one turn of the loop. */
#ifndef IPVSD_RELOAD_SWITCH_H
#define IPVSD_RELOAD_SWITCH_H

#include "running/running.h"

/*
 * Puts next in force. Moves the state of objects that go on, frees instances
 * that do not, and configures the kernel half. Returns what was in force, which
 * the caller frees when there is time; NULL: nothing was.
 */
struct running *switch_to(struct ipvsd *, struct running *next);

#endif
