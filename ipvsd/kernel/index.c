/* SPDX-License-Identifier: ISC */
/* See index.h. */
#include "kernel/index.h"

#include <stdlib.h>

#include "desired/desired.h"
#include "grow.h"

/* Lists of service indices by an id (of an instance, of a probe). */
struct lookup {
	uint32_t *start; /* count + 1 of them */
	uint32_t *list;
	uint32_t count;
};

enum index_pass {
	INDEX_SIZE, /* the keys, and how many probes there are */
	INDEX_COUNT,
	INDEX_PLACE,
	INDEX_SORT,
	INDEX_DONE
};

struct kernel_index {
	const struct conf *conf;
	enum index_pass pass;
	uint32_t next; /* service of the pass */
	uint32_t probes;
	struct lookup by_instance;
	struct lookup by_probe;
	struct ipvs_key *keys;
	uint32_t key_count;
};

static void
count_pair(struct lookup *lookup, uint32_t key, uint32_t index)
{
	(void)index;
	if (key < lookup->count)
		lookup->start[key + 1]++;
}

static void
place_pair(struct lookup *lookup, uint32_t key, uint32_t index)
{
	/* lookup_placed() puts start[key] back, which runs ahead here. */
	if (key < lookup->count)
		lookup->list[lookup->start[key]++] = index;
}

static void
lookup_begin(struct lookup *lookup, uint32_t count)
{
	lookup->count = count;
	lookup->start = xcalloc((size_t)count + 1, sizeof(uint32_t));
}

static void
lookup_counted(struct lookup *lookup)
{
	for (uint32_t i = 0; i < lookup->count; i++)
		lookup->start[i + 1] += lookup->start[i];
	lookup->list = xcalloc(lookup->start[lookup->count], sizeof(uint32_t));
}

static void
lookup_placed(struct lookup *lookup)
{
	for (uint32_t i = lookup->count; i > 0; i--)
		lookup->start[i] = lookup->start[i - 1];
	lookup->start[0] = 0;
}

static int
key_order(const void *a, const void *b)
{
	return ipvs_key_cmp(a, b);
}

/* One service in one pass over all of them. */
static void
index_service(struct kernel_index *index, uint32_t i)
{
	const struct conf_service *service = &index->conf->services[i];
	void (*pair)(struct lookup *, uint32_t,
	    uint32_t) = index->pass == INDEX_COUNT ? count_pair : place_pair;
	const struct conf_server *server;

	for (uint32_t j = 0; j < service->server_count; j++) {
		server = &service->servers[j];
		for (uint32_t k = 0; k < server->probe_count; k++) {
			if (index->pass != INDEX_SIZE)
				pair(&index->by_probe, server->probes[k], i);
			else if (server->probes[k] >= index->probes)
				index->probes = server->probes[k] + 1;
		}
	}
	if (index->pass != INDEX_SIZE)
		pair(&index->by_instance, service->instance, i);
	else if (service->director)
		desired_key(service, &index->keys[index->key_count++]);
}

/* Between two passes; the last is the sort, in a step of its own. */
static void
index_next_pass(struct kernel_index *index)
{
	switch (index->pass++) {
	case INDEX_SIZE:
		lookup_begin(&index->by_probe, index->probes);
		break;
	case INDEX_COUNT:
		lookup_counted(&index->by_probe);
		lookup_counted(&index->by_instance);
		break;
	case INDEX_PLACE:
		lookup_placed(&index->by_probe);
		lookup_placed(&index->by_instance);
		break;
	case INDEX_SORT:
	case INDEX_DONE:
		break;
	}
	index->next = 0;
}

struct kernel_index *
kernel_index_new(const struct conf *conf)
{
	struct kernel_index *index = xcalloc(1, sizeof(*index));
	uint32_t instances = 0;

	for (uint32_t i = 0; i < conf->instance_count; i++)
		if (conf->instances[i].id >= instances)
			instances = conf->instances[i].id + 1;
	index->conf = conf;
	lookup_begin(&index->by_instance, instances);
	index->keys = xcalloc(conf->service_count, sizeof(*index->keys));
	return index;
}

bool
kernel_index_step(struct kernel_index *index, uint32_t services)
{
	if (index->pass == INDEX_DONE)
		return false;
	if (index->pass == INDEX_SORT) {
		qsort(index->keys, index->key_count, sizeof(*index->keys),
		    key_order);
		index->pass = INDEX_DONE;
		return false;
	}
	for (; services > 0 && index->next < index->conf->service_count;
	     services--)
		index_service(index, index->next++);
	if (index->next == index->conf->service_count)
		index_next_pass(index);
	return true;
}

void
kernel_index_free(struct kernel_index *index)
{
	if (index == NULL)
		return;
	free(index->by_probe.start);
	free(index->by_probe.list);
	free(index->by_instance.start);
	free(index->by_instance.list);
	free(index->keys);
	free(index);
}

static uint32_t
look_up(const struct lookup *lookup, uint32_t id, const uint32_t **services)
{
	if (id >= lookup->count)
		return 0;
	*services = &lookup->list[lookup->start[id]];
	return lookup->start[id + 1] - lookup->start[id];
}

uint32_t
kernel_index_instance(const struct kernel_index *index, uint32_t instance,
    const uint32_t **services)
{
	return look_up(&index->by_instance, instance, services);
}

uint32_t
kernel_index_probe(
    const struct kernel_index *index, uint32_t probe, const uint32_t **services)
{
	return look_up(&index->by_probe, probe, services);
}

const struct ipvs_key *
kernel_index_keys(const struct kernel_index *index, uint32_t *count)
{
	*count = index->key_count;
	return index->keys;
}
