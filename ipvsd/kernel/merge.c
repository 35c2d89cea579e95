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

/* Moves *service, which leaves NULL there. */
static void
move(struct ipvs_table *out, struct ipvs_service **service)
{
	ipvs_table_append(out, *service);
	*service = NULL;
}

/* A service of the copy that was not read. Returns whether one is missing. */
static uint32_t
merge_away(const struct merge *merge, struct ipvs_table *out,
    struct ipvs_service **old)
{
	bool newer = is_newer(*old, merge->number);
	bool missing = (*old)->ours && !newer;

	if (missing && !merge->list && merge->known)
		(void)repair_tell(merge->repairs, *old, NULL);
	if (newer || (merge->list && (*old)->ours))
		move(out, old);
	return missing;
}

/* A service that was read; *old of the copy or NULL. Returns whether a list has
 * one that the copy has not. */
static uint32_t
merge_read(const struct merge *merge, struct ipvs_table *out,
    struct ipvs_service **old, struct ipvs_service **now)
{
	if (old != NULL && (merge->list || is_newer(*old, merge->number))) {
		move(out, old);
		return 0;
	}
	if (ipvs_table_find(merge->gone, &(*now)->key) != NULL)
		return 0;
	if (merge->list)
		return 1;
	if (old != NULL)
		remember(old, *now, merge->known);
	(*now)->read = merge->begun;
	move(out, now);
	return 0;
}

/* Both tables are sorted: one walk over the two. */
uint32_t
merge_tables(const struct merge *merge)
{
	struct ipvs_table *table = merge->table, *fresh = merge->fresh, out;
	struct ipvs_service **old, **now;
	uint32_t i = 0, j = 0, wrong = 0;
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
		wrong += order < 0 ?
		    merge_away(merge, &out, old) :
		    merge_read(merge, &out, order == 0 ? old : NULL, now);
	}
	ipvs_table_clear(table);
	ipvs_table_clear(fresh);
	*table = out;
	return wrong;
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
