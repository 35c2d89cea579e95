/* SPDX-License-Identifier: ISC */
/* Generations: prepared in slices, switched at once, told in slices. */
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "vrrpd.h"

#define DECODE_STRIDE 8 /* objects between two looks at the clock */

struct table *
table_ref(struct table *table)
{
	table->refs++;
	return table;
}

void
table_unref(struct table *table)
{
	if (table == NULL || --table->refs > 0)
		return;
	conf_free(table->conf);
	free(table->by_id);
	free(table->virtual);
	free(table);
}

/* --- the addresses that are no source --- */

static uint32_t
slot_of(const struct table *table, const struct addr *addr)
{
	uint64_t hash = fnv1a64(
	    FNV1A64_INIT, addr->bytes, addr_len(addr->family));
	uint32_t mask = table->buckets - 1;
	uint32_t slot = (uint32_t)digest_mix(hash) & mask;

	while (table->virtual[slot] != NULL &&
	    !addr_equal(table->virtual[slot], addr))
		slot = (slot + 1) & mask;
	return slot;
}

bool
table_is_virtual(const struct table *table, const struct addr *addr)
{
	return table->virtual[slot_of(table, addr)] != NULL;
}

/* The owner's addresses are the interface's own (RFC 9568 1.7). */
static void
add_virtual(struct table *table, const struct conf_instance *conf)
{
	if (conf->priority == VRRP_PRIORITY_OWNER)
		return;
	for (uint32_t i = 0; i < conf->address_count; i++) {
		const struct addr *addr = &conf->addresses[i].addr;

		table->virtual[slot_of(table, addr)] = addr;
	}
}

/* --- lookup --- */

static struct table *
table_of(const struct vrrpd *vrrpd, uint64_t generation)
{
	const struct tables *tables = &vrrpd->tables;

	if (tables->current != NULL &&
	    tables->current->generation == generation)
		return tables->current;
	if (tables->previous != NULL &&
	    tables->previous->generation == generation)
		return tables->previous;
	return NULL;
}

bool
table_knows(const struct vrrpd *vrrpd, uint64_t generation)
{
	return table_of(vrrpd, generation) != NULL;
}

struct instance *
table_instance(struct vrrpd *vrrpd, uint64_t generation, uint32_t id)
{
	struct table *table = table_of(vrrpd, generation);

	return table != NULL && id < table->ids ? table->by_id[id] : NULL;
}

struct instance *
table_by_name(struct vrrpd *vrrpd, const char *name)
{
	struct table *table = vrrpd->tables.current;
	const struct conf_instance *conf;

	if (table == NULL)
		return NULL;
	conf = conf_instance_by_name(table->conf, name);
	return conf != NULL ? table->by_id[conf->id] : NULL;
}

/* --- preparing --- */

void
table_abort(struct vrrpd *vrrpd)
{
	struct tables *tables = &vrrpd->tables;
	struct table *next = tables->next;

	conf_decoder_free(tables->decoder);
	tables->decoder = NULL;
	tables->next = NULL;
	tables->preparing = 0;
	tables->rejected = 0;
	tables->prepared = false;
	tables->commit = false;
	if (next == NULL)
		return;
	/* Those made for it have never taken part. */
	for (uint32_t id = 0; id < next->ids; id++) {
		if (next->by_id[id] != NULL && !next->by_id[id]->started)
			instance_free(next->by_id[id]);
	}
	table_unref(next);
}

static void
reject(struct vrrpd *vrrpd, const char *object, const char *why)
{
	uint64_t generation = vrrpd->tables.preparing;

	log_change_warnx("rejected", "configuration %016llx: %s%s%s",
	    (unsigned long long)generation, object,
	    object[0] != '\0' ? ": " : "", why);
	dispatch_reject(vrrpd, generation, object, why);
	table_abort(vrrpd);
	vrrpd->tables.rejected = generation;
}

void
table_prepare(struct vrrpd *vrrpd, uint64_t generation, int fd)
{
	struct tables *tables = &vrrpd->tables;
	const char *why = "";

	table_abort(vrrpd);
	if (vrrpd->exiting)
		return;
	tables->preparing = generation;
	if (tables->current != NULL &&
	    tables->current->generation == generation) {
		tables->prepared = true;
		dispatch_ready(vrrpd, generation);
		return;
	}
	tables->decoder = conf_decoder_new(fd, ROLE_VRRPD, &why);
	if (tables->decoder == NULL) {
		reject(vrrpd, "", why);
		return;
	}
	/* A small one is ready before COMMIT is read. */
	if (table_step(vrrpd, clock_monotonic() + SLICE_NS))
		work_schedule(vrrpd);
}

