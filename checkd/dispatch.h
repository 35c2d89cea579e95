/* SPDX-License-Identifier: ISC */
/* The links to the siblings; dispatch.c tells what is said on them. */
#ifndef CHECKD_DISPATCH_H
#define CHECKD_DISPATCH_H

#include "checkd.h"
#include "link/link.h"

void dispatch_init(struct checkd *);
void dispatch_free(struct checkd *);
/* Takes over the end of a link to role. */
void dispatch_attach(struct checkd *, const struct link_end *);

#endif
