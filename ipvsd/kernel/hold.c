/* SPDX-License-Identifier: ISC */
/* See hold.h. */
#include "kernel/hold.h"

#include "kernel/sysctl.h"

void
hold_begin(struct kernel_hold *hold, uint32_t instance)
{
	if (instance >= phase_count(hold->phases))
		return;
	phase_gain(hold->phases, instance);
	services_touch_instance(hold->services, instance, URGENT);
	sync_touch_daemons(hold->sync);
}

void
hold_end(struct kernel_hold *hold, uint32_t instance, bool handed_over)
{
	if (instance >= phase_count(hold->phases))
		return;
	phase_set(hold->phases, instance, PHASE_LOSE_ADDRESSES);
	if (handed_over)
		services_touch_local(hold->services, instance);
	address_touch(hold->addresses);
	sync_touch_daemons(hold->sync);
}

void
hold_continue(struct kernel_hold *hold)
{
	enum phase phase;

	for (uint32_t i = 0; i < phase_count(hold->phases); i++) {
		phase = phase_get(hold->phases, i);
		if (phase == PHASE_GAIN_SERVICES ||
		    phase == PHASE_LOSE_SERVICES)
			services_touch_instance(hold->services, i, URGENT);
	}
}

/* Whether every interface of an instance is there and up. */
static bool
ifaces_up(const struct kernel_hold *hold, const struct conf_instance *instance)
{
	if (instance->interface != NULL &&
	    !watch_iface_up(hold->watch, instance->interface))
		return false;
	for (uint32_t i = 0; i < instance->address_count; i++)
		if (!watch_iface_up(
			hold->watch, instance->addresses[i].interface))
			return false;
	return true;
}

/* vrrpd's sockets are bound to no VRF. Who hears nobody would be master beside
 * another one. */
static bool
adverts_heard(
    const struct kernel_hold *hold, const struct conf_instance *instance)
{
	return instance->interface == NULL ||
	    !watch_iface_in_vrf(hold->watch, instance->interface) ||
	    !sysctl_vrf_is_unheard();
}

static bool
all_present(
    const struct kernel_hold *hold, const struct conf_instance *instance)
{
	for (uint32_t i = 0; i < instance->address_count; i++)
		if (!watch_has_address(hold->watch, &instance->addresses[i]))
			return false;
	return true;
}

/*
 * Without ip_vs nothing is balanced here; another node may have it. One service
 * that the kernel refuses does not keep the others from their clients.
 */
static bool
services_in(const struct kernel_hold *hold, uint32_t id)
{
	if (hold->turn->stats.ip_vs != IPVS_YES)
		return !services_any_of(hold->services, id);
	return !phase_is_refused(hold->phases, id) ||
	    services_any_in(hold->services, id);
}

/* The kernel refused a service, or has no ip_vs for any. */
static enum lease_reason
why_no_services(const struct kernel_hold *hold, uint32_t id)
{
	return phase_is_refused(hold->phases, id) ? LEASE_KERNEL : LEASE_IP_VS;
}

/* Why a pass that should have added its addresses has not. */
static enum lease_reason
why_no_addresses(
    const struct kernel_hold *hold, const struct conf_instance *instance)
{
	if (instance == NULL)
		return LEASE_CONFIG;
	return ifaces_up(hold, instance) ? LEASE_KERNEL : LEASE_INTERFACE;
}

/* The same of an instance that was held: its lifetime may be over, too. */
static enum lease_reason
why_lost(
    struct kernel_hold *hold, uint32_t id, const struct conf_instance *instance)
{
	enum lease_reason why = why_no_addresses(hold, instance);

	if (why == LEASE_KERNEL &&
	    !hold->turn->handlers->renewable(
		id, clock_monotonic(), hold->turn->arg))
		return LEASE_EXPIRED;
	return why;
}

static void
fail(struct kernel_hold *hold, uint32_t id, enum lease_reason reason)
{
	phase_set(hold->phases, id, PHASE_FAILED);
	/* A pass takes out what of its addresses is in. */
	address_touch(hold->addresses);
	hold->turn->handlers->held(id, reason, hold->turn->arg);
}

static void
gain_addresses(struct kernel_hold *hold, uint32_t id)
{
	const struct conf_instance *instance = conf_instance(
	    hold->turn->input->conf, id);

	if (instance == NULL)
		fail(hold, id, LEASE_CONFIG);
	else if (!ifaces_up(hold, instance))
		fail(hold, id, LEASE_INTERFACE);
	else if (!adverts_heard(hold, instance))
		fail(hold, id, LEASE_VRF);
	else if (!services_in(hold, id))
		fail(hold, id, why_no_services(hold, id));
	else
		phase_set(hold->phases, id, PHASE_GAIN_ADDRESSES);
	address_touch(hold->addresses);
}

static bool
step_one(struct kernel_hold *hold, uint32_t id)
{
	if (phase_is_waiting(hold->phases, id))
		return false;
	switch (phase_get(hold->phases, id)) {
	case PHASE_GAIN_SERVICES:
		if (!watch_is_known(hold->watch))
			return false;
		gain_addresses(hold, id);
		return true;
	case PHASE_LOSE_SERVICES:
		phase_set(hold->phases, id, PHASE_IDLE);
		hold->turn->handlers->released(id, hold->turn->arg);
		return true;
	default:
		return false;
	}
}

bool
hold_step(struct kernel_hold *hold)
{
	bool busy = false;

	for (uint32_t i = 0; i < phase_count(hold->phases); i++)
		busy |= step_one(hold, i);
	return busy;
}

static void
lost(struct kernel_hold *hold, uint32_t id, enum lease_reason reason)
{
	if (phase_tell_lost(hold->phases, id))
		hold->turn->handlers->lost(id, reason, hold->turn->arg);
}

static void
pass_done_one(struct kernel_hold *hold, uint32_t id)
{
	const struct conf_instance *instance = conf_instance(
	    hold->turn->input->conf, id);

	switch (phase_get(hold->phases, id)) {
	case PHASE_GAIN_ADDRESSES:
		if (instance == NULL || !all_present(hold, instance)) {
			fail(hold, id, why_no_addresses(hold, instance));
			break;
		}
		phase_set(hold->phases, id, PHASE_HELD);
		hold->turn->handlers->held(id, LEASE_NONE, hold->turn->arg);
		break;
	case PHASE_HELD:
		/* What was removed during the pass, the next one puts back. */
		if (instance != NULL && !all_present(hold, instance) &&
		    !address_pass_is_due(hold->addresses))
			lost(hold, id, why_lost(hold, id, instance));
		break;
	case PHASE_LOSE_ADDRESSES:
		phase_set(hold->phases, id, PHASE_LOSE_SERVICES);
		services_touch_instance(hold->services, id, URGENT);
		break;
	default:
		break;
	}
}

/* An instance whose phase changed during the pass waits for the next one. */
void
hold_pass_done(struct kernel_hold *hold)
{
	for (uint32_t i = 0; i < phase_count(hold->phases); i++)
		if (phase_is_in_pass(hold->phases, i))
			pass_done_one(hold, i);
}

void
hold_ifaces_changed(struct kernel_hold *hold)
{
	const struct conf_instance *instance;

	for (uint32_t i = 0; i < phase_count(hold->phases); i++) {
		if (phase_get(hold->phases, i) != PHASE_HELD)
			continue;
		instance = conf_instance(hold->turn->input->conf, i);
		if (instance != NULL && !ifaces_up(hold, instance))
			lost(hold, i, LEASE_INTERFACE);
	}
}
