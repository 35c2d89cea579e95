/* SPDX-License-Identifier: ISC */
/*
 * The facade: one turn after another on the loop, the most urgent thing
 * first; generations; leaving. See kernel.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel_int.h"

#define LOG_BURST  20 /* refused commands logged in LOG_WINDOW */
#define LOG_WINDOW (60 * NS_PER_SEC)

/* --- the loop --- */

void
kernel_schedule(struct kernel *kernel)
{
	/* By a timer, so that the loop polls in between. */
	static const struct timeval now = {.tv_sec = 0};

	if (!evtimer_pending(kernel->work, NULL))
		(void)evtimer_add(kernel->work, &now);
}

void
kernel_save_changed(struct kernel *kernel)
{
	kernel->handlers->save(kernel->arg);
}

void
kernel_refused(struct kernel *kernel, const char *format, ...)
{
	struct kernel_stats *stats = &kernel->stats;
	char more[LOG_MORE_SIZE];
	uint32_t suppressed;
	va_list ap;

	va_start(ap, format);
	vsnprintf(stats->last_error, sizeof(stats->last_error), format, ap);
	va_end(ap);
	stats->errors++;
	stats->last_error_at = clock_monotonic();
	if (log_limit(&kernel->limit, stats->last_error_at, LOG_BURST,
		LOG_WINDOW, &suppressed))
		log_warnx(
		    "%s%s", stats->last_error, log_more(suppressed, more));
}

void
kernel_retry(struct kernel *kernel)
{
	static const struct timeval soon = {.tv_sec = 1};

	/* What is refused again and again does not put it off. */
	if (kernel->retrying)
		return;
	kernel->retrying = true;
	(void)evtimer_add(kernel->resync, &soon);
}

bool
kernel_slice_over(uint64_t *start, uint32_t done)
{
	uint64_t now;

	if (done % CLOCK_EVERY != 0)
		return false;
	now = clock_monotonic();
	if (*start == 0)
		*start = now;
	return now - *start > KERNEL_SLICE;
}

/* Digests ahead of who asks for them, a slice at a time. */
static bool
digest_step(struct kernel *kernel)
{
	const struct conf *conf = kernel->input->conf;
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
	} while (!kernel_slice_over(&start, ++done));
	if (kernel->digested == conf->service_count)
		kernel->stats.configured_digest = digest_of_sum(
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
	return kernel->input->conf->ipvs.on_stop == ON_STOP_FLUSH;
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
		if (kernel->stats.ip_vs != IPVS_YES ||
		    !table_removal_step(kernel))
			kernel->leave_step = LEAVE_DAEMONS;
		return true;
	case LEAVE_DAEMONS:
		if (daemon_leave_waits(kernel, flushes(kernel)))
			return false; /* on_linger() goes on */
		kernel->leave_step = flushes(kernel) ? LEAVE_REST : LEAVE_DONE;
		return true;
	case LEAVE_REST:
		daemon_leave(kernel);
		kernel_save_changed(kernel);
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
	if (kernel->input == NULL)
		return false;
	if (kernel->leaving)
		return leave_step(kernel);
	return phase_step(kernel) || table_step(kernel, true) ||
	    address_step(kernel) || address_renew_step(kernel) ||
	    daemon_step(kernel) || table_step(kernel, false) ||
	    table_removal_step(kernel) || dump_step(kernel) ||
	    digest_step(kernel);
}

static void
on_work(evutil_socket_t fd, short what, void *arg)
{
	struct kernel *kernel = arg;

	(void)fd;
	(void)what;
	if (step(kernel)) {
		kernel_schedule(kernel);
		return;
	}
	if (!kernel->tell_idle || !kernel->ifaces_known ||
	    (kernel->stats.ip_vs == IPVS_YES && !kernel->table_known))
		return;
	kernel->tell_idle = false;
	kernel->handlers->idle(kernel->arg);
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
	kernel_schedule(kernel);
}

static void
on_renew(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	kernel_renew(arg);
}

static void
on_linger(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	daemon_linger_over(arg);
}

