/* SPDX-License-Identifier: ISC */
/*
 * The digests in kernel_stats: of what is configured, and of our services in
 * the kernel. They are computed ahead of who asks for them, a slice at a time.
 */
#ifndef IPVSD_KERNEL_DIGESTS_H
#define IPVSD_KERNEL_DIGESTS_H

#include "desired/ipvs_table.h"
#include "kernel/turn.h"

/* Nothing is computed yet when zeroed. */
struct kernel_digests {
	uint32_t configured; /* services in the sum */
	uint64_t sum;
	uint32_t live; /* services looked at */
};

/* turn->input is a new one. */
void digests_configure(struct kernel_digests *, struct kernel_turn *);
/* The kernel's table was read anew. */
void digests_table_read(struct kernel_digests *);
/* True: it did something. */
bool digests_step(struct kernel_digests *, struct kernel_turn *,
    const struct ipvs_table *live);
/* Of all our services in the table, now. */
uint64_t digests_live(const struct ipvs_table *live);

#endif
