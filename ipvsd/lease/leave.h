/* SPDX-License-Identifier: ISC */
/* The two ways to go: for good, and for a restart. */
#ifndef IPVSD_LEASE_LEAVE_H
#define IPVSD_LEASE_LEAVE_H

#include "running/ipvsd.h"

/* SIGTERM: hands over, takes out what is ours, ends the loop. */
void leave(struct ipvsd *);
/* SIGUSR2: ends the loop; the next ipvsd takes everything over. */
void leave_as_it_is(struct ipvsd *);
/* Ends the loop as it stands; status is the process's. */
void leave_now(struct ipvsd *, int status);

#endif
