/* SPDX-License-Identifier: ISC */
/*
 * What others have changed in our services is put right, and told: a line for
 * each thing, and for very many at once the number of those without a line.
 */
#ifndef IPVSD_KERNEL_REPAIR_H
#define IPVSD_KERNEL_REPAIR_H

#include "desired/ipvs_table.h"
#include "kernel/turn.h"

struct kernel_repairs {
	struct kernel_turn *turn;
	struct timer timer; /* ends a burst */
	uint32_t told;	    /* of this burst */
	uint32_t untold;
};

void repair_init(
    struct kernel_repairs *, struct kernel_turn *, struct event_base *);
void repair_clear(struct kernel_repairs *);
/* A service was `old`, and is `now`; NULL: it is not there. False: both are
 * equal, and nothing is told. */
bool repair_tell(struct kernel_repairs *, const struct ipvs_service *old,
    const struct ipvs_service *now);

#endif
