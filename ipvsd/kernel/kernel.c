/* SPDX-License-Identifier: ISC */
/*
 * The facade: what is asked of the kernel half, one turn after another with
 * the most urgent thing first, generations, leaving. See kernel.h.
 */
#include "kernel/kernel.h"

#include <stdlib.h>

#include "grow.h"
#include "kernel/address.h"
#include "kernel/digests.h"
#include "kernel/hold.h"
#include "kernel/leaving.h"
#include "kernel/live.h"
#include "kernel/phase.h"
#include "kernel/reader.h"
#include "kernel/removals.h"
#include "kernel/repair.h"
#include "kernel/services.h"
#include "kernel/sync.h"
#include "kernel/trial.h"
#include "kernel/turn.h"
#include "kernel/watch.h"

struct kernel {
	struct kernel_turn turn;
	const struct conf *conf; /* of the input as it was given */

	/* the parts; those below use those above */
	struct kernel_phases *phases;
	struct kernel_live *live;
	struct kernel_services *services;
	struct kernel_removals *removals;
	struct kernel_watch *watch;
	struct kernel_addresses *addresses;
	struct kernel_sync *sync;
	struct kernel_hold hold;
	struct kernel_digests digests;
	struct kernel_repairs repairs;
	struct kernel_reader *reader;
	struct kernel_leaving leave;

	bool tell_idle, leaving;
};

/* --- turns --- */

/* Once the generation needs ip_vs, its options and daemons are due as well. */
static void
need_ipvs(struct kernel *kernel)
{
	bool needed = services_any(kernel->services) ||
	    kernel->turn.input->conf->ipvs.sync.enabled;

	if (live_need(kernel->live, needed))
		sync_touch(kernel->sync);
}

/* One thing, the most urgent. False: there is nothing to do. */
static bool
step(struct kernel *kernel)
{
	if (watch_step(kernel->watch))
		return true;
	if (kernel->turn.input == NULL)
		return false;
	if (kernel->leaving)
		return leaving_step(&kernel->leave);
	return hold_step(&kernel->hold) ||
	    services_step(kernel->services, true) ||
	    address_step(kernel->addresses) ||
	    address_renew_step(kernel->addresses) || sync_step(kernel->sync) ||
	    services_step(kernel->services, false) ||
	    removals_step(kernel->removals) ||
	    reader_step(kernel->reader, false) || live_step(kernel->live) ||
	    reader_step(kernel->reader, true) ||
	    digests_step(
		&kernel->digests, &kernel->turn, live_table(kernel->live));
}

static bool
on_step(void *arg)
{
	struct kernel *kernel = arg;

	if (step(kernel))
		return true;
	if (!kernel->tell_idle || !watch_is_known(kernel->watch) ||
	    (kernel->turn.stats.ip_vs == IPVS_YES &&
		!live_is_known(kernel->live)))
		return false;
	kernel->tell_idle = false;
	kernel->turn.handlers->idle(kernel->turn.arg);
	return false;
}

/* The services are read in turn between two of these (reader.h); here, which of
 * them there are. */
static void
on_resync(bool all, void *arg)
{
	struct kernel *kernel = arg;

	if (kernel->turn.input == NULL || kernel->leaving)
		return;
	if (kernel->turn.stats.ip_vs != IPVS_YES)
		need_ipvs(kernel);
	else if (all)
		live_want(kernel->live);
	else
		live_want_list(kernel->live);
	watch_want(kernel->watch);
	address_touch(kernel->addresses);
	sync_touch(kernel->sync);
	turn_resync(&kernel->turn, kernel->turn.input->conf->ipvs.resync);
}

/* --- what the parts tell --- */

/* The copy of the table is known: what is not configured is to go. */
static void
mark(struct kernel *kernel)
{
	uint32_t count;
	const struct ipvs_key *keys = services_keys(kernel->services, &count);

	removals_mark(kernel->removals, keys, count);
}

static void
on_table_read(void *arg)
{
	struct kernel *kernel = arg;

	digests_table_read(&kernel->digests);
	if (kernel->leaving)
		return;
	mark(kernel);
	services_touch_all(kernel->services);
}

static void
on_table_listed(void *arg)
{
	struct kernel *kernel = arg;

	if (kernel->leaving)
		return;
	mark(kernel);
	services_touch_failed(kernel->services);
}

