/* SPDX-License-Identifier: ISC */
/*
 * When this host may take an instance from a living master of lower priority.
 * The first table must be in the kernel. Every check of the instance's services
 * must have a verdict, or VERDICTS_WAIT must have passed. With connection
 * synchronisation sync.refresh must have passed as well: by then the master has
 * told of all its connections.
 *
 * MAY_PREEMPT is said once and holds. A check that a reload adds changes
 * nothing: until its verdict the server has its first state, as on a director
 * that is master.
 *
 * A host whose interface was away has verdicts, but they say that all servers
 * are down. So after RETURNED the instance waits again, for as long as its
 * slowest check needs to find a server up.
 */
#ifndef IPVSD_LEASE_MAY_PREEMPT_H
#define IPVSD_LEASE_MAY_PREEMPT_H

#include "lease/instance.h"

/* Comes before the functions below. */
void may_preempt_init(struct ipvsd *);
/* Looks at all instances every 200 ms until each may preempt. */
void may_preempt_watch(struct ipvsd *);
/* RETURNED: the instance may not preempt until its checks have had the time to
 * find a server up. */
void may_preempt_anew(struct instance *);

#endif
