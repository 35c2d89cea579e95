/* SPDX-License-Identifier: ISC */
/*
 * What a peer hears once it is in our generation: COMMITTED, then our whole
 * state between two SNAPSHOTs. vrrpd's is HELD for every term that runs and
 * MAY_PREEMPT for each instance that may, in slices; what changes meanwhile is
 * told in between. checkd's is empty.
 */
#ifndef IPVSD_LEASE_SNAPSHOT_H
#define IPVSD_LEASE_SNAPSHOT_H

#include "running/ipvsd.h"

/* Fatal without memory. */
void snapshot_init(struct ipvsd *);
/* Begins one, in place of the one that goes on. A generation is in force. */
void snapshot_tell(struct ipvsd *, struct link *);

#endif
