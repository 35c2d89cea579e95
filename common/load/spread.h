/* SPDX-License-Identifier: ISC */
/* `spread` as instances. */
#ifndef COMMON_LOAD_SPREAD_H
#define COMMON_LOAD_SPREAD_H

#include "load/source.h"

/* An instance an address, with the nodes' order turned. */
void conf_spread(struct conf_source *);

#endif
