/* SPDX-License-Identifier: ISC */
/* Instances that gain and lose: services before addresses, and back. */
#include <string.h>

#include "kernel/kernel_int.h"

void
phase_set(struct kernel *kernel, uint32_t id, enum phase phase)
{
	struct instance_phase *state = &kernel->instances[id];

	state->phase = (uint8_t)phase;
	state->in_pass = false;
	state->told = false;
	kernel->held[id] = phase == PHASE_GAIN_ADDRESSES ||
		phase == PHASE_HELD ?
	    DUTY_MASTER :
	    DUTY_BACKUP;
	turn_schedule(&kernel->turn);
}

void
kernel_hold(struct kernel *kernel, uint32_t instance)
{
	if (instance >= kernel->instance_count || kernel->leaving)
		return;
	kernel->instances[instance].reason = LEASE_NONE;
	phase_set(kernel, instance, PHASE_GAIN_SERVICES);
	table_touch_instance(kernel, instance, URGENT);
	sync_touch_daemons(kernel->sync);
}

static void
touch_own(struct kernel *kernel, uint32_t instance)
{
	const struct lookup *lookup = &kernel->by_instance;
	const struct conf *conf = kernel->turn.input->conf;
	uint32_t index;

	if (instance >= lookup->count)
		return;
	for (uint32_t i = lookup->start[instance];
	     i < lookup->start[instance + 1]; i++) {
		index = lookup->list[i];
		if (desired_serves_itself(
			kernel->turn.input, &conf->services[index]))
			table_touch(kernel, index, URGENT);
	}
}

void
kernel_release(struct kernel *kernel, uint32_t instance, bool handed_over)
{
	if (instance >= kernel->instance_count || kernel->leaving)
		return;
	phase_set(kernel, instance, PHASE_LOSE_ADDRESSES);
	if (handed_over)
		touch_own(kernel, instance);
	kernel->addresses_dirty = true;
	sync_touch_daemons(kernel->sync);
}

/* Whether every interface of an instance is there and up. */
static bool
ifaces_up(const struct kernel *kernel, const struct conf_instance *instance)
{
	if (instance->interface != NULL &&
	    !kernel_iface_up(kernel, instance->interface))
		return false;
	for (uint32_t i = 0; i < instance->address_count; i++)
		if (!kernel_iface_up(kernel, instance->addresses[i].interface))
			return false;
	return true;
}

static bool
all_present(const struct kernel *kernel, const struct conf_instance *instance)
{
	for (uint32_t i = 0; i < instance->address_count; i++)
		if (!address_present(kernel, &instance->addresses[i]))
			return false;
	return true;
}

/* Without ip_vs nothing would be balanced: another node can. */
static bool
services_in(const struct kernel *kernel, uint32_t id)
{
	const struct lookup *lookup = &kernel->by_instance;
	const struct conf *conf = kernel->turn.input->conf;

	if (kernel->instances[id].reason != LEASE_NONE)
		return false;
	if (id >= lookup->count || kernel->turn.stats.ip_vs == IPVS_YES)
		return true;
	for (uint32_t i = lookup->start[id]; i < lookup->start[id + 1]; i++)
		if (conf->services[lookup->list[i]].director)
			return false;
	return true;
}

/* Services that the kernel refused, or that it cannot have at all. */
static enum lease_reason
why_no_services(const struct kernel *kernel, uint32_t id)
{
	return kernel->instances[id].reason == LEASE_NONE ? LEASE_IP_VS :
							    LEASE_KERNEL;
}

/* Addresses that are not there after a pass that should have added them. */
static enum lease_reason
why_no_addresses(
    const struct kernel *kernel, const struct conf_instance *instance)
{
	if (instance == NULL)
		return LEASE_CONFIG;
	return ifaces_up(kernel, instance) ? LEASE_KERNEL : LEASE_INTERFACE;
}

/* The same of one that was held: its lifetime may be over, too. */
static enum lease_reason
why_lost(
    struct kernel *kernel, uint32_t id, const struct conf_instance *instance)
{
	enum lease_reason why = why_no_addresses(kernel, instance);

