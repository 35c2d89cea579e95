/* SPDX-License-Identifier: ISC */
/*
 * Leaving for good has three parts: vrrpd hands its terms over, ipvsd ends the
 * terms that are still open, the kernel half takes out or keeps what `on_stop`
 * says. The first two have a deadline, so that a sibling that hangs does not
 * keep ipvsd.
 */
#include "lease/leave.h"

#include <stdio.h>

#include "clock.h"
#include "lease/instances.h"
#include "lease/states.h"
#include "process/notify.h"
#include "running/health.h"
#include "running/running.h"
#include "running/state.h"

#define POLL_NS	   (10 * NS_PER_MS)
#define RELEASE_NS (2 * NS_PER_SEC) /* from instances_end() to released */
/* A living vrrpd finds a new ipvsd within this time: it asks every second. */
#define FOUND_NS   (1500 * NS_PER_MS)

void
leave_now(struct ipvsd *ipvsd, int status)
{
	ipvsd->status = status;
	event_base_loopexit(ipvsd->base, NULL);
}

static void
kernel_left(void *arg)
{
	struct ipvsd *ipvsd = arg;

	/* The next start reads the operator's file. */
	state_remove(STATE_GENERATION);
	state_remove(STATE_TERMS);
	state_remove(STATE_HEALTH);
	state_remove(STATE_SINCE);
	timer_stop(&ipvsd->save_states);
	state_remove(STATE_STATES);
	log_info("node %s: left", ipvsd->running->conf->self);
	leave_now(ipvsd, 0);
}

static void
leave_poll(void *arg)
{
	struct ipvsd *ipvsd = arg;
	struct leave *way = &ipvsd->leave;
	uint64_t now = clock_monotonic(), longest;

	if (way->vrrpd_awaited &&
	    (longest = instances_hand_over(ipvsd, false)) != 0) {
		way->vrrpd_awaited = false;
		way->deadline = now + longest * NS_PER_MS;
	}
	if (instances_any_open(ipvsd) && !way->terms_ended &&
	    now >= way->deadline) {
		instances_end(ipvsd, LEASE_LEAVING);
		way->terms_ended = true;
		way->deadline = now + RELEASE_NS;
	}
	if (instances_any_open(ipvsd) && now < way->deadline)
		timer_after(&way->poll, POLL_NS);
	else
		kernel_leave(ipvsd->kernel, kernel_left, ipvsd);
}

void
leave(struct ipvsd *ipvsd)
{
	struct leave *way = &ipvsd->leave;
	uint64_t longest;

	if (ipvsd->leaving)
		return;
	ipvsd->leaving = true;
	notify("STOPPING=1\nSTATUS=leaving");
	if (ipvsd->running == NULL) {
		leave_now(ipvsd, 0);
		return;
	}
	log_info("node %s: leaving", ipvsd->running->conf->self);
	longest = instances_hand_over(ipvsd, false) * NS_PER_MS;
	way->vrrpd_awaited = longest == 0 && instances_any_adopted(ipvsd);
	way->deadline = clock_monotonic() +
	    (way->vrrpd_awaited ? FOUND_NS : longest);
	timer_init(&way->poll, ipvsd->base, leave_poll, ipvsd);
	timer_soon(&way->poll);
}

static void
restart_poll(void *arg)
{
	struct ipvsd *ipvsd = arg;
	struct leave *way = &ipvsd->leave;

	if (ipvsd->leaving)
		return; /* SIGTERM came after all */
	if (instances_short(ipvsd) > 0 && clock_monotonic() < way->deadline) {
		timer_after(&way->restart, POLL_NS);
		return;
	}
	instances_flush(ipvsd);
	health_save_now(ipvsd);
	states_save(ipvsd);
	leave_now(ipvsd, 0);
}

/*
 * vrrpd may be restarting too. Then it hands over the terms whose lease is too
 * short to outlive a restart, and their addresses have to be taken out. So
 * ipvsd stays until this is done, or has had the time for it.
 */
void
leave_as_it_is(struct ipvsd *ipvsd)
{
	struct leave *way = &ipvsd->leave;

	if (ipvsd->leaving || way->restarting)
		return;
	log_info("restart: the kernel and the leases stay as they are");
	notify("STOPPING=1\nSTATUS=restarting");
	way->restarting = true;
	way->deadline = clock_monotonic() + instances_short(ipvsd) * NS_PER_MS;
	timer_init(&way->restart, ipvsd->base, restart_poll, ipvsd);
	timer_soon(&way->restart);
}
