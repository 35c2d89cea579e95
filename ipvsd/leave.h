/* SPDX-License-Identifier: ISC */
/* The two ways to go: for good, and for a restart. */
#ifndef IPVSD_LEAVE_H
#define IPVSD_LEAVE_H

#include "ipvsd.h"

/* SIGTERM: hands over, takes out what is ours, ends the loop. */
void leave(struct ipvsd *);
/* SIGUSR2: ends the loop; the next ipvsd takes everything over. */
void leave_as_it_is(struct ipvsd *);

#endif