static struct table *
table_new(struct conf *conf)
{
	struct table *table = calloc(1, sizeof(*table));
	uint32_t addresses = 0;

	if (table == NULL)
		return NULL;
	table->refs = 1;
	for (uint32_t i = 0; i < conf->instance_count; i++) {
		addresses += conf->instances[i].address_count;
		if (conf->instances[i].id >= table->ids)
			table->ids = conf->instances[i].id + 1;
	}
	for (table->buckets = 8; table->buckets < 2 * addresses;)
		table->buckets *= 2;
	table->by_id = calloc(table->ids + 1, sizeof(table->by_id[0]));
	table->virtual = calloc(table->buckets, sizeof(table->virtual[0]));
	if (table->by_id == NULL || table->virtual == NULL) {
		table_unref(table);
		return NULL;
	}
	table->conf = conf;
	table->generation = conf->generation;
	return table;
}

/* Whether more is to be decoded; *failed when it was rejected. */
static bool
decode_step(struct vrrpd *vrrpd, bool *failed)
{
	struct tables *tables = &vrrpd->tables;
	const char *why = "out of memory";
	struct conf *conf;
	int result;

	result = conf_decoder_step(tables->decoder, DECODE_STRIDE, &why);
	if (result == 1)
		return true;
	if (result == 0) {
		conf = conf_decoder_take(tables->decoder);
		conf_decoder_free(tables->decoder);
		tables->decoder = NULL;
		if (conf->generation != tables->preparing) {
			conf_free(conf);
			why = "its generation is another than announced";
			result = -1;
		} else if ((tables->next = table_new(conf)) == NULL) {
			conf_free(conf);
			result = -1;
		}
		tables->match_at = 0;
	}
	*failed = result == -1;
	if (*failed)
		reject(vrrpd, "", why);
	return false;
}

static bool
same_router(const struct conf_instance *a, const struct conf_instance *b)
{
	return a->version == b->version && a->family == b->family &&
	    a->vrid == b->vrid && strcmp(a->interface, b->interface) == 0;
}

/* The running instance, or a new one; false when rejected. */
static bool
match(struct vrrpd *vrrpd, const struct conf_instance *conf)
{
	struct table *next = vrrpd->tables.next;
	struct instance *instance = table_by_name(vrrpd, conf->name);

	add_virtual(next, conf);
	if (!conf->member)
		return true;
	if (vrrp_list(conf, vrrpd->list, VRRP_ADDRESSES_MAX) == 0) {
		reject(vrrpd, conf->name, "an advert lists 1 to 255 addresses");
		return false;
	}
	if (instance == NULL || !same_router(instance->conf, conf))
		instance = instance_new(vrrpd, next, conf);
	if (instance == NULL) {
		reject(vrrpd, conf->name, "out of memory");
		return false;
	}
	next->by_id[conf->id] = instance;
	return true;
}

static bool
prepare_step(struct vrrpd *vrrpd, uint64_t deadline)
{
	struct tables *tables = &vrrpd->tables;
	bool failed = false;

	if (tables->preparing == 0 || tables->prepared)
		return false;
	while (tables->decoder != NULL) {
		if (clock_monotonic() >= deadline)
			return true;
		if (!decode_step(vrrpd, &failed) && failed)
			return false;
	}
	while (tables->match_at < tables->next->conf->instance_count) {
		if (clock_monotonic() >= deadline)
			return true;
		if (!match(vrrpd,
			&tables->next->conf->instances[tables->match_at++]))
			return false;
	}
	tables->prepared = true;
	dispatch_ready(vrrpd, tables->preparing);
	return false;
}

/* --- switching --- */

bool
table_applied(const struct vrrpd *vrrpd)
{
	const struct tables *tables = &vrrpd->tables;

	return tables->current == NULL ||
	    (tables->going == NULL &&
		tables->apply_at >= tables->current->conf->instance_count);
}

