/* SPDX-License-Identifier: ISC */
/* What a generation's services are found by, and the queues of those that
 * wait. */
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel_int.h"

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
	/* start[key] runs ahead here and is put back by lookup_placed(). */
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
	const struct service_key *left = a, *right = b;

	return ipvs_key_cmp(&left->key, &right->key);
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
	else if (service->director) {
		desired_key(service, &index->keys[index->key_count].key);
		index->keys[index->key_count++].index = i;
	}
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
	index->dirty = xcalloc(conf->service_count, sizeof(*index->dirty));
	index->failed = xcalloc(conf->service_count, sizeof(*index->failed));
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
	free(index->dirty);
	free(index->failed);
	free(index);
}

/* Takes the index over; without one it is made now. */
void
index_take(struct kernel *kernel, struct kernel_index *index)
{
	if (index == NULL)
		index = kernel_index_new(kernel->turn.input->conf);
	while (kernel_index_step(index, UINT32_MAX))
		continue;
	kernel->by_probe = index->by_probe;
	kernel->by_instance = index->by_instance;
	kernel->keys = index->keys;
	kernel->key_count = index->key_count;
	kernel->dirty = index->dirty;
	kernel->failed = index->failed;
	free(index);
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
