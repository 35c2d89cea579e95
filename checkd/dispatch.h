/* SPDX-License-Identifier: ISC */
/* The links to the siblings; dispatch.c tells what is said on them. */
#ifndef CHECKD_DISPATCH_H
#define CHECKD_DISPATCH_H

#include <sys/types.h>

#include "checkd.h"
#include "role.h"

void dispatch_init(struct checkd *);
void dispatch_free(struct checkd *);
/* Takes over the end of a link to role. */
void dispatch_attach(struct checkd *, enum role, int fd, uint64_t epoch, pid_t);

#endif
