/* SPDX-License-Identifier: ISC */
/*
 * The facade: one turn after another on the loop, the most urgent thing
 * first; generations; leaving. See kernel.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel_int.h"

/* --- the loop --- */

/* Digests ahead of who asks for them, a slice at a time. */
static bool
digest_step(struct kernel *kernel)
{
	const struct conf *conf = kernel->turn.input->conf;
	struct ipvs_service *service;
	uint64_t start = 0;
	uint32_t done = 0;
	bool busy = false;

	do {
		if (kernel->digested < conf->service_count) {
			kernel->configured_sum += digest_configured_service(
			    &conf->services[kernel->digested++]);
		} else if (kernel->live_digested < kernel->live.count) {
			service = kernel->live
				      .services[kernel->live_digested++];
			if (service->ours && service->digest == 0)
				service->digest = digest_service(service);
		} else {
			break;
		}
		busy = true;
	} while (!turn_slice_over(&start, ++done));
	if (kernel->digested == conf->service_count)
		kernel->turn.stats.configured_digest = digest_of_sum(
		    kernel->configured_sum);
	return busy;
}

enum leave_step {
	LEAVE_ADDRESSES,
	LEAVE_SERVICES,
	LEAVE_DAEMONS,
	LEAVE_REST,
	LEAVE_DONE
};

static bool
flushes(const struct kernel *kernel)
{
	return kernel->turn.input->conf->ipvs.on_stop == ON_STOP_FLUSH;
}

static bool
leave_step(struct kernel *kernel)
{
	switch ((enum leave_step)kernel->leave_step) {
	case LEAVE_ADDRESSES:
		if (address_step(kernel))
			return true;
		for (uint32_t i = 0; i < kernel->live.count; i++)
			if (kernel->live.services[i]->ours)
				table_remove(
				    kernel, &kernel->live.services[i]->key);
		kernel->leave_step = LEAVE_SERVICES;
		return true;
	case LEAVE_SERVICES:
		if (kernel->turn.stats.ip_vs != IPVS_YES ||
		    !table_removal_step(kernel))
			kernel->leave_step = LEAVE_DAEMONS;
		return true;
	case LEAVE_DAEMONS:
		if (sync_leave_waits(kernel->sync, flushes(kernel)))
			return false; /* a turn comes */
		kernel->leave_step = flushes(kernel) ? LEAVE_REST : LEAVE_DONE;
		return true;
	case LEAVE_REST:
		sync_leave(kernel->sync);
		turn_save_changed(&kernel->turn);
		kernel->leave_step = LEAVE_DONE;
		return true;
	case LEAVE_DONE:
		break;
	}
	if (kernel->left != NULL) {
		kernel->left(kernel->left_arg);
		kernel->left = NULL;
	}
	return false;
}

/* One thing, the most urgent. False: there is nothing to do. */
static bool
step(struct kernel *kernel)
{
	if (address_dump_step(kernel))
		return true;
	if (kernel->turn.input == NULL)
		return false;
	if (kernel->leaving)
		return leave_step(kernel);
	return phase_step(kernel) || table_step(kernel, true) ||
	    address_step(kernel) || address_renew_step(kernel) ||
	    sync_step(kernel->sync) || table_step(kernel, false) ||
	    table_removal_step(kernel) || dump_step(kernel) ||
	    digest_step(kernel);
}

/* The same; and once there is nothing to do, the owner hears of it. */
static bool
on_step(void *arg)
{
	struct kernel *kernel = arg;

	if (step(kernel))
		return true;
	if (!kernel->tell_idle || !kernel->ifaces_known ||
	    (kernel->turn.stats.ip_vs == IPVS_YES && !kernel->table_known))
		return false;
	kernel->tell_idle = false;
	kernel->turn.handlers->idle(kernel->turn.arg);
	return false;
}

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	address_events(arg);
}

void
kernel_renew(struct kernel *kernel)
{
	kernel->renew_due = true;
	turn_schedule(&kernel->turn);
}

static void
on_renew(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	kernel_renew(arg);
}

static void
on_resync(void *arg)
{
	struct kernel *kernel = arg;

	if (kernel->turn.input == NULL || kernel->leaving)
		return;
	if (kernel->turn.stats.ip_vs == IPVS_YES)
		dump_want(kernel);
	else
		table_need(kernel);
	kernel->ifaces_dump_wanted = kernel->addresses_dirty = true;
	sync_touch(kernel->sync);
	turn_resync(&kernel->turn, kernel->turn.input->conf->ipvs.resync);
	turn_schedule(&kernel->turn);
}

/* --- birth and death --- */

struct kernel *
kernel_new(
    struct event_base *base, const struct kernel_handlers *handlers, void *arg)
{
	static const struct timeval renew = {
	    .tv_sec = KERNEL_RENEW / NS_PER_SEC};
	static const struct turn_handlers own = {
	    .step = on_step, .resync = on_resync};
	struct kernel *kernel = xcalloc(1, sizeof(*kernel));

	if (addr_nl_open(&kernel->addrs) == -1) {
		log_warn("rtnetlink");
		free(kernel);
		return NULL;
	}
	turn_init(&kernel->turn, base, &own, kernel);
	kernel->turn.handlers = handlers;
	kernel->turn.arg = arg;
	kernel->settings = setting_new(&kernel->turn, &kernel->addrs);
	kernel->sync = sync_new(&kernel->turn, base, &kernel->ipvs);
	kernel->renew = event_new(base, -1, EV_PERSIST, on_renew, kernel);
	kernel->events = event_new(base, netlink_fd(&kernel->addrs.events),
	    EV_READ | EV_PERSIST, on_event, kernel);
	if (kernel->renew == NULL || kernel->events == NULL)
		fatalx("out of memory");
	(void)event_add(kernel->events, NULL);
	(void)event_add(kernel->renew, &renew);
	kernel->ifaces_dump_wanted = true;
	turn_schedule(&kernel->turn);
	return kernel;
}

