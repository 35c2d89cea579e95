/* SPDX-License-Identifier: ISC */
/* See services.h. */
#include "kernel/services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "kernel/queue.h"

struct kernel_services {
	struct kernel_turn *turn;
	struct kernel_live *live;
	struct kernel_phases *phases;
	struct kernel_index *index; /* NULL: no generation yet */
	uint8_t *dirty;		    /* enum dirt, by service */
	bool *failed;		    /* by service */
	struct queue urgent;
	struct queue normal;
	struct ipvs_commands current; /* what is left of one service */
	uint32_t current_next;
	uint32_t current_index;
	bool current_urgent;
	struct ipvs_table removals; /* keys to delete */
	struct ipvs_command batch[NETLINK_BATCH];
	uint32_t batch_service[NETLINK_BATCH];
	bool batch_last[NETLINK_BATCH];
};

struct kernel_services *
services_new(struct kernel_turn *turn, struct kernel_live *live,
    struct kernel_phases *phases)
{
	struct kernel_services *services = xcalloc(1, sizeof(*services));

	services->turn = turn;
	services->live = live;
	services->phases = phases;
	return services;
}

/* What was made for a generation. */
static void
clear(struct kernel_services *services)
{
	kernel_index_free(services->index);
	free(services->dirty);
	free(services->failed);
	queue_clear(&services->urgent);
	queue_clear(&services->normal);
	ipvs_table_clear(&services->removals);
}

void
services_free(struct kernel_services *services)
{
	clear(services);
	ipvs_commands_clear(&services->current);
	free(services);
}

void
services_configure(struct kernel_services *services, struct kernel_index *index)
{
	uint32_t count = services->turn->input->conf->service_count;

	clear(services);
	services->index = index;
	services->dirty = xcalloc(count, sizeof(*services->dirty));
	services->failed = xcalloc(count, sizeof(*services->failed));
	services->current.count = services->current_next = 0;
	services->turn->stats.dirty = 0;
}

bool
services_any(const struct kernel_services *services)
{
	uint32_t count;

	(void)kernel_index_keys(services->index, &count);
	return count > 0;
}

bool
services_any_of(const struct kernel_services *services, uint32_t instance)
{
	const struct conf *conf = services->turn->input->conf;
	const uint32_t *list;
	uint32_t count = kernel_index_instance(
	    services->index, instance, &list);

	for (uint32_t i = 0; i < count; i++)
		if (conf->services[list[i]].director)
			return true;
	return false;
}

/* --- what waits --- */

void
services_touch(struct kernel_services *services, uint32_t index, enum dirt dirt)
{
	const struct conf_service *conf = &services->turn->input->conf
					       ->services[index];

	if (!conf->director)
		return;
	if (services->dirty[index] >= dirt)
		return;
	if (services->dirty[index] == CLEAN) {
		phase_service_waits(services->phases, conf->instance);
		services->turn->stats.dirty++;
	}
	services->dirty[index] = (uint8_t)dirt;
	queue_push(
	    dirt == URGENT ? &services->urgent : &services->normal, index);
	turn_schedule(services->turn);
}

void
services_touch_probe(struct kernel_services *services, uint32_t probe)
{
	const uint32_t *list;
	uint32_t count = kernel_index_probe(services->index, probe, &list);

	for (uint32_t i = 0; i < count; i++)
		services_touch(services, list[i], DIRTY);
}

void
services_touch_instance(
    struct kernel_services *services, uint32_t instance, enum dirt dirt)
{
	const uint32_t *list;
	uint32_t count = kernel_index_instance(
	    services->index, instance, &list);

	for (uint32_t i = 0; i < count; i++)
		services_touch(services, list[i], dirt);
}

void
services_touch_all(struct kernel_services *services)
{
	for (uint32_t i = 0; i < services->turn->input->conf->service_count;
	     i++)
		services_touch(services, i, DIRTY);
}

void
services_touch_failed(struct kernel_services *services)
{
	for (uint32_t i = 0; i < services->turn->input->conf->service_count;
	     i++)
		if (services->failed[i])
			services_touch(services, i, DIRTY);
}

