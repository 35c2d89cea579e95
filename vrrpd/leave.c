/* SPDX-License-Identifier: ISC */
/* How vrrpd ends, see leave.h. */
#include "leave.h"

#include "clock.h"
#include "generation/receiver.h"
#include "instance.h"
#include "process/notify.h"
#include "vrrpd.h"

/* Longer than the longest interval that handing over may wait for. */
#define EXIT_BOUND_SEC 45

static void
bound_reached(void *arg)
{
	struct vrrpd *vrrpd = arg;

	log_warnx("still handing over after %d s, leaving all the same",
	    EXIT_BOUND_SEC);
	event_base_loopexit(vrrpd->base, NULL);
}

void
leave_init(struct vrrpd *vrrpd)
{
	timer_init(&vrrpd->exit_bound, vrrpd->base, bound_reached, vrrpd);
}

void
leave_if_done(struct vrrpd *vrrpd)
{
	struct instance *instance;

	if (!vrrpd->exiting)
		return;
	LIST_FOREACH(instance, &vrrpd->instances, entry) {
		if (instance->leaving)
			return;
	}
	event_base_loopexit(vrrpd->base, NULL);
}

void
leave(struct vrrpd *vrrpd, uint64_t lease_ms)
{
	struct instance *instance, *next;

	notify("STOPPING=1");
	vrrpd->exiting = true;
	receiver_abort(vrrpd->receiver);
	for (instance = LIST_FIRST(&vrrpd->instances); instance != NULL;
	     instance = next) {
		next = LIST_NEXT(instance, entry);
		if (3 * (uint64_t)instance->conf->interval < lease_ms)
			instance_leave(instance, "shutdown");
	}
	timer_after(&vrrpd->exit_bound, EXIT_BOUND_SEC * NS_PER_SEC);
	leave_if_done(vrrpd);
}
