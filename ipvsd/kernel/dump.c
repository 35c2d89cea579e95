/* SPDX-License-Identifier: ISC */
/*
 * The kernel's IPVS table read into our copy, in slices, while commands go
 * on: what they changed meanwhile is newer than the dump.
 */
#include <errno.h>
#include <string.h>

#include "kernel/kernel_int.h"

void
dump_want(struct kernel *kernel)
{
	kernel->dump_wanted = true;
	turn_schedule(&kernel->turn);
}

static void
refreshes_done(struct kernel *kernel, bool all)
{
	struct refresh refresh;

	for (uint32_t i = 0; i < kernel->refresh_count;) {
		if (!all && !kernel->refreshes[i].started) {
			i++;
			continue;
		}
		refresh = kernel->refreshes[i];
		memmove(&kernel->refreshes[i], &kernel->refreshes[i + 1],
		    (--kernel->refresh_count - i) * sizeof(refresh));
		/* May ask again: that is appended and not started. */
		refresh.cb(refresh.arg);
		if (all && kernel->refresh_count == 0)
			break;
	}
}

static void
dump_begin(struct kernel *kernel)
{
	kernel->dump_wanted = false;
	ipvs_table_clear(&kernel->fresh);
	ipvs_table_clear(&kernel->gone);
	kernel->dump_number = kernel->number;
	if (ipvs_nl_dump(&kernel->ipvs, &kernel->fresh) == -1) {
		log_change_warnx("table", "ipvs: dump: %s", strerror(errno));
		turn_retry(&kernel->turn);
		return;
	}
	kernel->dumping = true;
	for (uint32_t i = 0; i < kernel->refresh_count; i++)
		kernel->refreshes[i].started = true;
}

/* Whether our copy of a service is newer than the dump. */
static bool
is_newer(const struct kernel *kernel, const struct ipvs_service *service)
{
	return service->changed > kernel->dump_number;
}

/*
 * Both tables are sorted: one walk over the two. What is taken from the
 * copy leaves NULL there.
 */
static void
merge(struct kernel *kernel)
{
	struct ipvs_table *live = &kernel->live, *fresh = &kernel->fresh, out;
	struct ipvs_service *old, *new;
	uint32_t i = 0, j = 0, taken = 0;
	int order;

	ipvs_table_init(&out);
	while (i < live->count || j < fresh->count) {
		old = i < live->count ? live->services[i] : NULL;
		new = j < fresh->count ? fresh->services[j] : NULL;
		order = old == NULL ? 1 :
		    new == NULL	    ? -1 :
				      ipvs_key_cmp(&old->key, &new->key);
		if (order <= 0)
			i++;
		if (order >= 0)
			j++;
		if (order == 0)
			new->ours = old->ours;
		else if (order < 0 && old->ours && !is_newer(kernel, old))
			taken++;
		if (order <= 0 && is_newer(kernel, old)) {
			ipvs_table_append(&out, old);
			live->services[i - 1] = NULL;
		} else if (order >= 0 &&
		    ipvs_table_find(&kernel->gone, &new->key) == NULL) {
			ipvs_table_append(&out, new);
			fresh->services[j - 1] = NULL;
		}
	}
	ipvs_table_clear(live);
	ipvs_table_clear(fresh);
	*live = out;
	if (taken > 0)
		log_change_warnx("foreign",
		    "ipvs: %u of our services had been taken out by "
		    "somebody else",
		    taken);
}

/* Sorted against sorted: which of the kernel's services are configured. */
void
dump_mark_ours(struct kernel *kernel)
{
	bool remove = kernel->turn.input->conf->ipvs.foreign == FOREIGN_REMOVE;
	struct ipvs_service *service;
	uint32_t j = 0, foreign = 0;
	int order = 1;

	for (uint32_t i = 0; i < kernel->live.count; i++) {
		service = kernel->live.services[i];
		while (j < kernel->key_count &&
		    (order = ipvs_key_cmp(
			 &kernel->keys[j].key, &service->key)) < 0)
			j++;
		if (j < kernel->key_count && order == 0) {
			service->ours = true;
			continue;
		}
		if (service->ours || remove)
			table_remove(kernel, &service->key);
		else
			foreign++;
	}
	kernel->turn.stats.foreign = foreign;
}

static void
dump_done(struct kernel *kernel)
{
	kernel->dumping = false;
	kernel->table_known = true;
	kernel->turn.stats.last_resync = clock_monotonic();
	merge(kernel);
	kernel->live_digested = 0;
	ipvs_table_clear(&kernel->gone);
	if (!kernel->leaving) {
		dump_mark_ours(kernel);
		table_touch_all(kernel);
	}
	refreshes_done(kernel, false);
}

bool
dump_step(struct kernel *kernel)
{
	int more;

	if (kernel->turn.stats.ip_vs != IPVS_YES) {
		kernel->dump_wanted = false;
		if (kernel->refresh_count == 0)
			return false;
		refreshes_done(kernel, true);
		return true;
	}
	if (!kernel->dumping) {
		if (!kernel->dump_wanted)
			return false;
		dump_begin(kernel);
		return kernel->dumping;
	}
	more = ipvs_nl_dump_step(&kernel->ipvs, TURN_SLICE);
	if (more == -1) {
		log_change_warnx("table", "ipvs: dump: %s", strerror(errno));
		kernel->turn.stats.overruns++;
		kernel->dumping = false;
		turn_retry(&kernel->turn);
	} else if (more == 0) {
		dump_done(kernel);
	}
	return true;
}
