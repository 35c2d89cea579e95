/* SPDX-License-Identifier: ISC */
/*
 * Turns of work. What may take long is done in slices between other events,
 * so that the loop is never away for more than a millisecond. Anybody asks
 * for a turn here; work.c does the work.
 */
#ifndef VRRPD_TURN_H
#define VRRPD_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

struct instance;
struct vrrpd;

/* How long a slice may last, ns. */
#define TURN_NS (300 * NS_PER_US)

/*
 * work is called in each turn; it may go on until the deadline and returns
 * whether more is to do, which asks for another turn.
 */
void turn_init(struct vrrpd *, bool (*work)(struct vrrpd *, uint64_t deadline));
/* A turn comes soon. */
void turn_schedule(struct vrrpd *);
/* Turns in which all instances look at their interfaces again. What runs
 * already goes to its end first, so that the last one has its turn, too. */
void turn_scan(struct vrrpd *);
/* A turn that reads every socket and link until empty, then gives FSM_WAKE to
 * this instance. */
void turn_drain(struct instance *);
/* Whether the machine slept and FSM_WAKE has not been given yet. If it just
 * woke up, turn_drain() is done for all instances. */
bool turn_slept(struct vrrpd *);

#endif
