/* SPDX-License-Identifier: ISC */
/* See queue.h. */
#include "kernel/queue.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"

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

bool
queue_is_empty(const struct queue *queue)
{
	return queue->next == queue->count;
}

void
queue_clear(struct queue *queue)
{
	free(queue->list);
	memset(queue, 0, sizeof(*queue));
}
