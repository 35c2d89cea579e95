/* SPDX-License-Identifier: ISC */
/* What a generation's services are found by, and the queues of those that
 * wait. */
#include <stdlib.h>
#include <string.h>

#include "kernel_int.h"

void
queue_push(struct queue *queue, uint32_t value)
{
	if (queue->next > 0 && queue->count == queue->size) {
		queue->count -= queue->next;
		memmove(queue->list, queue->list + queue->next,
		    queue->count * sizeof(*queue->list));
		queue->next = 0;
	}
	queue->list = grow(
	    queue->list, queue->count, &queue->size, sizeof(*queue->list));
	queue->list[queue->count++] = value;
}

bool
queue_pop(struct queue *queue, uint32_t *value)
{
	if (queue->next == queue->count)
		return false;
	*value = queue->list[queue->next++];
	return true;
}

/* Calls fn for each (key, service); twice: to count, then to place. */
typedef void (*pair_fn)(struct lookup *, uint32_t key, uint32_t index);

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
	/* start[key] runs ahead here and is put back by finish(). */
	if (key < lookup->count)
		lookup->list[lookup->start[key]++] = index;
}

static void
probe_pairs(const struct conf *conf, struct lookup *lookup, pair_fn fn)
{
	const struct conf_service *service;
	const struct conf_server *server;

	for (uint32_t i = 0; i < conf->service_count; i++) {
		service = &conf->services[i];
		for (uint32_t j = 0; j < service->server_count; j++) {
			server = &service->servers[j];
			for (uint32_t k = 0; k < server->probe_count; k++)
				fn(lookup, server->probes[k], i);
		}
	}
}

static void
instance_pairs(const struct conf *conf, struct lookup *lookup, pair_fn fn)
{
	for (uint32_t i = 0; i < conf->service_count; i++)
		fn(lookup, conf->services[i].instance, i);
}

static void
build(const struct conf *conf, struct lookup *lookup, uint32_t count,
    void (*pairs)(const struct conf *, struct lookup *, pair_fn))
{
	lookup->count = count;
	lookup->start = xcalloc((size_t)count + 1, sizeof(uint32_t));
	pairs(conf, lookup, count_pair);
	for (uint32_t i = 0; i < count; i++)
		lookup->start[i + 1] += lookup->start[i];
	lookup->list = xcalloc(lookup->start[count], sizeof(uint32_t));
	pairs(conf, lookup, place_pair);
	for (uint32_t i = count; i > 0; i--)
		lookup->start[i] = lookup->start[i - 1];
	lookup->start[0] = 0;
}

static int
key_order(const void *a, const void *b)
{
	const struct service_key *left = a, *right = b;

	return ipvs_key_cmp(&left->key, &right->key);
}

static void
build_keys(struct kernel *kernel, const struct conf *conf)
{
	kernel->keys = xcalloc(conf->service_count, sizeof(*kernel->keys));
	kernel->key_count = 0;
	for (uint32_t i = 0; i < conf->service_count; i++) {
		if (!conf->services[i].director)
			continue;
		desired_key(
		    &conf->services[i], &kernel->keys[kernel->key_count].key);
		kernel->keys[kernel->key_count++].index = i;
	}
	qsort(
	    kernel->keys, kernel->key_count, sizeof(*kernel->keys), key_order);
}

void
index_build(struct kernel *kernel)
{
	const struct conf *conf = kernel->input->conf;
	uint32_t probes = 0;

	for (uint32_t i = 0; i < conf->service_count; i++)
		for (uint32_t j = 0; j < conf->services[i].server_count; j++)
			for (uint32_t k = 0;
			     k < conf->services[i].servers[j].probe_count; k++)
				if (conf->services[i].servers[j].probes[k] >=
				    probes)
					probes = conf->services[i]
						     .servers[j]
						     .probes[k] +
					    1;
	build(conf, &kernel->by_probe, probes, probe_pairs);
	build(
	    conf, &kernel->by_instance, kernel->instance_count, instance_pairs);
	build_keys(kernel, conf);
	kernel->dirty = xcalloc(conf->service_count, sizeof(*kernel->dirty));
	kernel->failed = xcalloc(conf->service_count, sizeof(*kernel->failed));
}

void
index_free(struct kernel *kernel)
{
	free(kernel->by_probe.start);
	free(kernel->by_probe.list);
	free(kernel->by_instance.start);
	free(kernel->by_instance.list);
	free(kernel->keys);
	free(kernel->dirty);
	free(kernel->failed);
	free(kernel->urgent.list);
	free(kernel->normal.list);
	memset(&kernel->by_probe, 0, sizeof(kernel->by_probe));
	memset(&kernel->by_instance, 0, sizeof(kernel->by_instance));
	memset(&kernel->urgent, 0, sizeof(kernel->urgent));
	memset(&kernel->normal, 0, sizeof(kernel->normal));
	kernel->keys = NULL;
	kernel->key_count = 0;
	kernel->dirty = NULL;
	kernel->failed = NULL;
}
