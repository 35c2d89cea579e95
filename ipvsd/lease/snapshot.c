/* SPDX-License-Identifier: ISC */
/* The slices of vrrpd's snapshot; see snapshot.h. */
#include "lease/snapshot.h"

#include "lease/instance.h"
#include "lease/leftovers.h"
#include "lease/say.h"
#include "running/running.h"

/* Messages sent before the loop goes on. */
#define SLICE 64

/* Stops when the link or the generation is another one by now: that one has a
 * snapshot of its own. */
static void
snapshot_step(void *arg)
{
	struct ipvsd *ipvsd = arg;
	struct link *link = ipvsd->vrrpd;
	struct instance *instance;
	uint32_t said = 0;

	if (link_stats(link)->epoch != ipvsd->snapshot_epoch ||
	    link_generation_out(link) != ipvsd->running->generation->id)
		return;
	while (ipvsd->snapshot_at < ipvsd->running->instance_count) {
		if (said >= SLICE) {
			timer_soon(&ipvsd->snapshot);
			return;
		}
		instance = ipvsd->running->instances[ipvsd->snapshot_at++];
		if (instance != NULL && instance->vrrp.since != 0) {
			say_state(instance);
			said++;
		}
		if (instance != NULL && instance->may_preempt) {
			say_may_preempt(instance);
			said++;
		}
		if (instance == NULL || instance_expiry(instance) == 0)
			continue;
		instance->announce = false;
		instance_limit_adopted(instance);
		say_held(instance);
		said++;
	}
	link_send_snapshot(link, false);
	leftovers_ask_again(ipvsd);
}

static void
begin(struct ipvsd *ipvsd)
{
	timer_stop(&ipvsd->snapshot);
	ipvsd->snapshot_at = 0;
	ipvsd->snapshot_epoch = link_stats(ipvsd->vrrpd)->epoch;
	snapshot_step(ipvsd);
}

void
snapshot_tell(struct ipvsd *ipvsd, struct link *link)
{
	link_set_generation(link, ipvsd->running->generation->id);
	link_send_snapshot(link, true);
	if (link == ipvsd->vrrpd)
		begin(ipvsd);
	else
		link_send_snapshot(link, false);
}

void
snapshot_init(struct ipvsd *ipvsd)
{
	timer_init(&ipvsd->snapshot, ipvsd->base, snapshot_step, ipvsd);
}
