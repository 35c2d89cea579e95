/* SPDX-License-Identifier: ISC */
/*
 * Matching by hash: the new objects go into a chained table, then each old
 * one takes the first of its like that is still free. So one that stands
 * twice keeps two states.
 */
#include "carry.h"

#include <stdlib.h>
#include <string.h>

#include "digest.h"

/* A list of objects of a configuration. */
struct kind {
	uint32_t (*count)(const struct conf *);
	uint32_t (*id)(const struct conf *, uint32_t at);
	uint64_t (*hash)(const struct conf *, uint32_t at);
	bool (*same)(
	    const struct conf *, uint32_t, const struct conf *, uint32_t);
};

enum { KIND_INSTANCE, KIND_PROBE, KIND_MAX };

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
	const struct conf *old;
	const struct conf *new;
	struct match match[KIND_MAX];
};

static uint32_t
instance_count(const struct conf *conf)
{
	return conf->instance_count;
}

static uint32_t
instance_id(const struct conf *conf, uint32_t at)
{
	return conf->instances[at].id;
}

static uint64_t
instance_hash(const struct conf *conf, uint32_t at)
{
	return fnv1a64_string(FNV1A64_INIT, conf->instances[at].name);
}

static bool
instance_same(
    const struct conf *a, uint32_t i, const struct conf *b, uint32_t j)
{
	return strcmp(a->instances[i].name, b->instances[j].name) == 0;
}

static uint32_t
probe_count(const struct conf *conf)
{
	return conf->probe_count;
}

static uint32_t
probe_id(const struct conf *conf, uint32_t at)
{
	return conf->probes[at].id;
}

static uint64_t
probe_hash(const struct conf *conf, uint32_t at)
{
	const struct conf_probe *probe = &conf->probes[at];
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
probe_same(const struct conf *a, uint32_t i, const struct conf *b, uint32_t j)
{
	const struct conf_probe *p = &a->probes[i], *q = &b->probes[j];
	const char *check = p->check == NULL ? "" : p->check;

	return p->type == q->type && p->port == q->port &&
	    addr_equal(&p->addr, &q->addr) &&
	    strcmp(check, q->check == NULL ? "" : q->check) == 0;
}

static const struct kind kinds[KIND_MAX] = {
    [KIND_INSTANCE] = {instance_count, instance_id, instance_hash,
	instance_same},
    [KIND_PROBE] = {probe_count, probe_id, probe_hash, probe_same},
};

static bool
match_init(struct match *match, const struct kind *kind, const struct conf *old,
    const struct conf *new)
{
	uint32_t old_count = old == NULL ? 0 : kind->count(old);
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
	carry->old = old;
	carry->new = new;
	for (size_t i = 0; i < KIND_MAX; i++) {
		if (!match_init(&carry->match[i], &kinds[i], old, new)) {
			carry_free(carry);
			return NULL;
		}
	}
	return carry;
}

void
carry_free(struct carry *carry)
{
	if (carry == NULL)
		return;
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
	uint32_t at = kinds[k].count(carry->new) - 1 - match->entered++;
	uint32_t slot = (uint32_t)digest_mix(kinds[k].hash(carry->new, at)) &
	    match->mask;

	match->next[at] = match->heads[slot];
	match->heads[slot] = at;
}

static void
look_up(struct carry *carry, size_t k)
{
	struct match *match = &carry->match[k];
	uint32_t at = match->looked++;
	uint32_t slot = (uint32_t)digest_mix(kinds[k].hash(carry->old, at)) &
	    match->mask;
	uint32_t *link;

	for (link = &match->heads[slot]; *link != CARRY_NONE;
	     link = &match->next[*link]) {
		if (!kinds[k].same(carry->old, at, carry->new, *link))
			continue;
		match->map[kinds[k].id(carry->old, at)] = kinds[k].id(
		    carry->new, *link);
		*link = match->next[*link];
		return;
	}
}

bool
carry_step(struct carry *carry, uint32_t objects)
{
	for (size_t k = 0; k < KIND_MAX; k++) {
		struct match *match = &carry->match[k];
		uint32_t new_count = kinds[k].count(carry->new);
		uint32_t old_count = carry->old == NULL ?
		    0 :
		    kinds[k].count(carry->old);

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
