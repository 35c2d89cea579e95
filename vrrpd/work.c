/* SPDX-License-Identifier: ISC */
/* A turn of work, see work.h. */
#include "work.h"

#include "act.h"
#include "announce.h"
#include "binding.h"
#include "clock.h"
#include "instance.h"
#include "leave.h"
#include "link/link.h"
#include "reload.h"
#include "rtnetlink.h"
#include "socket.h"
#include "turn.h"
#include "vrrpd.h"

/* More than a receive buffer holds: under a flood it is never empty. */
#define DRAIN_ROUNDS 32
#define SCAN_STRIDE  8 /* instances between two looks at the clock */

static bool
scan_step(struct vrrpd *vrrpd, uint64_t deadline)
{
	struct instance *instance;

	for (int i = 0; vrrpd->scan_next != NULL; i++) {
		if (i % SCAN_STRIDE == 0 && clock_monotonic() >= deadline)
			return true;
		instance = vrrpd->scan_next;
		vrrpd->scan_next = LIST_NEXT(instance, entry);
		binding_evaluate(instance);
	}
	if (vrrpd->scan_again)
		turn_scan(vrrpd);
	return vrrpd->scan_next != NULL;
}

/* Reads what waits. True when that was all, or after DRAIN_ROUNDS calls. */
static bool
drained(struct vrrpd *vrrpd)
{
	bool more;

	more = socket_drain(vrrpd->sockets);
	more |= rtnl_read(vrrpd->rtnl);
	link_drain(vrrpd->ipvsd);
	link_drain(vrrpd->checkd);
	return !more || ++vrrpd->drain_rounds >= DRAIN_ROUNDS;
}

/* Reads all that waits, over several turns, and then gives FSM_WAKE to the
 * instances that turn_drain() was called for. Whether more is to do. */
static bool
drain_step(struct vrrpd *vrrpd)
{
	struct fsm_event event = {.type = FSM_WAKE, .gap = vrrpd->slept};
	struct instance *instance;

	if (!vrrpd->drain_due)
		return false;
	if (!drained(vrrpd))
		return true;
	vrrpd->drain_due = false;
	vrrpd->drain_rounds = 0;
	vrrpd->slept = 0;
	LIST_FOREACH(instance, &vrrpd->instances, entry) {
		if (!instance->wake_due)
			continue;
		instance->wake_due = false;
		/* The fsm hears what rtnetlink told before it wakes. */
		binding_evaluate(instance);
		act_event(instance, &event);
	}
	return vrrpd->drain_due;
}

static void
free_done(struct vrrpd *vrrpd)
{
	struct instance *instance, *next;

	for (instance = LIST_FIRST(&vrrpd->instances); instance != NULL;
	     instance = next) {
		next = LIST_NEXT(instance, entry);
		if (!instance->done)
			continue;
		reload_instance_ends(vrrpd, instance);
		instance_free(instance);
		leave_if_done(vrrpd);
	}
}

bool
work(struct vrrpd *vrrpd, uint64_t deadline)
{
	bool more;

	more = drain_step(vrrpd);
	more |= announce_step(vrrpd, deadline);
	more |= reload_step(vrrpd, deadline);
	more |= scan_step(vrrpd, deadline);
	free_done(vrrpd);
	return more;
}