static void
on_watch_changed(bool ifaces, void *arg)
{
	struct kernel *kernel = arg;

	address_touch(kernel->addresses);
	if (kernel->turn.input == NULL)
		return;
	if (ifaces) {
		sync_touch_daemons(kernel->sync);
		hold_ifaces_changed(&kernel->hold);
	}
	/* A destination needs a route to be let in. */
	if (!kernel->leaving)
		services_touch_failed(kernel->services);
}

static void
on_pass_done(void *arg)
{
	struct kernel *kernel = arg;

	if (!kernel->leaving)
		hold_pass_done(&kernel->hold);
}

/* --- birth and death --- */

/* The parts; those below use those above. */
static void
make_parts(struct kernel *kernel, struct event_base *base)
{
	static const struct live_handlers live_handlers = {
	    .read = on_table_read, .listed = on_table_listed};
	struct kernel_turn *turn = &kernel->turn;

	kernel->phases = phase_new(turn);
	repair_init(&kernel->repairs, turn, base);
	kernel->live = live_new(turn, &kernel->repairs, &live_handlers, kernel);
	kernel->services = services_new(turn, kernel->live, kernel->phases);
	kernel->removals = removals_new(turn, kernel->live);
	kernel->addresses = address_new(
	    turn, base, kernel->watch, kernel->phases, on_pass_done, kernel);
	kernel->sync = sync_new(turn, base, live_ipvs(kernel->live));
	kernel->hold = (struct kernel_hold){.turn = turn,
	    .phases = kernel->phases,
	    .services = kernel->services,
	    .watch = kernel->watch,
	    .addresses = kernel->addresses,
	    .sync = kernel->sync};
	kernel->reader = reader_new(turn, base, kernel->live, kernel->services);
	kernel->leave = (struct kernel_leaving){.turn = turn,
	    .removals = kernel->removals,
	    .addresses = kernel->addresses,
	    .sync = kernel->sync};
}

struct kernel *
kernel_new(
    struct event_base *base, const struct kernel_handlers *handlers, void *arg)
{
	static const struct turn_handlers turn_handlers = {
	    .step = on_step, .resync = on_resync};
	struct kernel *kernel = xcalloc(1, sizeof(*kernel));
	struct kernel_turn *turn = &kernel->turn;

	turn_init(turn, base, &turn_handlers, kernel);
	turn->handlers = handlers;
	turn->arg = arg;
	kernel->watch = watch_new(turn, base, on_watch_changed, kernel);
	if (kernel->watch == NULL) {
		log_warn("rtnetlink");
		turn_clear(turn);
		free(kernel);
		return NULL;
	}
	make_parts(kernel, base);
	return kernel;
}

void
kernel_free(struct kernel *kernel)
{
	if (kernel == NULL)
		return;
	reader_free(kernel->reader);
	repair_clear(&kernel->repairs);
	sync_free(kernel->sync);
	address_free(kernel->addresses);
	watch_free(kernel->watch);
	removals_free(kernel->removals);
	services_free(kernel->services);
	live_free(kernel->live);
	phase_free(kernel->phases);
	turn_clear(&kernel->turn);
	free(kernel);
}

/* What a part does not know as its own is a line of the next one. */
void
kernel_load(struct kernel *kernel, FILE *file)
{
	char line[256];

	while (fgets(line, sizeof(line), file) != NULL)
		if (!sync_load(kernel->sync, line))
			address_load(kernel->addresses, line);
	/* Who is ours may have changed with it. */
	watch_want(kernel->watch);
}

void
kernel_save(const struct kernel *kernel, FILE *file)
{
	sync_save(kernel->sync, file);
	address_save(kernel->addresses, file);
}

/* --- orders --- */

void
kernel_configure(struct kernel *kernel, const struct desired_input *input,
    struct kernel_index *index)
{
	const struct conf *old = kernel->conf;

