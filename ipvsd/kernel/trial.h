/* SPDX-License-Identifier: ISC */
/*
 * Tries what a configuration needs of the kernel before it comes into force. A
 * service with a packet mark of its own is added and deleted at once; it gets
 * no packets. So a scheduler that the kernel lacks refuses the reload, and not
 * the services when this director takes over later.
 */
#ifndef IPVSD_KERNEL_TRIAL_H
#define IPVSD_KERNEL_TRIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "kernel/ipvs_nl.h"

/* Whether it has services here that the kernel is to balance. */
bool trial_is_due(const struct conf *next);
/*
 * Tries each scheduler and family that next's services on this host have, and
 * old's (NULL: none) have not. False: `why' says which service the kernel
 * refuses, and for what reason. No answer counts as consent.
 */
bool trial_run(struct ipvs_nl *, const struct conf *old,
    const struct conf *next, char *why, size_t size);

#endif