/* Who has no id in the current table leaves. */
static bool
leave_step(struct vrrpd *vrrpd, uint64_t deadline)
{
	struct instance *instance;

	while ((instance = vrrpd->tables.going) != NULL) {
		if (clock_monotonic() >= deadline)
			return true;
		vrrpd->tables.going = LIST_NEXT(instance, entry);
		if (instance->id == ID_NONE)
			instance_leave(instance, "no longer configured so");
	}
	return false;
}

/*
 * Tells instances what the current configuration means for them. What ipvsd
 * said meanwhile to one that was not told yet is asked for again.
 */
static bool
apply_step(struct vrrpd *vrrpd, uint64_t deadline)
{
	struct tables *tables = &vrrpd->tables;
	struct table *table = tables->current;
	const struct conf_instance *conf;
	struct instance *instance;

	if (table == NULL)
		return false;
	/* First, as another may come in the place of one of them. */
	if (leave_step(vrrpd, deadline))
		return true;
	while (tables->apply_at < table->conf->instance_count) {
		if (clock_monotonic() >= deadline)
			return true;
		conf = &table->conf->instances[tables->apply_at++];
		instance = table->by_id[conf->id];
		if (instance == NULL || instance->leaving)
			continue;
		if (!instance->started)
			instance_start(instance);
		else if (instance->table != table)
			instance_configure(instance, table, conf);
	}
	if (tables->resync)
		dispatch_resync(vrrpd);
	tables->resync = false;
	return false;
}

/* From now on ids are those of the new table; who has none is to leave. */
static void
switch_over(struct vrrpd *vrrpd)
{
	struct tables *tables = &vrrpd->tables;
	struct instance *instance;

	LIST_FOREACH(instance, &vrrpd->instances, entry)
		instance->id = ID_NONE;
	table_unref(tables->previous);
	tables->previous = tables->current;
	tables->current = tables->next;
	tables->next = NULL;
	tables->apply_at = 0;
	tables->going = LIST_FIRST(&vrrpd->instances);
	for (uint32_t id = 0; id < tables->current->ids; id++) {
		if (tables->current->by_id[id] != NULL)
			tables->current->by_id[id]->id = id;
	}
	dispatch_committed(vrrpd);
}

/*
 * Whether more is to do. No instance is left that was not told of the current
 * generation: table_step() prepares none before.
 */
static bool
commit_prepared(struct vrrpd *vrrpd, uint64_t deadline)
{
	struct tables *tables = &vrrpd->tables;

	tables->preparing = 0;
	tables->prepared = false;
	tables->commit = false;
	if (tables->next == NULL) {
		/* Known already: only this link has to be told. */
		dispatch_committed(vrrpd);
		return false;
	}
	switch_over(vrrpd);
	log_change("in force", "configuration %016llx is in force",
	    (unsigned long long)tables->current->generation);
	return apply_step(vrrpd, deadline);
}

bool
table_step(struct vrrpd *vrrpd, uint64_t deadline)
{
	struct tables *tables = &vrrpd->tables;

	if (apply_step(vrrpd, deadline) || prepare_step(vrrpd, deadline))
		return true;
	if (!tables->commit || !tables->prepared)
		return false;
	/* COMMIT was here before READY: what followed it was dropped. */
	tables->resync = true;
	return commit_prepared(vrrpd, deadline);
}

/*
 * COMMIT of what is not prepared is harmless when it is in force. It is honest
 * when the last PREPARE of it was rejected: to ipvsd a READY answers the last
 * PREPARE of that generation, also one that was said to an earlier PREPARE.
 */
static bool
commit_unprepared(struct vrrpd *vrrpd, uint64_t generation)
{
	const struct tables *tables = &vrrpd->tables;

	if (tables->rejected == generation) {
		link_count_unknown(vrrpd->ipvsd);
		return true;
	}
	return tables->current != NULL &&
	    tables->current->generation == generation;
}

bool
table_commit(struct vrrpd *vrrpd, uint64_t generation)
{
	struct tables *tables = &vrrpd->tables;

	if (vrrpd->exiting)
		return true;
	if (tables->preparing != generation)
		return commit_unprepared(vrrpd, generation);
	if (!tables->prepared) {
		tables->commit = true;
		return true;
	}
	if (commit_prepared(vrrpd, clock_monotonic() + SLICE_NS))
		work_schedule(vrrpd);
	return true;
}

void
table_forget_previous(struct vrrpd *vrrpd)
{
	table_unref(vrrpd->tables.previous);
	vrrpd->tables.previous = NULL;
}
