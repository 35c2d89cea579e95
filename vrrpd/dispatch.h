/* SPDX-License-Identifier: ISC */
/* The links to ipvsd and checkd, and what comes in on them. */
#ifndef VRRPD_DISPATCH_H
#define VRRPD_DISPATCH_H

#include <sys/types.h>

#include <stdint.h>

#include "link/link.h"

struct vrrpd;

/* Makes both links, which are down. Fatal without memory. */
void dispatch_init(struct vrrpd *);
/* The rendezvous, or -F, has brought an end of a link; the fd is taken over.
 * See link_attach() for its members. */
void dispatch_link(const struct link_end *, void *vrrpd);

#endif
