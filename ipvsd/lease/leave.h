/* SPDX-License-Identifier: ISC */
/* How ipvsd exits: for good, or for a restart. */
#ifndef IPVSD_LEASE_LEAVE_H
#define IPVSD_LEASE_LEAVE_H

#include "running/ipvsd.h"

/* SIGTERM: hands the terms over, has the kernel half leave (`on_stop`), ends
 * the loop. */
void leave(struct ipvsd *);
/* SIGUSR2: ends the loop. The kernel and the leases stay as they are for the
 * next ipvsd. */
void leave_as_it_is(struct ipvsd *);
/* Ends the loop after this event, with the exit status of the process. */
void leave_now(struct ipvsd *, int status);

#endif