void
services_touch_local(struct kernel_services *services, uint32_t instance)
{
	const struct desired_input *input = services->turn->input;
	const uint32_t *list;
	uint32_t count = kernel_index_instance(
	    services->index, instance, &list);

	for (uint32_t i = 0; i < count; i++)
		if (desired_serves_itself(
			input, &input->conf->services[list[i]]))
			services_touch(services, list[i], URGENT);
}

static void
service_done(struct kernel_services *services, uint32_t index)
{
	phase_service_done(services->phases,
	    services->turn->input->conf->services[index].instance);
}

/* A touched service's turn has come: what differs is to be sent. */
static void
begin_service(struct kernel_services *services, uint32_t index, bool urgent)
{
	struct kernel_turn *turn = services->turn;
	struct ipvs_service *wanted;

	services->dirty[index] = CLEAN;
	services->failed[index] = false;
	turn->stats.dirty--;
	services->current.count = services->current_next = 0;
	services->current_index = index;
	services->current_urgent = urgent;
	if (turn->stats.ip_vs != IPVS_YES) {
		services->failed[index] = true;
		service_done(services, index);
		return;
	}
	if (turn->handlers->turn != NULL)
		turn->handlers->turn(index, turn->arg);
	wanted = desired_service(
	    turn->input, &turn->input->conf->services[index]);
	diff_service(wanted,
	    ipvs_table_find(live_table(services->live), &wanted->key),
	    &services->current);
	ipvs_service_free(wanted);
	if (services->current.count == 0)
		service_done(services, index);
}

/* What is left of the current service is compared anew when its turn comes. */
static void
put_current_back(struct kernel_services *services, enum dirt dirt)
{
	if (services->current_next == services->current.count)
		return;
	services->current.count = services->current_next = 0;
	services_touch(services, services->current_index, dirt);
	service_done(services, services->current_index);
}

/* The next service that waits; false when none does. */
static bool
next_service(struct kernel_services *services, bool urgent_only)
{
	uint32_t index;

	while (queue_pop(&services->urgent, &index))
		if (services->dirty[index] == URGENT) {
			begin_service(services, index, true);
			return true;
		}
	if (urgent_only)
		return false;
	while (queue_pop(&services->normal, &index))
		if (services->dirty[index] == DIRTY) {
			begin_service(services, index, false);
			return true;
		}
	return false;
}

/* --- what is sent --- */

static uint32_t
fill_batch(struct kernel_services *services, bool urgent_only, bool *busy)
{
	uint32_t count = 0, begun = 0, left;
	uint64_t start = 0;

	/* The rest of a long service waits while something is urgent. */
	if (!services->current_urgent && !queue_is_empty(&services->urgent))
		put_current_back(services, DIRTY);
	while (count < NETLINK_BATCH) {
		left = services->current.count - services->current_next;
		if (left == 0) {
			if (turn_slice_over(&start, ++begun))
				break;
			if (!next_service(services, urgent_only))
				break;
			*busy = true;
			continue;
		}
		if (urgent_only && !services->current_urgent)
			break;
		services->batch[count] = services->current
					     .list[services->current_next++];
		services->batch_service[count] = services->current_index;
		services->batch_last[count++] = left == 1;
	}
	return count;
}

/*
 * Whether the answer shows that our copy was wrong: what was to be added
 * exists, or what was to be changed or deleted does not. A destination whose
 * service was refused just before shows nothing.
 */
static bool
is_stale(const struct kernel_services *services, uint32_t place, int error)
{
	switch (services->batch[place].op) {
	case IPVS_NEW_SERVICE:
		return error == EEXIST;
	case IPVS_NEW_DEST:
		return error == EEXIST ||
		    (error == ESRCH &&
			!services->failed[services->batch_service[place]]);
	default:
		return error == ENOENT || error == ESRCH;
	}
}

static void
send_batch(struct kernel_services *services, uint32_t count, int *errors)
{
	/* What was compared with a wrong copy is not sent any more. */
	if (live_send(services->live, services->batch, count, errors) == -1)
		put_current_back(services, URGENT);
}

