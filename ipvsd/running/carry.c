/* SPDX-License-Identifier: ISC */
/*
 * Matching by hash: the new objects go into a chained table, then each old
 * one takes the first of its like that is still free. So one that stands
 * twice keeps two states.
 */
#include "running/carry.h"

#include <stdlib.h>
#include <string.h>

#include "digest.h"

struct server {
	const struct conf_service *service;
	const struct conf_server *server;
};

/* One of the two configurations, with its servers in one list. */
struct side {
	const struct conf *conf;
	bool all; /* of all services, not only those that start slowly */
	struct server *servers;
	uint32_t server_count;
	uint32_t filled;
	uint32_t next_service; /* to fill from */
};

/* A list of objects of a configuration. */
struct kind {
	uint32_t (*count)(const struct side *);
	uint32_t (*id)(const struct side *, uint32_t at);
	uint64_t (*hash)(const struct side *, uint32_t at);
	bool (*same)(
	    const struct side *, uint32_t, const struct side *, uint32_t);
};

enum { KIND_INSTANCE, KIND_PROBE, KIND_SERVER, KIND_MAX };

struct match {
	uint32_t *map; /* by old id */
	uint32_t map_count;
	uint32_t *heads; /* by hash: position in new, CARRY_NONE */
	uint32_t *next;
	uint32_t mask;
	uint32_t entered; /* new ones in the table */
	uint32_t looked;  /* old ones that were looked up */
};

struct carry {
	struct side old;
	struct side new;
	struct match match[KIND_MAX];
};

static uint32_t
instance_count(const struct side *side)
{
	return side->conf->instance_count;
}

static uint32_t
instance_id(const struct side *side, uint32_t at)
{
	return side->conf->instances[at].id;
}

static uint64_t
instance_hash(const struct side *side, uint32_t at)
{
	return fnv1a64_string(FNV1A64_INIT, side->conf->instances[at].name);
}

static bool
instance_same(
    const struct side *a, uint32_t i, const struct side *b, uint32_t j)
{
	return strcmp(a->conf->instances[i].name, b->conf->instances[j].name) ==
	    0;
}

static uint32_t
probe_count(const struct side *side)
{
	return side->conf->probe_count;
}

static uint32_t
probe_id(const struct side *side, uint32_t at)
{
	return side->conf->probes[at].id;
}

static uint64_t
probe_hash(const struct side *side, uint32_t at)
{
	const struct conf_probe *probe = &side->conf->probes[at];
	uint64_t digest;

	digest = fnv1a64(
	    FNV1A64_INIT, probe->addr.bytes, addr_len(probe->addr.family));
	digest = fnv1a64_u32(digest, probe->port);
	return fnv1a64_u32(digest, (uint32_t)probe->type);
}

/*
 * What ipvsd knows of a probe: what is sent and expected is checkd's alone.
 * Of two that look alike here the first becomes the first; should that be
 * wrong, checkd's next snapshot puts it right.
 */
static bool
probe_same(const struct side *a, uint32_t i, const struct side *b, uint32_t j)
{
	const struct conf_probe *p = &a->conf->probes[i],
				*q = &b->conf->probes[j];
	const char *check = p->check == NULL ? "" : p->check;

	return p->type == q->type && p->port == q->port &&
	    addr_equal(&p->addr, &q->addr) &&
	    strcmp(check, q->check == NULL ? "" : q->check) == 0;
}

static uint32_t
server_count(const struct side *side)
{
	return side->server_count;
}

static uint32_t
server_id(const struct side *side, uint32_t at)
{
	return side->servers[at].server->id;
}

static uint64_t
endpoint_hash(uint64_t digest, const struct addr *addr, uint16_t port)
{
	digest = fnv1a64(digest, addr->bytes, addr_len(addr->family));
	return fnv1a64_u32(digest, port);
}

static uint64_t
server_hash(const struct side *side, uint32_t at)
{
	const struct conf_service *service = side->servers[at].service;
	const struct conf_server *server = side->servers[at].server;
	uint64_t digest;

	digest = fnv1a64_u32(FNV1A64_INIT, (uint32_t)service->protocol);
	digest = endpoint_hash(digest, &service->addr, service->port);
	return endpoint_hash(digest, &server->addr, server->port);
}

static bool
server_same(const struct side *a, uint32_t i, const struct side *b, uint32_t j)
{
	const struct server *p = &a->servers[i], *q = &b->servers[j];

	return p->service->protocol == q->service->protocol &&
	    p->service->port == q->service->port &&
	    addr_equal(&p->service->addr, &q->service->addr) &&
	    p->server->port == q->server->port &&
	    addr_equal(&p->server->addr, &q->server->addr);
}

static const struct kind kinds[KIND_MAX] = {
    [KIND_INSTANCE] = {instance_count, instance_id, instance_hash,
	instance_same},
    [KIND_PROBE] = {probe_count, probe_id, probe_hash, probe_same},
    [KIND_SERVER] = {server_count, server_id, server_hash, server_same},
};

static bool
is_listed(const struct side *side, const struct conf_service *service)
{
	return service->server_count > 0 &&
	    (side->all || service->slow_start != 0);
}

/*
 * Makes room for the servers of services that start slowly, or of all;
 * list_step() fills it. The last is in at once: its id is the highest.
 * False: no memory.
 */
