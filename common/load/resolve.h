/* SPDX-License-Identifier: ISC */
/* What nodes, instances and ipvs.sync refer to. */
#ifndef COMMON_LOAD_RESOLVE_H
#define COMMON_LOAD_RESOLVE_H

#include "load/source.h"

/* Nodes' addresses; instances' nodes, interfaces and sources; sync. */
void conf_resolve(struct conf_source *);

#endif
