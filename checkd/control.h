/* SPDX-License-Identifier: ISC */
/* The control socket checkd.ctl. */
#ifndef CHECKD_CONTROL_H
#define CHECKD_CONTROL_H

#include "checkd.h"

void control_init(struct checkd *, const char *dir);
void control_free(struct checkd *);

#endif
