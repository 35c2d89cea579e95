/* SPDX-License-Identifier: ISC */
/* What ipvsd takes out of the kernel when it leaves, one thing after another.
 */
#ifndef IPVSD_KERNEL_LEAVING_H
#define IPVSD_KERNEL_LEAVING_H

#include "kernel/address.h"
#include "kernel/removals.h"
#include "kernel/sync.h"
#include "kernel/turn.h"

enum leaving_step {
	LEAVE_ADDRESSES,
	LEAVE_SERVICES,
	LEAVE_DAEMONS,
	LEAVE_REST,
	LEAVE_DONE
};

struct kernel_leaving {
	struct kernel_turn *turn;
	struct kernel_removals *removals;
	struct kernel_addresses *addresses;
	struct kernel_sync *sync;
	enum leaving_step step;
	void (*done)(void *); /* called once */
	void *arg;
};

/* Begins, as `on_stop` of the generation says. */
void leaving_begin(struct kernel_leaving *, void (*done)(void *), void *arg);
/* Goes on. False: there is nothing to do. */
bool leaving_step(struct kernel_leaving *);

#endif
