/* SPDX-License-Identifier: ISC */
/* See removals.h. */
#include "kernel/removals.h"

#include <errno.h>
#include <stdlib.h>

#include "grow.h"

struct kernel_removals {
	struct kernel_turn *turn;
	struct kernel_live *live;
	struct ipvs_table waiting; /* keys alone, of what is to go */
	struct ipvs_command batch[NETLINK_BATCH];
};

struct kernel_removals *
removals_new(struct kernel_turn *turn, struct kernel_live *live)
{
	struct kernel_removals *removals = xcalloc(1, sizeof(*removals));

	removals->turn = turn;
	removals->live = live;
	return removals;
}

void
removals_configure(struct kernel_removals *removals)
{
	ipvs_table_clear(&removals->waiting);
}

void
removals_free(struct kernel_removals *removals)
{
	ipvs_table_clear(&removals->waiting);
	free(removals);
}

static void
remove_later(struct kernel_removals *removals, const struct ipvs_key *key)
{
	if (ipvs_table_find(&removals->waiting, key) == NULL)
		ipvs_table_insert(&removals->waiting, ipvs_service_new(key));
	turn_schedule(removals->turn);
}

void
removals_mark(struct kernel_removals *removals, const struct ipvs_key *keys,
    uint32_t count)
{
	const struct ipvs_table *table = live_table(removals->live);
	bool all = removals->turn->input->conf->ipvs.foreign == FOREIGN_REMOVE;
	struct ipvs_service *service;
	uint32_t j = 0, foreign = 0;
	int order = 1;

	/* Sorted against sorted. */
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
			remove_later(removals, &service->key);
		else
			foreign++;
	}
	removals->turn->stats.foreign = foreign;
}

void
removals_all(struct kernel_removals *removals)
{
	const struct ipvs_table *table = live_table(removals->live);

	ipvs_table_clear(&removals->waiting);
	for (uint32_t i = 0; i < table->count; i++)
		if (table->services[i]->ours)
			remove_later(removals, &table->services[i]->key);
}

/* Takes from those that wait what the kernel has; what it lacks is removed. */
static uint32_t
fill_batch(struct kernel_removals *removals)
{
	struct ipvs_commands commands = {.count = 0};
	struct ipvs_table *waiting = &removals->waiting;
	const struct ipvs_service *live;
	uint32_t count = 0;

	while (waiting->count > 0 && count < NETLINK_BATCH) {
		live = ipvs_table_find(live_table(removals->live),
		    &waiting->services[waiting->count - 1]->key);
		ipvs_service_free(waiting->services[--waiting->count]);
		if (live == NULL)
			continue;
		commands.count = 0;
		diff_service(NULL, live, &commands);
		removals->batch[count++] = commands.list[0];
	}
	ipvs_commands_clear(&commands);
	return count;
}

bool
removals_step(struct kernel_removals *removals)
{
	int errors[NETLINK_BATCH];
	uint32_t count;

	if (!live_is_known(removals->live) || removals->waiting.count == 0)
		return false;
	if ((count = fill_batch(removals)) == 0)
		return true;
	(void)live_send(removals->live, removals->batch, count, errors);
	for (uint32_t i = 0; i < count; i++) {
		if (errors[i] == NETLINK_UNANSWERED)
			remove_later(removals, &removals->batch[i].key);
		else if (errors[i] == ESRCH) /* our copy was wrong */
			turn_retry(removals->turn);
	}
	return true;
}
