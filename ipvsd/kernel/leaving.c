/* SPDX-License-Identifier: ISC */
/* See leaving.h. */
#include "kernel/leaving.h"

#include <stddef.h>

static bool
flushes(const struct kernel_leaving *leaving)
{
	return leaving->turn->input->conf->ipvs.on_stop == ON_STOP_FLUSH;
}

void
leaving_begin(struct kernel_leaving *leaving, void (*done)(void *), void *arg)
{
	leaving->done = done;
	leaving->arg = arg;
	leaving->step = LEAVE_DONE;
	if (leaving->turn->input != NULL)
		leaving->step = LEAVE_DAEMONS;
	if (leaving->turn->input != NULL && flushes(leaving)) {
		leaving->step = LEAVE_ADDRESSES;
		address_leave(leaving->addresses);
	}
	turn_schedule(leaving->turn);
}

bool
leaving_step(struct kernel_leaving *leaving)
{
	switch (leaving->step) {
	case LEAVE_ADDRESSES:
		if (address_step(leaving->addresses))
			return true;
		removals_all(leaving->removals);
		leaving->step = LEAVE_SERVICES;
		return true;
	case LEAVE_SERVICES:
		if (leaving->turn->stats.ip_vs != IPVS_YES ||
		    !removals_step(leaving->removals))
			leaving->step = LEAVE_DAEMONS;
		return true;
	case LEAVE_DAEMONS:
		if (sync_leave_waits(leaving->sync, flushes(leaving)))
			return false;
		leaving->step = flushes(leaving) ? LEAVE_REST : LEAVE_DONE;
		return true;
	case LEAVE_REST:
		sync_leave(leaving->sync);
		turn_save_changed(leaving->turn);
		leaving->step = LEAVE_DONE;
		return true;
	case LEAVE_DONE:
		break;
	}
	if (leaving->done != NULL) {
		leaving->done(leaving->arg);
		leaving->done = NULL;
	}
	return false;
}