void
kernel_free(struct kernel *kernel)
{
	if (kernel == NULL)
		return;
	event_free(kernel->renew);
	event_free(kernel->events);
	if (kernel->ipvs.commands.sock != NULL)
		ipvs_nl_close(&kernel->ipvs);
	addr_nl_close(&kernel->addrs);
	index_free(kernel);
	ipvs_table_clear(&kernel->live);
	ipvs_table_clear(&kernel->fresh);
	ipvs_table_clear(&kernel->gone);
	ipvs_table_clear(&kernel->removals);
	ipvs_commands_clear(&kernel->current);
	address_commands_clear(&kernel->pass);
	desired_addresses_clear(&kernel->wanted);
	free(kernel->refreshes);
	free(kernel->instances);
	free(kernel->held);
	setting_free(kernel->settings);
	sync_free(kernel->sync);
	turn_clear(&kernel->turn);
	free(kernel);
}

/* --- generations --- */

/* Open instances keep their phase, by name. */
static void
carry_instances(struct kernel *kernel, const struct conf *old)
{
	const struct conf *new = kernel->turn.input->conf;
	const struct conf_instance *now, *before;
	struct instance_phase *former = kernel->instances;
	uint32_t former_count = kernel->instance_count, count = 0;

	for (uint32_t i = 0; i < new->instance_count; i++)
		if (new->instances[i].id >= count)
			count = new->instances[i].id + 1;
	kernel->instances = xcalloc(count, sizeof(*kernel->instances));
	free(kernel->held);
	kernel->held = xcalloc(count, sizeof(*kernel->held));
	kernel->instance_count = count;
	for (uint32_t i = 0; old != NULL && i < new->instance_count; i++) {
		now = &new->instances[i];
		before = conf_instance_by_name(old, now->name);
		if (before == NULL || before->id >= former_count)
			continue;
		kernel->instances[now->id].reason = former[before->id].reason;
		phase_set(
		    kernel, now->id, (enum phase)former[before->id].phase);
		kernel->instances[now->id].told = former[before->id].told;
	}
	free(former);
}

void
kernel_configure(struct kernel *kernel, const struct desired_input *input,
    struct kernel_index *index)
{
	const struct conf *old = kernel->turn.input == NULL ?
	    NULL :
	    kernel->input_conf;

	kernel->turn.input = input;
	kernel->input_conf = input->conf;
	if (kernel->leaving) {
		kernel_index_free(index);
		return;
	}
	index_free(kernel);
	carry_instances(kernel, old);
	index_take(kernel, index);
	kernel->turn.stats.dirty = 0;
	kernel->turn.stats.configured_digest = 0;
	kernel->digested = 0;
	kernel->configured_sum = 0;
	kernel->current.count = kernel->current_next = 0;
	ipvs_table_clear(&kernel->removals);
	table_need(kernel);
	if (kernel->table_known)
		dump_mark_ours(kernel);
	table_touch_all(kernel);
	for (uint32_t i = 0; i < kernel->instance_count; i++)
		if (kernel->instances[i].phase == PHASE_GAIN_SERVICES ||
		    kernel->instances[i].phase == PHASE_LOSE_SERVICES)
			table_touch_instance(kernel, i, URGENT);
	kernel->addresses_dirty = kernel->tell_idle = true;
	sync_touch(kernel->sync);
	kernel->ifaces_dump_wanted |= !kernel->ifaces_known;
	turn_resync(&kernel->turn, kernel->turn.input->conf->ipvs.resync);
	turn_schedule(&kernel->turn);
}

void
kernel_touch_probe(struct kernel *kernel, uint32_t probe)
{
	const struct lookup *lookup = &kernel->by_probe;

	if (probe >= lookup->count || kernel->leaving)
		return;
	kernel->tell_idle = true;
	for (uint32_t i = lookup->start[probe]; i < lookup->start[probe + 1];
	     i++)
		table_touch(kernel, lookup->list[i], DIRTY);
}

void
kernel_touch_instance(struct kernel *kernel, uint32_t instance)
{
	if (kernel->turn.input != NULL && !kernel->leaving)
		table_touch_instance(kernel, instance, URGENT);
}

void
kernel_touch_service(struct kernel *kernel, uint32_t index)
{
	if (kernel->turn.input == NULL || kernel->leaving ||
	    index >= kernel->turn.input->conf->service_count)
		return;
	kernel->tell_idle = true;
	table_touch(kernel, index, DIRTY);
}

void
kernel_leave(struct kernel *kernel, void (*done)(void *), void *arg)
{
	kernel->left = done;
	kernel->left_arg = arg;
	for (uint32_t i = 0; i < kernel->instance_count; i++)
		phase_set(kernel, i, PHASE_IDLE);
	kernel->leaving = true;
	kernel->leave_step = LEAVE_DONE;
	if (kernel->turn.input != NULL)
		kernel->leave_step = LEAVE_DAEMONS;
	if (kernel->turn.input != NULL && flushes(kernel)) {
		kernel->leave_step = LEAVE_ADDRESSES;
		kernel->addresses_dirty = true;
		ipvs_table_clear(&kernel->removals);
	}
	turn_schedule(&kernel->turn);
}
