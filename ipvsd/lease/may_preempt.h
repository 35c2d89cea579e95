/* SPDX-License-Identifier: ISC */
/*
 * When this host may take an instance from a living master of lower rank:
 * once every check of the instance's services has a verdict and the table is
 * in, at the latest after VERDICTS_WAIT; with the kernel's connection
 * synchronisation not before the master has told of all its connections. Said
 * once, it holds: a check added later has the server's first state until its
 * verdict, as on a director that is master already.
 *
 * A host whose interface was away has verdicts, that all servers are down. So
 * it waits anew, for as long as its checks need to find a server up again.
 */
#ifndef IPVSD_LEASE_MAY_PREEMPT_H
#define IPVSD_LEASE_MAY_PREEMPT_H

#include "lease/instance.h"

/* Fatal without memory. */
void may_preempt_init(struct ipvsd *);
/* Instances came: looks at them from time to time until all may. */
void may_preempt_watch(struct ipvsd *);
/* Its interface was away: once its checks can have told, it may. */
void may_preempt_anew(struct instance *);

#endif
