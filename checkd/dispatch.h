/* SPDX-License-Identifier: ISC */
/* The links to the siblings; dispatch.c tells what is said on them. */
#ifndef CHECKD_DISPATCH_H
#define CHECKD_DISPATCH_H

#include "checkd.h"
#include "link/link.h"

/* Makes the links, which are down, and the receiver. Fatal without memory. */
void dispatch_init(struct checkd *);
void dispatch_free(struct checkd *);
/* Takes over the end of a link; one to no sibling is closed. */
void dispatch_attach(struct checkd *, const struct link_end *);

#endif
