/* SPDX-License-Identifier: ISC */
/*
 * Services that are to be taken out of the kernel's table: ours that are
 * configured no more, with ipvs.foreign `remove' those of others, and at the
 * end all of ours.
 */
#ifndef IPVSD_KERNEL_REMOVALS_H
#define IPVSD_KERNEL_REMOVALS_H

#include "kernel/live.h"
#include "kernel/turn.h"

struct kernel_removals;

struct kernel_removals *removals_new(
    struct kernel_turn *, struct kernel_live *);
void removals_free(struct kernel_removals *);

/* turn->input is a new one: nothing waits any more. */
void removals_configure(struct kernel_removals *);
/*
 * Marks which services of the copy are configured: those with these keys, which
 * are sorted. One that is ours and no longer configured is to be removed, and
 * so is somebody else's with ipvs.foreign `remove'.
 */
void removals_mark(
    struct kernel_removals *, const struct ipvs_key *keys, uint32_t count);
/* All that are ours are to be removed, and nothing else. */
void removals_all(struct kernel_removals *);
/* Sends a batch. True: it did something. */
bool removals_step(struct kernel_removals *);

#endif
