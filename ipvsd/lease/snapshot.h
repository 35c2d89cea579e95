/* SPDX-License-Identifier: ISC */
/*
 * What a peer hears once it is in our generation: COMMITTED, then our whole
 * state between two SNAPSHOTs. vrrpd gets HELD for every open term and
 * MAY_PREEMPT for every instance that may, in slices; messages about changes
 * may come between the slices. checkd gets nothing between the SNAPSHOTs.
 */
#ifndef IPVSD_LEASE_SNAPSHOT_H
#define IPVSD_LEASE_SNAPSHOT_H

#include "running/ipvsd.h"

/* Comes before snapshot_tell(). */
void snapshot_init(struct ipvsd *);
/* Begins a snapshot; vrrpd's replaces one that is under way. A generation must
 * be in force. */
void snapshot_tell(struct ipvsd *, struct link *);

#endif