	kernel->turn.input = input;
	kernel->conf = input->conf;
	if (kernel->leaving) {
		kernel_index_free(index);
		return;
	}
	if (index == NULL)
		index = kernel_index_new(input->conf);
	while (kernel_index_step(index, UINT32_MAX))
		continue;
	phase_configure(kernel->phases, old);
	services_configure(kernel->services, index);
	removals_configure(kernel->removals);
	digests_configure(&kernel->digests, &kernel->turn);
	need_ipvs(kernel);
	if (live_is_known(kernel->live))
		mark(kernel);
	reader_configure(kernel->reader);
	services_touch_all(kernel->services);
	hold_continue(&kernel->hold);
	address_touch(kernel->addresses);
	sync_touch(kernel->sync);
	if (!watch_is_known(kernel->watch))
		watch_want(kernel->watch);
	kernel->tell_idle = true;
	turn_resync(&kernel->turn, input->conf->ipvs.resync);
	turn_schedule(&kernel->turn);
}

bool
kernel_try(
    struct kernel *kernel, const struct conf *next, char *why, size_t size)
{
	(void)live_need(
	    kernel->live, services_any(kernel->services) || trial_is_due(next));
	return kernel->turn.stats.ip_vs != IPVS_YES ||
	    trial_run(live_ipvs(kernel->live), kernel->conf, next, why, size);
}

/* Whether there is a generation that is to be followed. */
static bool
follows(const struct kernel *kernel)
{
	return kernel->turn.input != NULL && !kernel->leaving;
}

void
kernel_touch_probe(struct kernel *kernel, uint32_t probe)
{
	if (!follows(kernel))
		return;
	kernel->tell_idle = true;
	services_touch_probe(kernel->services, probe);
}

void
kernel_touch_instance(struct kernel *kernel, uint32_t instance)
{
	if (follows(kernel))
		services_touch_instance(kernel->services, instance, URGENT);
}

void
kernel_touch_service(struct kernel *kernel, uint32_t index)
{
	if (!follows(kernel) ||
	    index >= kernel->turn.input->conf->service_count)
		return;
	kernel->tell_idle = true;
	services_touch(kernel->services, index, DIRTY);
}

void
kernel_hold(struct kernel *kernel, uint32_t instance)
{
	if (!kernel->leaving)
		hold_begin(&kernel->hold, instance);
}

void
kernel_release(struct kernel *kernel, uint32_t instance, bool handed_over)
{
	if (!kernel->leaving)
		hold_end(&kernel->hold, instance, handed_over);
}

void
kernel_renew(struct kernel *kernel)
{
	address_renew(kernel->addresses);
}

void
kernel_resync(struct kernel *kernel)
{
	on_resync(true, kernel);
}

void
kernel_leave(struct kernel *kernel, void (*done)(void *), void *arg)
{
	phase_idle(kernel->phases);
	kernel->leaving = true;
	reader_stop(kernel->reader);
	leaving_begin(&kernel->leave, done, arg);
}

/* --- questions --- */

void
kernel_refresh(struct kernel *kernel, void (*cb)(void *), void *arg)
{
	live_refresh(kernel->live, false, cb, arg);
}

bool
kernel_recent(struct kernel *kernel, void (*cb)(void *), void *arg)
{
	if (live_is_recent(kernel->live))
		return true;
	live_refresh(kernel->live, true, cb, arg);
	return false;
}

void
kernel_refresh_service(
    struct kernel *kernel, uint32_t index, void (*cb)(void *), void *arg)
{
	if (follows(kernel) && index < kernel->turn.input->conf->service_count)
		reader_read(kernel->reader, index, cb, arg);
	else
		kernel_refresh(kernel, cb, arg);
}

const struct ipvs_table *
kernel_table(const struct kernel *kernel)
{
	return live_table(kernel->live);
}

const struct kernel_stats *
kernel_stats(struct kernel *kernel)
{
	kernel->turn.stats.live_digest = digests_live(live_table(kernel->live));
	return &kernel->turn.stats;
}

bool
kernel_has_address(
    const struct kernel *kernel, const struct conf_address *address)
{
	return watch_has_address(kernel->watch, address);
}

const struct live_addresses *
kernel_addresses(const struct kernel *kernel)
{
	return &watch_copy(kernel->watch)->addresses;
}

void
kernel_claim(struct kernel *kernel)
{
	address_touch(kernel->addresses);
}

bool
kernel_iface_up(const struct kernel *kernel, const char *interface)
{
	return watch_iface_up(kernel->watch, interface);
}