static bool
list_servers(struct side *side)
{
	const struct conf *conf = side->conf;
	const struct conf_service *service, *last = NULL;
	uint32_t count = 0;

	for (uint32_t i = 0; i < conf->service_count; i++) {
		service = &conf->services[i];
		if (!is_listed(side, service))
			continue;
		last = service;
		count += service->server_count;
	}
	if (last == NULL)
		return true;
	side->servers = malloc(count * sizeof(*side->servers));
	if (side->servers == NULL)
		return false;
	side->server_count = count;
	side->servers[count - 1].service = last;
	side->servers[count - 1]
	    .server = &last->servers[last->server_count - 1];
	return true;
}

/* A service's servers; false when all are in the list. */
static bool
list_step(struct side *side)
{
	const struct conf_service *service;

	if (side->filled == side->server_count)
		return false;
	service = &side->conf->services[side->next_service++];
	if (!is_listed(side, service))
		return true;
	for (uint32_t i = 0; i < service->server_count; i++) {
		side->servers[side->filled].service = service;
		side->servers[side->filled++].server = &service->servers[i];
	}
	return true;
}

static void
forget_servers(struct side *side)
{
	free(side->servers);
	side->servers = NULL;
	side->server_count = side->filled = 0;
}

static bool
match_init(struct match *match, const struct kind *kind, const struct side *old,
    const struct side *new)
{
	uint32_t old_count = old->conf == NULL ? 0 : kind->count(old);
	uint32_t new_count = kind->count(new), size = 16;

	while (size < new_count)
		size *= 2;
	match->mask = size - 1;
	match->map_count = old_count == 0 ? 0 :
					    kind->id(old, old_count - 1) + 1;
	match->map = malloc((match->map_count + 1) * sizeof(uint32_t));
	match->heads = malloc(size * sizeof(uint32_t));
	match->next = malloc((new_count + 1) * sizeof(uint32_t));
	if (match->map == NULL || match->heads == NULL || match->next == NULL)
		return false;
	memset(match->map, 0xff, match->map_count * sizeof(uint32_t));
	memset(match->heads, 0xff, size * sizeof(uint32_t));
	return true;
}

struct carry *
carry_new(const struct conf *old, const struct conf *new)
{
	struct carry *carry = calloc(1, sizeof(*carry));

	if (carry == NULL)
		return NULL;
	carry->old.conf = old;
	carry->new.conf = new;
	carry->old.all = true;
	if (!list_servers(&carry->new) ||
	    (old != NULL && carry->new.server_count > 0 &&
		!list_servers(&carry->old)))
		goto fail;
	for (size_t i = 0; i < KIND_MAX; i++)
		if (!match_init(
			&carry->match[i], &kinds[i], &carry->old, &carry->new))
			goto fail;
	return carry;
fail:
	carry_free(carry);
	return NULL;
}

void
carry_free(struct carry *carry)
{
	if (carry == NULL)
		return;
	forget_servers(&carry->old);
	forget_servers(&carry->new);
	for (size_t i = 0; i < KIND_MAX; i++) {
		free(carry->match[i].map);
		free(carry->match[i].heads);
		free(carry->match[i].next);
	}
	free(carry);
}

/* Entered from the last to the first, so that a chain is in file order. */
static void
enter(struct carry *carry, size_t k)
{
	struct match *match = &carry->match[k];
	uint32_t at = kinds[k].count(&carry->new) - 1 - match->entered++;
	uint32_t slot = (uint32_t)digest_mix(kinds[k].hash(&carry->new, at)) &
	    match->mask;

	match->next[at] = match->heads[slot];
	match->heads[slot] = at;
}

static void
look_up(struct carry *carry, size_t k)
{
	struct match *match = &carry->match[k];
	uint32_t at = match->looked++;
	uint32_t slot = (uint32_t)digest_mix(kinds[k].hash(&carry->old, at)) &
	    match->mask;
	uint32_t *link;

	for (link = &match->heads[slot]; *link != CARRY_NONE;
	     link = &match->next[*link]) {
		if (!kinds[k].same(&carry->old, at, &carry->new, *link))
			continue;
		match->map[kinds[k].id(&carry->old, at)] = kinds[k].id(
		    &carry->new, *link);
		*link = match->next[*link];
		return;
	}
}

bool
carry_step(struct carry *carry, uint32_t objects)
{
	for (; list_step(&carry->new) || list_step(&carry->old); objects--)
		if (objects == 0)
			return true;
	for (size_t k = 0; k < KIND_MAX; k++) {
		struct match *match = &carry->match[k];
		uint32_t new_count = kinds[k].count(&carry->new);
		uint32_t old_count = carry->old.conf == NULL ?
		    0 :
		    kinds[k].count(&carry->old);

		for (; old_count > 0 && match->entered < new_count; objects--) {
			if (objects == 0)
				return true;
			enter(carry, k);
		}
		for (; match->looked < old_count; objects--) {
			if (objects == 0)
				return true;
			look_up(carry, k);
		}
	}
	forget_servers(&carry->old);
	forget_servers(&carry->new);
	return false;
}

const uint32_t *
carry_instances(const struct carry *carry, uint32_t *count)
{
	*count = carry->match[KIND_INSTANCE].map_count;
	return carry->match[KIND_INSTANCE].map;
}

const uint32_t *
carry_probes(const struct carry *carry, uint32_t *count)
{
	*count = carry->match[KIND_PROBE].map_count;
	return carry->match[KIND_PROBE].map;
}

const uint32_t *
carry_servers(const struct carry *carry, uint32_t *count)
{
	*count = carry->match[KIND_SERVER].map_count;
	return carry->match[KIND_SERVER].map;
}
