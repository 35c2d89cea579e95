/* SPDX-License-Identifier: ISC */
/*
 * What may take long is done here in slices, so that the loop is never away
 * for more than a millisecond; and what must be done after an oversleep.
 */
#include "rtnetlink.h"
#include "vrrpd.h"

/* CLOCK_BOOTTIME runs on in suspend: a smaller difference is just the time
 * between reading the two clocks. */
#define SLEPT_NS     (20 * NS_PER_MS)
/* More than a receive buffer holds: under a flood it is never empty. */
#define DRAIN_ROUNDS 32
#define SCAN_STRIDE  8

static void run(evutil_socket_t, short, void *);

void
work_init(struct vrrpd *vrrpd)
{
	vrrpd->work = evtimer_new(vrrpd->base, run, vrrpd);
	if (vrrpd->work == NULL)
		fatalx("work: event");
	TAILQ_INIT(&vrrpd->announcing);
	vrrpd->boot_offset = clock_boottime() - clock_monotonic();
}

void
work_schedule(struct vrrpd *vrrpd)
{
	struct timeval now = {0, 0};

	if (!event_pending(vrrpd->work, EV_TIMEOUT, NULL))
		event_add(vrrpd->work, &now);
}

void
work_scan(struct vrrpd *vrrpd)
{
	vrrpd->scan = LIST_FIRST(&vrrpd->instances);
	if (vrrpd->scan != NULL)
		work_schedule(vrrpd);
}

static bool
scan_step(struct vrrpd *vrrpd, uint64_t deadline)
{
	struct instance *instance;

	for (int i = 0; vrrpd->scan != NULL; i++) {
		if (i % SCAN_STRIDE == 0 && clock_monotonic() >= deadline)
			return true;
		instance = vrrpd->scan;
		vrrpd->scan = LIST_NEXT(instance, entry);
		binding_evaluate(instance);
	}
	return false;
}

void
work_drain(struct instance *instance)
{
	instance->wake = true;
	instance->vrrpd->drain = true;
	work_schedule(instance->vrrpd);
}

bool
work_slept(struct vrrpd *vrrpd)
{
	uint64_t offset = clock_boottime() - clock_monotonic();
	struct instance *instance;

	if (offset > vrrpd->boot_offset &&
	    offset - vrrpd->boot_offset > SLEPT_NS) {
		vrrpd->gap += offset - vrrpd->boot_offset;
		vrrpd->boot_offset = offset;
		LIST_FOREACH(instance, &vrrpd->instances, entry)
			work_drain(instance);
	}
	return vrrpd->gap != 0;
}

/* Reads all that waits; then, or after many rounds, those who asked wake. */
static bool
drain_step(struct vrrpd *vrrpd)
{
	struct fsm_event event = {.type = FSM_WAKE, .gap = vrrpd->gap};
	struct instance *instance;
	bool more;

	if (!vrrpd->drain)
		return false;
	more = socket_drain(vrrpd->sockets);
	more |= rtnl_read(vrrpd->rtnl);
	link_drain(vrrpd->ipvsd);
	link_drain(vrrpd->checkd);
	if (more && ++vrrpd->drain_rounds < DRAIN_ROUNDS)
		return true;
	vrrpd->drain = false;
	vrrpd->drain_rounds = 0;
	vrrpd->gap = 0;
	LIST_FOREACH(instance, &vrrpd->instances, entry) {
		if (!instance->wake)
			continue;
		instance->wake = false;
		/* What rtnetlink told belongs to what was read. */
		binding_evaluate(instance);
		instance_event(instance, &event);
	}
	return vrrpd->drain;
}

static void
reap(struct vrrpd *vrrpd)
{
	struct instance *instance, *next;

	for (instance = LIST_FIRST(&vrrpd->instances); instance != NULL;
	     instance = next) {
		next = LIST_NEXT(instance, entry);
		if (!instance->done)
			continue;
		instance_free(instance);
		vrrpd_instance_gone(vrrpd);
	}
}

static void
run(evutil_socket_t fd, short what, void *arg)
{
	struct vrrpd *vrrpd = arg;
	uint64_t deadline = clock_monotonic() + SLICE_NS;
	bool more;

	(void)fd;
	(void)what;
	more = drain_step(vrrpd);
	more |= announce_step(vrrpd, deadline);
	more |= table_step(vrrpd, deadline);
	more |= scan_step(vrrpd, deadline);
	reap(vrrpd);
	if (more)
		work_schedule(vrrpd);
}
