/* SPDX-License-Identifier: ISC */
/*
 * Before a configuration comes into force, what it needs of the kernel is tried
 * on a service that nobody can have: one with a packet mark of its own, which
 * is added and deleted at once. So a kernel without a scheduler refuses a
 * reload, and not the services of a director that takes over later.
 */
#ifndef IPVSD_KERNEL_TRIAL_H
#define IPVSD_KERNEL_TRIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "kernel/ipvs_nl.h"

/*
 * Tries each scheduler, with each family of addresses, that next's services on
 * this host have and old's have not. False: why says which service cannot be,
 * and the kernel's word. What the kernel does not answer counts as taken.
 */
bool trial_run(struct ipvs_nl *, const struct conf *old,
    const struct conf *next, char *why, size_t size);

#endif
