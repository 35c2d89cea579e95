/* SPDX-License-Identifier: ISC */
/* The links to vrrpd and checkd, and what comes in on them. */
#ifndef IPVSD_DISPATCH_H
#define IPVSD_DISPATCH_H

#include "running/ipvsd.h"

/* Makes both links, which are down. Fatal without memory. */
void dispatch_init(struct ipvsd *);

#endif
