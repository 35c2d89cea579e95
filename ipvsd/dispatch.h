/* SPDX-License-Identifier: ISC */
/* The links to vrrpd and checkd, and the messages that come in on them. */
#ifndef IPVSD_DISPATCH_H
#define IPVSD_DISPATCH_H

#include "running/ipvsd.h"

/* Makes both links, which are down until the broker attaches an end. Fatal
 * without memory. */
void dispatch_init(struct ipvsd *);

#endif
