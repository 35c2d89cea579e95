/* SPDX-License-Identifier: ISC */
/*
 * Services that leave the kernel's table: ours that are configured no more,
 * with ipvs.foreign `remove' those of others, and at the end all of ours.
 */
#ifndef IPVSD_KERNEL_REMOVALS_H
#define IPVSD_KERNEL_REMOVALS_H

#include "kernel/live.h"
#include "kernel/turn.h"

struct kernel_removals;

/* No removal waits yet. The turn and the copy outlive it. Fatal without memory.
 */
struct kernel_removals *removals_new(
    struct kernel_turn *, struct kernel_live *);
void removals_free(struct kernel_removals *);

/* A new generation: no removal waits any more, see removals_mark(). */
void removals_configure(struct kernel_removals *);
/*
 * Compares our copy of the table with the keys that are configured, which are
 * sorted. A service with one of these is ours from now on. Another waits for
 * its removal if it is ours, or with ipvs.foreign `remove'; else it is counted
 * as foreign.
 */
void removals_mark(
    struct kernel_removals *, const struct ipvs_key *keys, uint32_t count);
/* All services of ours wait for their removal, and no other one does. */
void removals_all(struct kernel_removals *);
/* Sends a batch of removals. True: it did something. */
bool removals_step(struct kernel_removals *);

#endif
