/* SPDX-License-Identifier: ISC */
/*
 * Which state vrrpd has said that each instance is in, and since when, so that
 * a vrrpd that has restarted is told. The states are vrrpd's own: ipvsd knows
 * no meaning of the numbers. A line of the file is NAME STATE SINCE, with SINCE
 * in monotonic ns.
 */
#ifndef IPVSD_LEASE_STATES_H
#define IPVSD_LEASE_STATES_H

#include <stdint.h>

struct instance;
struct ipvsd;

/* Comes first. */
void states_init(struct ipvsd *);
/* vrrpd says it; the file follows within a second. */
void states_note(struct instance *, uint8_t state, uint64_t since);
/* Writes the file, if something has changed. */
void states_save(struct ipvsd *);
/* Reads what a former ipvsd has saved of the instances in force. */
void states_restore(struct ipvsd *);

#endif