static void
resync_again(struct kernel *kernel)
{
	struct timeval after = clock_timeval(
	    kernel->input->conf->ipvs.resync * NS_PER_MS);

	if (kernel->input->conf->ipvs.resync != 0 && !kernel->retrying)
		(void)evtimer_add(kernel->resync, &after);
}

static void
on_resync(evutil_socket_t fd, short what, void *arg)
{
	struct kernel *kernel = arg;

	(void)fd;
	(void)what;
	kernel->retrying = false;
	if (kernel->input == NULL || kernel->leaving)
		return;
	if (kernel->stats.ip_vs == IPVS_YES)
		dump_want(kernel);
	else
		table_need(kernel);
	kernel->ifaces_dump_wanted = kernel->addresses_dirty = true;
	kernel->options_dirty = kernel->daemons_dirty = true;
	resync_again(kernel);
	kernel_schedule(kernel);
}

/* --- birth and death --- */

struct kernel *
kernel_new(
    struct event_base *base, const struct kernel_handlers *handlers, void *arg)
{
	static const struct timeval renew = {
	    .tv_sec = KERNEL_RENEW / NS_PER_SEC};
	struct kernel *kernel = xcalloc(1, sizeof(*kernel));

	kernel->base = base;
	kernel->handlers = handlers;
	kernel->arg = arg;
	if (addr_nl_open(&kernel->addrs) == -1) {
		log_warn("rtnetlink");
		free(kernel);
		return NULL;
	}
	kernel->work = evtimer_new(base, on_work, kernel);
	kernel->resync = evtimer_new(base, on_resync, kernel);
	kernel->linger = evtimer_new(base, on_linger, kernel);
	kernel->renew = event_new(base, -1, EV_PERSIST, on_renew, kernel);
	kernel->events = event_new(base, netlink_fd(&kernel->addrs.events),
	    EV_READ | EV_PERSIST, on_event, kernel);
	if (kernel->work == NULL || kernel->resync == NULL ||
	    kernel->linger == NULL || kernel->renew == NULL ||
	    kernel->events == NULL)
		fatalx("out of memory");
	(void)event_add(kernel->events, NULL);
	(void)event_add(kernel->renew, &renew);
	kernel->ifaces_dump_wanted = true;
	kernel_schedule(kernel);
	return kernel;
}

void
kernel_free(struct kernel *kernel)
{
	if (kernel == NULL)
		return;
	event_free(kernel->work);
	event_free(kernel->resync);
	event_free(kernel->linger);
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
	free(kernel->formers);
	free(kernel->instances);
	free(kernel->held);
	free(kernel);
}

/* --- generations --- */

/* Open instances keep their phase, by name. */
static void
carry_instances(struct kernel *kernel, const struct conf *old)
{
	const struct conf *new = kernel->input->conf;
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
	const struct conf *old = kernel->input == NULL ? NULL :
							 kernel->input_conf;

	kernel->input = input;
	kernel->input_conf = input->conf;
	if (kernel->leaving) {
		kernel_index_free(index);
		return;
	}
	index_free(kernel);
	carry_instances(kernel, old);
	index_take(kernel, index);
	kernel->stats.dirty = 0;
	kernel->stats.configured_digest = 0;
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
	kernel->addresses_dirty = kernel->options_dirty = true;
	kernel->daemons_dirty = kernel->tell_idle = true;
	kernel->ifaces_dump_wanted |= !kernel->ifaces_known;
	resync_again(kernel);
	kernel_schedule(kernel);
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
	if (kernel->input != NULL && !kernel->leaving)
		table_touch_instance(kernel, instance, URGENT);
}

void
kernel_touch_service(struct kernel *kernel, uint32_t index)
{
	if (kernel->input == NULL || kernel->leaving ||
	    index >= kernel->input->conf->service_count)
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
	if (kernel->input != NULL)
		kernel->leave_step = LEAVE_DAEMONS;
	if (kernel->input != NULL && flushes(kernel)) {
		kernel->leave_step = LEAVE_ADDRESSES;
		kernel->addresses_dirty = true;
		ipvs_table_clear(&kernel->removals);
	}
	kernel_schedule(kernel);
}
