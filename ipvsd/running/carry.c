/* SPDX-License-Identifier: ISC */
/*
 * The keys of the new objects go into a table, then the key of each old object
 * is looked up there. Servers are walked a service at a time.
 */
#include "running/carry.h"

#include <stdlib.h>
#include <string.h>

#include "keys.h"

enum kind {
	KIND_INSTANCE,
	KIND_PROBE,
	KIND_SERVER, /* an object is a service, with its servers */
	KIND_MAX
};

struct map {
	struct keys *keys;
	uint32_t *to; /* by old id */
	uint32_t count;
	uint32_t new_entered;	/* new ones in the table */
	uint32_t old_looked_up; /* old ones that were looked up */
};

struct carry {
	const struct conf *old;
	const struct conf *new;
	struct map map[KIND_MAX];
};

static uint32_t
objects_of(const struct conf *conf, enum kind kind)
{
	if (conf == NULL)
		return 0;
	switch (kind) {
	case KIND_INSTANCE:
		return conf->instance_count;
	case KIND_PROBE:
		return conf->probe_count;
	default:
		return conf->service_count;
	}
}

/* The highest id, plus 1: objects are sorted by id. */
static uint32_t
ids_of(const struct conf *conf, enum kind kind)
{
	uint32_t n = objects_of(conf, kind);
	const struct conf_service *service;

	if (n == 0)
		return 0;
	if (kind == KIND_INSTANCE)
		return conf->instances[n - 1].id + 1;
	if (kind == KIND_PROBE)
		return conf->probes[n - 1].id + 1;
	while (n-- > 0) {
		service = &conf->services[n];
		if (service->server_count > 0)
			return service->servers[service->server_count - 1].id +
			    1;
	}
	return 0;
}

static bool
map_init(struct map *map, uint32_t old, uint32_t new)
{
	map->count = old;
	map->keys = keys_new(new);
	map->to = malloc((old + 1) * sizeof(*map->to));
	if (map->keys == NULL || map->to == NULL)
		return false;
	memset(map->to, 0xff, old * sizeof(*map->to));
	return true;
}

struct carry *
carry_new(const struct conf *old, const struct conf *new)
{
	struct carry *carry = calloc(1, sizeof(*carry));
	bool ok = carry != NULL;

	if (!ok)
		return NULL;
	carry->old = old;
	carry->new = new;
	for (enum kind kind = 0; ok && kind < KIND_MAX; kind++)
		ok = map_init(
		    &carry->map[kind], ids_of(old, kind), ids_of(new, kind));
	if (ok)
		return carry;
	carry_free(carry);
	return NULL;
}

void
carry_free(struct carry *carry)
{
	if (carry == NULL)
		return;
	for (size_t i = 0; i < KIND_MAX; i++) {
		keys_free(carry->map[i].keys);
		free(carry->map[i].to);
	}
	free(carry);
}

/* Puts the next new object into the table. Returns how many objects that
 * were: a service counts with its servers. */
static uint32_t
enter(struct carry *carry, enum kind kind)
{
	struct map *map = &carry->map[kind];
	uint32_t at = map->new_entered++;
	const struct conf_service *service;

	if (kind == KIND_INSTANCE) {
		keys_put(map->keys, carry->new->instances[at].key,
		    carry->new->instances[at].id);
		return 1;
	}
	if (kind == KIND_PROBE) {
		keys_put(map->keys, carry->new->probes[at].key,
		    carry->new->probes[at].id);
		return 1;
	}
	service = &carry->new->services[at];
	for (uint32_t i = 0; i < service->server_count; i++)
		keys_put(
		    map->keys, service->servers[i].key, service->servers[i].id);
	return 1 + service->server_count;
}

static uint32_t
look_up(struct carry *carry, enum kind kind)
{
	struct map *map = &carry->map[kind];
	uint32_t at = map->old_looked_up++;
	const struct conf_service *service;

	if (kind == KIND_INSTANCE) {
		map->to[carry->old->instances[at].id] = keys_take(
		    map->keys, carry->old->instances[at].key);
		return 1;
	}
	if (kind == KIND_PROBE) {
		map->to[carry->old->probes[at].id] = keys_take(
		    map->keys, carry->old->probes[at].key);
		return 1;
	}
	service = &carry->old->services[at];
	for (uint32_t i = 0; i < service->server_count; i++)
		map->to[service->servers[i].id] = keys_take(
		    map->keys, service->servers[i].key);
	return 1 + service->server_count;
}

bool
carry_step(struct carry *carry, uint32_t objects)
{
	struct map *map;
	uint32_t done = 0;

	for (enum kind kind = 0; kind < KIND_MAX; kind++) {
		map = &carry->map[kind];
		if (map->count == 0)
			continue;
		while (map->new_entered < objects_of(carry->new, kind)) {
			if (done >= objects)
				return true;
			done += enter(carry, kind);
		}
		while (map->old_looked_up < objects_of(carry->old, kind)) {
			if (done >= objects)
				return true;
			done += look_up(carry, kind);
		}
	}
	return false;
}

const struct conf *
carry_old(const struct carry *carry)
{
	return carry->old;
}

const uint32_t *
carry_instances(const struct carry *carry, uint32_t *count)
{
	*count = carry->map[KIND_INSTANCE].count;
	return carry->map[KIND_INSTANCE].to;
}

const uint32_t *
carry_probes(const struct carry *carry, uint32_t *count)
{
	*count = carry->map[KIND_PROBE].count;
	return carry->map[KIND_PROBE].to;
}

const uint32_t *
carry_servers(const struct carry *carry, uint32_t *count)
{
	*count = carry->map[KIND_SERVER].count;
	return carry->map[KIND_SERVER].to;
}