static void
command_refused(struct kernel_services *services, uint32_t place, int error)
{
	uint32_t index = services->batch_service[place];

	if (is_stale(services, place, error))
		turn_retry(services->turn);
	services->failed[index] = true;
	if (services->batch[place].op == IPVS_NEW_SERVICE && error != EEXIST)
		phase_service_refused(services->phases,
		    services->turn->input->conf->services[index].instance);
}

bool
services_step(struct kernel_services *services, bool urgent_only)
{
	int errors[NETLINK_BATCH];
	bool busy = false;
	uint32_t count;

	if (!live_is_known(services->live) &&
	    services->turn->stats.ip_vs == IPVS_YES)
		return false;
	count = fill_batch(services, urgent_only, &busy);
	if (count == 0)
		return busy;
	send_batch(services, count, errors);
	for (uint32_t i = 0; i < count; i++) {
		/* A service of unknown outcome waits for the dump. */
		if (errors[i] == NETLINK_UNANSWERED)
			services_touch(
			    services, services->batch_service[i], URGENT);
		else if (errors[i] != 0)
			command_refused(services, i, errors[i]);
		if (services->batch_last[i])
			service_done(services, services->batch_service[i]);
	}
	return true;
}

/* --- removals --- */

static void
remove_later(struct kernel_services *services, const struct ipvs_key *key)
{
	if (ipvs_table_find(&services->removals, key) == NULL)
		ipvs_table_insert(&services->removals, ipvs_service_new(key));
	turn_schedule(services->turn);
}

void
services_mark(struct kernel_services *services)
{
	const struct ipvs_table *table = live_table(services->live);
	bool all = services->turn->input->conf->ipvs.foreign == FOREIGN_REMOVE;
	struct ipvs_service *service;
	const struct ipvs_key *keys;
	uint32_t j = 0, count, foreign = 0;
	int order = 1;

	/* Sorted against sorted. */
	keys = kernel_index_keys(services->index, &count);
	for (uint32_t i = 0; i < table->count; i++) {
		service = table->services[i];
		while (j < count &&
		    (order = ipvs_key_cmp(&keys[j], &service->key)) < 0)
			j++;
		if (j < count && order == 0) {
			service->ours = true;
			continue;
		}
		if (service->ours || all)
			remove_later(services, &service->key);
		else
			foreign++;
	}
	services->turn->stats.foreign = foreign;
}

void
services_remove_all(struct kernel_services *services)
{
	const struct ipvs_table *table = live_table(services->live);

	ipvs_table_clear(&services->removals);
	for (uint32_t i = 0; i < table->count; i++)
		if (table->services[i]->ours)
			remove_later(services, &table->services[i]->key);
}

/* Of those that are to be removed, the ones that the kernel has. */
static uint32_t
fill_removals(struct kernel_services *services)
{
	struct ipvs_commands commands = {.count = 0};
	struct ipvs_table *removals = &services->removals;
	const struct ipvs_service *live;
	uint32_t count = 0;

	while (removals->count > 0 && count < NETLINK_BATCH) {
		live = ipvs_table_find(live_table(services->live),
		    &removals->services[removals->count - 1]->key);
		ipvs_service_free(removals->services[--removals->count]);
		if (live == NULL)
			continue;
		commands.count = 0;
		diff_service(NULL, live, &commands);
		services->batch[count++] = commands.list[0];
	}
	ipvs_commands_clear(&commands);
	return count;
}

bool
services_removal_step(struct kernel_services *services)
{
	int errors[NETLINK_BATCH];
	uint32_t count;

	if (!live_is_known(services->live) || services->removals.count == 0)
		return false;
	if ((count = fill_removals(services)) == 0)
		return true;
	send_batch(services, count, errors);
	for (uint32_t i = 0; i < count; i++) {
		if (errors[i] == NETLINK_UNANSWERED)
			remove_later(services, &services->batch[i].key);
		else if (errors[i] != 0 && is_stale(services, i, errors[i]))
			turn_retry(services->turn);
	}
	return true;
}
