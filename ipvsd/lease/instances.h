/* SPDX-License-Identifier: ISC */
/* All instances of this host together: their terms' ends, and hand-overs. */
#ifndef IPVSD_LEASE_INSTANCES_H
#define IPVSD_LEASE_INSTANCES_H

#include "link/lease_reason.h"
#include "running/ipvsd.h"

struct running;

/* Fatal without memory. */
void instances_init(struct ipvsd *);
/* Frees those of a generation that is in force no more. */
void instances_free(struct running *);
/* What terms.h notes is saved, then told: at the end of a turn of the loop, or
 * now, before ipvsd exits. */
void instances_flush(struct ipvsd *);
/* Adopted terms, once the kernel half is configured: takes them over. */
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
