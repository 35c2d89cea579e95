/* SPDX-License-Identifier: ISC */
/*
 * The IPVS table follows the configuration: services that were touched wait
 * in two queues; a turn takes as many as fit a batch, compares each with our
 * copy of the kernel's table, and sends what differs.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel/kernel_int.h"

/* Whether the kernel's table is needed at all; asks for it once it is. */
void
table_need(struct kernel *kernel)
{
	bool need = kernel->key_count > 0 ||
	    kernel->turn.input->conf->ipvs.sync.enabled;

	if (kernel->turn.stats.ip_vs == IPVS_YES ||
	    (!need && !kernel->leaving)) {
		if (!need && kernel->turn.stats.ip_vs == IPVS_NO)
			kernel->turn.stats.ip_vs = IPVS_UNNEEDED;
		return;
	}
	if (kernel->leaving)
		return;
	if (kernel->ipvs.commands.sock == NULL &&
	    ipvs_nl_open(&kernel->ipvs) == -1) {
		log_warn("ipvs: generic netlink");
		kernel->turn.stats.ip_vs = IPVS_NO;
		return;
	}
	if (ipvs_nl_resolve(&kernel->ipvs) == -1) {
		if (kernel->turn.stats.ip_vs != IPVS_NO)
			log_warnx("ipvs: the kernel has no ip_vs (%s)",
			    strerror(errno));
		kernel->turn.stats.ip_vs = IPVS_NO;
		return;
	}
	kernel->turn.stats.ip_vs = IPVS_YES;
	sync_touch(kernel->sync);
	dump_want(kernel);
}

static struct instance_phase *
state_of(struct kernel *kernel, uint32_t index)
{
	uint32_t id = kernel->turn.input->conf->services[index].instance;

	return id < kernel->instance_count ? &kernel->instances[id] : NULL;
}

void
table_touch(struct kernel *kernel, uint32_t index, enum dirt dirt)
{
	struct instance_phase *state = state_of(kernel, index);

	if (!kernel->turn.input->conf->services[index].director)
		return;
	if (kernel->dirty[index] >= dirt)
		return;
	if (kernel->dirty[index] == CLEAN && state != NULL)
		state->waiting++;
	if (kernel->dirty[index] == CLEAN)
		kernel->turn.stats.dirty++;
	kernel->dirty[index] = (uint8_t)dirt;
	queue_push(dirt == URGENT ? &kernel->urgent : &kernel->normal, index);
	turn_schedule(&kernel->turn);
}

void
table_touch_instance(struct kernel *kernel, uint32_t instance, enum dirt dirt)
{
	const struct lookup *lookup = &kernel->by_instance;

	if (instance >= lookup->count)
		return;
	for (uint32_t i = lookup->start[instance];
	     i < lookup->start[instance + 1]; i++)
		table_touch(kernel, lookup->list[i], dirt);
}

void
table_touch_all(struct kernel *kernel)
{
	for (uint32_t i = 0; i < kernel->turn.input->conf->service_count; i++)
		table_touch(kernel, i, DIRTY);
}

void
table_touch_failed(struct kernel *kernel)
{
	for (uint32_t i = 0; i < kernel->turn.input->conf->service_count; i++)
		if (kernel->failed[i])
			table_touch(kernel, i, DIRTY);
}

void
table_remove(struct kernel *kernel, const struct ipvs_key *key)
{
	if (ipvs_table_find(&kernel->removals, key) == NULL)
		ipvs_table_insert(&kernel->removals, ipvs_service_new(key));
	turn_schedule(&kernel->turn);
}

static void
service_done(struct kernel *kernel, uint32_t index)
{
	struct instance_phase *state = state_of(kernel, index);

	if (state != NULL && state->waiting > 0)
		state->waiting--;
}

