/* SPDX-License-Identifier: ISC */
/* A binary heap of schedule items; see heap.h. */
#include <stdlib.h>

#include "grow.h"
#include "heap.h"

static void
place(struct heap *heap, uint32_t index, struct schedule_item *item)
{
	heap->items[index] = item;
	item->index = index;
}

static void
sift_up(struct heap *heap, uint32_t index, struct schedule_item *item)
{
	while (index > 0) {
		uint32_t parent = (index - 1) / 2;

		if (heap->items[parent]->at <= item->at)
			break;
		place(heap, index, heap->items[parent]);
		index = parent;
	}
	place(heap, index, item);
}

static void
sift_down(struct heap *heap, uint32_t index, struct schedule_item *item)
{
	for (;;) {
		uint32_t child = index * 2 + 1;

		if (child >= heap->count)
			break;
		if (child + 1 < heap->count &&
		    heap->items[child + 1]->at < heap->items[child]->at)
			child++;
		if (item->at <= heap->items[child]->at)
			break;
		place(heap, index, heap->items[child]);
		index = child;
	}
	place(heap, index, item);
}

void
heap_push(struct heap *heap, struct schedule_item *item)
{
	heap->items = grow(heap->items, heap->count, &heap->size,
	    sizeof(struct schedule_item *));
	sift_up(heap, heap->count++, item);
}

void
heap_remove(struct heap *heap, struct schedule_item *item)
{
	uint32_t index = item->index;
	struct schedule_item *last = heap->items[--heap->count];

	if (last == item)
		return;
	if (index > 0 && last->at < heap->items[(index - 1) / 2]->at)
		sift_up(heap, index, last);
	else
		sift_down(heap, index, last);
}

struct schedule_item *
heap_first(const struct heap *heap)
{
	return heap->count == 0 ? NULL : heap->items[0];
}

void
heap_free(struct heap *heap)
{
	free(heap->items);
	*heap = (struct heap){0};
}
