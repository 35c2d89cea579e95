/* SPDX-License-Identifier: ISC */
/* Asking for a turn of work, see turn.h. */
#include "turn.h"

#include "vrrpd.h"

/* CLOCK_BOOTTIME goes on while the machine is suspended. A smaller growth of
 * the difference is the time between reading the two clocks. */
#define SLEPT_NS (20 * NS_PER_MS)

static void
begin(void *arg)
{
	struct vrrpd *vrrpd = arg;

	if (vrrpd->work(vrrpd, clock_monotonic() + TURN_NS))
		turn_schedule(vrrpd);
}

void
turn_init(struct vrrpd *vrrpd, bool (*work)(struct vrrpd *, uint64_t deadline))
{
	vrrpd->work = work;
	timer_init(&vrrpd->turn, vrrpd->base, begin, vrrpd);
	vrrpd->boot_offset = clock_boottime() - clock_monotonic();
}

void
turn_schedule(struct vrrpd *vrrpd)
{
	timer_soon(&vrrpd->turn);
}

void
turn_scan(struct vrrpd *vrrpd)
{
	vrrpd->scan_again = vrrpd->scan_next != NULL;
	if (vrrpd->scan_again)
		return;
	vrrpd->scan_next = LIST_FIRST(&vrrpd->instances);
	if (vrrpd->scan_next != NULL)
		turn_schedule(vrrpd);
}

void
turn_drain(struct instance *instance)
{
	instance->wake_due = true;
	instance->vrrpd->drain_due = true;
	turn_schedule(instance->vrrpd);
}

bool
turn_slept(struct vrrpd *vrrpd)
{
	uint64_t offset = clock_boottime() - clock_monotonic();
	struct instance *instance;

	if (offset > vrrpd->boot_offset &&
	    offset - vrrpd->boot_offset > SLEPT_NS) {
		vrrpd->slept += offset - vrrpd->boot_offset;
		vrrpd->boot_offset = offset;
		LIST_FOREACH(instance, &vrrpd->instances, entry)
			turn_drain(instance);
	}
	return vrrpd->slept != 0;
}
