/* SPDX-License-Identifier: ISC */
/* What concerns all instances of this host: saving and telling their terms,
 * handing them over, ending them. */
#ifndef IPVSD_LEASE_INSTANCES_H
#define IPVSD_LEASE_INSTANCES_H

#include "link/lease_reason.h"
#include "running/ipvsd.h"

struct running;

/* Comes before the first instance. */
void instances_init(struct ipvsd *);
/* Frees the instances that a generation still has when another is put in
 * force, or ipvsd exits. */
void instances_free(struct running *);
/*
 * Saves the terms, then tells vrrpd of those that changed (terms.h). The loop
 * calls it when terms.h has noted something; leave_as_it_is() before the exit.
 */
void instances_flush(struct ipvsd *);
/* Has the kernel half, which is configured now, hold the adopted terms. */
void instances_hold_adopted(struct ipvsd *);

/*
 * Asks vrrpd to hand over every open term, or with `going` those of instances
 * that are going. Returns how long that may take, ms; 0: no such term is open,
 * or vrrpd is not there.
 */
uint64_t instances_hand_over(struct ipvsd *, bool going);
/* Whether the state of any is other than INSTANCE_NONE; INSTANCE_ADOPTED. */
bool instances_any_open(const struct ipvsd *);
bool instances_any_adopted(const struct ipvsd *);
/* Sets `going` of each instance: whether `next` lacks it on this host, or has
 * it on an interface that is not there. NULL: no generation is about to follow,
 * none is going. */
void instances_mark_going(struct ipvsd *, const struct running *next);
/* Whether any that is going has a state other than INSTANCE_NONE. */
bool instances_any_going(const struct ipvsd *);
/* How long vrrpd may take to hand over the terms whose lease is too short for
 * a restart of vrrpd, ms; 0: there is none. */
uint64_t instances_short(const struct ipvsd *);
/* instance_end() of each. */
void instances_end(struct ipvsd *, enum lease_reason);

#endif
