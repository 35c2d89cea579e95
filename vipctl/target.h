/* SPDX-License-Identifier: ISC */
/* The TARGET of drain and enable that ipvsd gets. */
#ifndef VIPCTL_TARGET_H
#define VIPCTL_TARGET_H

#include "query.h"

/*
 * Asks ipvsd to do words[0] with the target words[1]. With -j the target's rows
 * are printed then. What goes wrong is said on stderr; of a service, where a
 * server is wanted, its servers are listed there, and after a drain the
 * services that have no server any more. Returns an enum exit_code.
 */
int target_order(const struct vipctl *, const char *const words[]);

#endif
