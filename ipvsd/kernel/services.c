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
	uint64_t current_losses; /* live_losses() when it was compared */
	bool current_urgent;
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

const struct ipvs_key *
services_keys(const struct kernel_services *services, uint32_t *count)
{
	return kernel_index_keys(services->index, count);
}

bool
services_any(const struct kernel_services *services)
{
	uint32_t count;

	(void)services_keys(services, &count);
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

bool
services_any_in(const struct kernel_services *services, uint32_t instance)
{
	const uint32_t *list;
	uint32_t count = kernel_index_instance(
	    services->index, instance, &list);
	struct ipvs_key key;

	for (uint32_t i = 0; i < count; i++) {
		desired_key(
		    &services->turn->input->conf->services[list[i]], &key);
		if (ipvs_table_find(live_table(services->live), &key) != NULL)
			return true;
	}
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
	services->current_losses = live_losses(services->live);
	if (turn->stats.ip_vs != IPVS_YES) {
		services->failed[index] = true;
		service_done(services, index);
		return;
	}
	if (turn->handlers->turn != NULL)
		turn->handlers->turn(index, turn->arg);
	wanted = desired_service(
	    turn->input, &turn->input->conf->services[index]);
	diff_service(wanted, live_find(services->live, &wanted->key, NULL),
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

	/* What was compared with a copy that is not known is not sent. */
	if (services->current_losses != live_losses(services->live))
		put_current_back(services, URGENT);
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
	case IPVS_SET_SERVICE: /* ENOENT is its new scheduler's */
		return error == ESRCH;
	default:
		return error == ENOENT || error == ESRCH;
	}
}

/* The service was refused, and so would be what is left of its commands. */
static void
drop_current(struct kernel_services *services, uint32_t index)
{
	if (services->current_index != index ||
	    services->current_next == services->current.count)
		return;
	services->current_next = services->current.count;
	service_done(services, index);
}

static void
command_refused(struct kernel_services *services, uint32_t place, int error)
{
	uint32_t index = services->batch_service[place];

	if (is_stale(services, place, error))
		turn_retry(services->turn);
	services->failed[index] = true;
	if (services->batch[place].op != IPVS_NEW_SERVICE || error == EEXIST)
		return;
	drop_current(services, index);
	phase_service_refused(services->phases,
	    services->turn->input->conf->services[index].instance, error);
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
	(void)live_send(services->live, services->batch, count, errors);
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