/* A touched service's turn has come: what differs is to be sent. */
static void
begin_service(struct kernel *kernel, uint32_t index, bool urgent)
{
	const struct conf_service *conf = &kernel->turn.input->conf
					       ->services[index];
	struct ipvs_service *wanted;

	kernel->dirty[index] = CLEAN;
	kernel->failed[index] = false;
	kernel->turn.stats.dirty--;
	kernel->current.count = kernel->current_next = 0;
	kernel->current_index = index;
	kernel->current_urgent = urgent;
	if (kernel->turn.stats.ip_vs != IPVS_YES) {
		kernel->failed[index] = true;
		service_done(kernel, index);
		return;
	}
	if (kernel->turn.handlers->turn != NULL)
		kernel->turn.handlers->turn(index, kernel->turn.arg);
	wanted = desired_service(kernel->turn.input, conf);
	diff_service(wanted, ipvs_table_find(&kernel->live, &wanted->key),
	    &kernel->current);
	ipvs_service_free(wanted);
	if (kernel->current.count == 0)
		service_done(kernel, index);
}

/* Something urgent came: the rest of a long service waits its turn. */
static void
put_back_current(struct kernel *kernel)
{
	if (kernel->current_next == kernel->current.count ||
	    kernel->current_urgent ||
	    kernel->urgent.next == kernel->urgent.count)
		return;
	kernel->current.count = kernel->current_next = 0;
	table_touch(kernel, kernel->current_index, DIRTY);
	service_done(kernel, kernel->current_index);
}

/* The next service that waits; false when none does. */
static bool
next_service(struct kernel *kernel, bool urgent_only)
{
	uint32_t index;

	while (queue_pop(&kernel->urgent, &index))
		if (kernel->dirty[index] == URGENT) {
			begin_service(kernel, index, true);
			return true;
		}
	if (urgent_only)
		return false;
	while (queue_pop(&kernel->normal, &index))
		if (kernel->dirty[index] == DIRTY) {
			begin_service(kernel, index, false);
			return true;
		}
	return false;
}

static uint32_t
fill_batch(struct kernel *kernel, bool urgent_only, bool *busy)
{
	uint32_t count = 0, begun = 0, left;
	uint64_t start = 0;

	put_back_current(kernel);
	while (count < NETLINK_BATCH) {
		left = kernel->current.count - kernel->current_next;
		if (left == 0) {
			if (turn_slice_over(&start, ++begun))
				break;
			if (!next_service(kernel, urgent_only))
				break;
			*busy = true;
			continue;
		}
		if (urgent_only && !kernel->current_urgent)
			break;
		kernel->batch[count] = kernel->current
					   .list[kernel->current_next++];
		kernel->batch_service[count] = kernel->current_index;
		kernel->batch_last[count++] = left == 1;
	}
	return count;
}

static void
refused(struct kernel *kernel, const struct ipvs_command *command, int error)
{
	char name[IPVS_KEY_STRLEN], what[ADDR_PORT_STRLEN + 16] = "";

	if (command->op >= IPVS_NEW_DEST)
		(void)addr_port_format(
		    &command->dest.addr, command->dest.port, what);
	else if (command->op != IPVS_DEL_SERVICE)
		/* One that the kernel does not have is ENOENT as well. */
		snprintf(what, sizeof(what), "with scheduler %.32s",
		    command->sched.name);
	turn_refused(&kernel->turn, "ipvs %s: %s%s%s: %s",
	    ipvs_key_format(&command->key, name), ipvs_op_name(command->op),
	    what[0] != '\0' ? " " : "", what, strerror(error));
}

/*
 * Our copy was wrong: what was to come was there, what was to be there was
 * not. A destination whose service was refused just before is no such case.
 */
static bool
is_stale(const struct kernel *kernel, uint32_t place, int error)
{
	switch (kernel->batch[place].op) {
	case IPVS_NEW_SERVICE:
		return error == EEXIST;
	case IPVS_NEW_DEST:
		return error == EEXIST ||
		    (error == ESRCH &&
			!kernel->failed[kernel->batch_service[place]]);
	default:
		return error == ENOENT || error == ESRCH;
	}
}

static struct ipvs_service *
accepted(struct kernel *kernel, const struct ipvs_command *command,
    struct ipvs_service *hint)
{
	struct ipvs_service *service = diff_applied(
	    &kernel->live, command, hint);

