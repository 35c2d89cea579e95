/* SPDX-License-Identifier: ISC */
/* A binary heap of schedule items by their time, least first. Pure. */
#ifndef CHECKD_HEAP_H
#define CHECKD_HEAP_H

#include "schedule_item.h"

struct heap {
	struct schedule_item **items;
	uint32_t count;
	uint32_t size;
};

/* Keyed by item->at; item->index is the heap's. Out of memory is fatal. */
void heap_push(struct heap *, struct schedule_item *);
void heap_remove(struct heap *, struct schedule_item *);
struct schedule_item *heap_first(const struct heap *); /* NULL: empty */
void heap_free(struct heap *);

#endif