	if (why == LEASE_KERNEL &&
	    !kernel->turn.handlers->renewable(
		id, clock_monotonic(), kernel->turn.arg))
		return LEASE_EXPIRED;
	return why;
}

static void
fail(struct kernel *kernel, uint32_t id, enum lease_reason reason)
{
	phase_set(kernel, id, PHASE_FAILED);
	/* What of its addresses is in goes out again. */
	kernel->addresses_dirty = true;
	kernel->turn.handlers->held(id, reason, kernel->turn.arg);
}

static bool
step_one(struct kernel *kernel, uint32_t id)
{
	struct instance_phase *state = &kernel->instances[id];
	const struct conf_instance *instance;

	if (state->waiting > 0)
		return false;
	switch ((enum phase)state->phase) {
	case PHASE_GAIN_SERVICES:
		if (!kernel->ifaces_known)
			return false;
		instance = conf_instance(kernel->turn.input->conf, id);
		if (instance == NULL)
			fail(kernel, id, LEASE_CONFIG);
		else if (!ifaces_up(kernel, instance))
			fail(kernel, id, LEASE_INTERFACE);
		else if (!services_in(kernel, id))
			fail(kernel, id, why_no_services(kernel, id));
		else
			phase_set(kernel, id, PHASE_GAIN_ADDRESSES);
		kernel->addresses_dirty = true;
		return true;
	case PHASE_LOSE_SERVICES:
		phase_set(kernel, id, PHASE_IDLE);
		kernel->turn.handlers->released(id, kernel->turn.arg);
		return true;
	default:
		return false;
	}
}

bool
phase_step(struct kernel *kernel)
{
	bool busy = false;

	for (uint32_t i = 0; i < kernel->instance_count; i++)
		busy |= step_one(kernel, i);
	return busy;
}

void
phase_pass_begins(struct kernel *kernel)
{
	for (uint32_t i = 0; i < kernel->instance_count; i++)
		kernel->instances[i].in_pass = true;
}

static void
lost(struct kernel *kernel, uint32_t id, enum lease_reason reason)
{
	if (kernel->instances[id].told)
		return;
	kernel->instances[id].told = true;
	kernel->turn.handlers->lost(id, reason, kernel->turn.arg);
}

static void
pass_done_one(struct kernel *kernel, uint32_t id)
{
	const struct conf_instance *instance = conf_instance(
	    kernel->turn.input->conf, id);

	switch ((enum phase)kernel->instances[id].phase) {
	case PHASE_GAIN_ADDRESSES:
		if (instance == NULL || !all_present(kernel, instance)) {
			fail(kernel, id, why_no_addresses(kernel, instance));
			break;
		}
		phase_set(kernel, id, PHASE_HELD);
		kernel->turn.handlers->held(id, LEASE_NONE, kernel->turn.arg);
		break;
	case PHASE_HELD:
		if (instance != NULL && !all_present(kernel, instance))
			lost(kernel, id, why_lost(kernel, id, instance));
		break;
	case PHASE_LOSE_ADDRESSES:
		phase_set(kernel, id, PHASE_LOSE_SERVICES);
		table_touch_instance(kernel, id, URGENT);
		break;
	default:
		break;
	}
}

/* Only what the pass has seen: who came later waits for the next one. */
void
phase_pass_done(struct kernel *kernel)
{
	for (uint32_t i = 0; i < kernel->instance_count; i++)
		if (kernel->instances[i].in_pass)
			pass_done_one(kernel, i);
}

void
phase_ifaces_changed(struct kernel *kernel)
{
	const struct conf_instance *instance;

	for (uint32_t i = 0; i < kernel->instance_count; i++) {
		if (kernel->instances[i].phase != PHASE_HELD)
			continue;
		instance = conf_instance(kernel->turn.input->conf, i);
		if (instance != NULL && !ifaces_up(kernel, instance))
			lost(kernel, i, LEASE_INTERFACE);
	}
}