	kernel->number++;
	if (service != NULL) {
		service->changed = kernel->number;
		service->digest = 0;
		service->ours = true;
	}
	if (!kernel->dumping)
		return service;
	if (command->op == IPVS_DEL_SERVICE &&
	    ipvs_table_find(&kernel->gone, &command->key) == NULL)
		ipvs_table_insert(
		    &kernel->gone, ipvs_service_new(&command->key));
	else if (command->op == IPVS_NEW_SERVICE)
		ipvs_table_remove(&kernel->gone, &command->key);
	return service;
}

/*
 * Nothing is sent any more before the table has been read: what is under way
 * would be compared with a copy that may be wrong, and a dump that has begun
 * may be older than what is not known.
 */
static void
answers_lost(struct kernel *kernel)
{
	log_change_warnx("replies", "ipvs: answers lost: %s", strerror(errno));
	kernel->turn.stats.overruns++;
	kernel->table_known = false;
	kernel->dumping = false;
	dump_want(kernel);
	if (kernel->current_next == kernel->current.count)
		return;
	kernel->current.count = kernel->current_next = 0;
	table_touch(kernel, kernel->current_index, URGENT);
	service_done(kernel, kernel->current_index);
}

/* A command whose outcome is not known: its service waits for the dump. */
static void
again(struct kernel *kernel, uint32_t place, bool removal)
{
	if (removal)
		table_remove(kernel, &kernel->batch[place].key);
	else
		table_touch(kernel, kernel->batch_service[place], URGENT);
}

/* Sends the batch; removals have no service of the configuration. */
static void
send_batch(struct kernel *kernel, uint32_t count, bool removals)
{
	const struct ipvs_command *command;
	struct ipvs_service *service = NULL;
	struct instance_phase *state;
	int errors[NETLINK_BATCH];
	uint32_t index;

	kernel->turn.stats.commands += count;
	if (ipvs_nl_batch(&kernel->ipvs, kernel->batch, count, errors) == -1)
		answers_lost(kernel);
	for (uint32_t i = 0; i < count; i++) {
		command = &kernel->batch[i];
		if (errors[i] == 0) {
			service = accepted(kernel, command, service);
		} else if (errors[i] == NETLINK_UNANSWERED) {
			again(kernel, i, removals);
		} else {
			refused(kernel, command, errors[i]);
			if (is_stale(kernel, i, errors[i]))
				turn_retry(&kernel->turn);
		}
		if (removals)
			continue;
		index = kernel->batch_service[i];
		if (errors[i] > 0) {
			kernel->failed[index] = true;
			state = state_of(kernel, index);
			if (command->op == IPVS_NEW_SERVICE &&
			    errors[i] != EEXIST && state != NULL)
				state->reason = LEASE_KERNEL;
		}
		if (kernel->batch_last[i])
			service_done(kernel, index);
	}
}

bool
table_step(struct kernel *kernel, bool urgent_only)
{
	bool busy = false;
	uint32_t count;

	if (kernel->leaving ||
	    (!kernel->table_known && kernel->turn.stats.ip_vs == IPVS_YES))
		return false;
	count = fill_batch(kernel, urgent_only, &busy);
	if (count == 0)
		return busy;
	send_batch(kernel, count, false);
	return true;
}

bool
table_removal_step(struct kernel *kernel)
{
	struct ipvs_commands commands = {.count = 0};
	const struct ipvs_service *live;
	uint32_t count = 0;

	if (!kernel->table_known || kernel->removals.count == 0)
		return false;
	while (kernel->removals.count > 0 && count < NETLINK_BATCH) {
		live = ipvs_table_find(&kernel->live,
		    &kernel->removals.services[kernel->removals.count - 1]
			 ->key);
		ipvs_service_free(
		    kernel->removals.services[--kernel->removals.count]);
		if (live == NULL)
			continue;
		commands.count = 0;
		diff_service(NULL, live, &commands);
		kernel->batch[count++] = commands.list[0];
	}
	ipvs_commands_clear(&commands);
	if (count > 0)
		send_batch(kernel, count, true);
	return true;
}
