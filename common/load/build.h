/* SPDX-License-Identifier: ISC */
/* What the daemons of this host see. */
#ifndef COMMON_LOAD_BUILD_H
#define COMMON_LOAD_BUILD_H

#include "load/source.h"

/* Fills root.c, from a source without errors. */
void conf_build(struct conf_source *);

#endif
