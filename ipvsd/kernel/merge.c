/* SPDX-License-Identifier: ISC */
/* See merge.h. */
#include "kernel/merge.h"

#include <stddef.h>

/* Whether a command changed the service of the copy after the reading began. */
static bool
is_newer(const struct ipvs_service *service, uint64_t number)
{
	return service->changed > number;
}

/*
 * *old of the copy gives way to what was read. If the copy is what the kernel
 * had, the two are compared when the service's turn comes: 10,000 of them take
 * too long at once. *old is taken over then.
 */
static void
remember(struct ipvs_service **old, struct ipvs_service *now, bool known)
{
	now->ours = (*old)->ours;
	now->changed = (*old)->changed;
	if (!known || !now->ours)
		return;
	if ((*old)->former != NULL) {
		now->former = (*old)->former;
		(*old)->former = NULL;
	} else {
		now->former = *old;
		*old = NULL;
	}
}

/* Whether a service stays in the copy as it is; away: it was not read. */
static bool
keeps(const struct merge *merge, const struct ipvs_service *old, bool away)
{
	return is_newer(old, merge->number) ||
	    (merge->list && (!away || old->ours));
}

/* Moves *service, which leaves NULL there. */
static void
move(struct ipvs_table *out, struct ipvs_service **service)
{
	ipvs_table_append(out, *service);
	*service = NULL;
}

/* One service, in the copy, or in what was read, or in both. */
static uint32_t
merge_next(const struct merge *merge, struct ipvs_table *out,
    struct ipvs_service **old, struct ipvs_service **now)
{
	uint32_t missing = 0;

	if (now == NULL && (*old)->ours && !is_newer(*old, merge->number)) {
		missing = 1;
		if (!merge->list && merge->known)
			(void)repair_tell(merge->repairs, *old, NULL);
	}
	if (old != NULL && keeps(merge, *old, now == NULL)) {
		move(out, old);
		return missing;
	}
	if (now == NULL || ipvs_table_find(merge->gone, &(*now)->key) != NULL)
		return missing;
	if (old != NULL)
		remember(old, *now, merge->known);
	(*now)->read = merge->list ? 0 : merge->begun;
	move(out, now);
	return missing;
}

/* Both tables are sorted: one walk over the two. */
uint32_t
merge_tables(const struct merge *merge)
{
	struct ipvs_table *table = merge->table, *fresh = merge->fresh, out;
	struct ipvs_service **old, **now;
	uint32_t i = 0, j = 0, missing = 0;
	int order;

	ipvs_table_init(&out);
	while (i < table->count || j < fresh->count) {
		old = i < table->count ? &table->services[i] : NULL;
		now = j < fresh->count ? &fresh->services[j] : NULL;
		order = old == NULL ? 1 :
		    now == NULL	    ? -1 :
				      ipvs_key_cmp(&(*old)->key, &(*now)->key);
		if (order <= 0)
			i++;
		if (order >= 0)
			j++;
		missing += merge_next(merge, &out, order <= 0 ? old : NULL,
		    order >= 0 ? now : NULL);
	}
	ipvs_table_clear(table);
	ipvs_table_clear(fresh);
	*table = out;
	return missing;
}

bool
merge_one(struct ipvs_table *table, struct ipvs_service *service,
    uint64_t number, bool known)
{
	struct ipvs_service **old = ipvs_table_slot(table, &service->key);

	if (old == NULL || is_newer(*old, number)) {
		ipvs_service_free(service);
		return false;
	}
	remember(old, service, known);
	ipvs_service_free(*old);
	*old = service;
	return true;
}
