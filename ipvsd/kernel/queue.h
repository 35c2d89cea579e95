/* SPDX-License-Identifier: ISC */
/* Numbers that wait, first in first out. */
#ifndef IPVSD_KERNEL_QUEUE_H
#define IPVSD_KERNEL_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

/* Empty when zeroed. */
struct queue {
	uint32_t *list;
	uint32_t count;
	uint32_t size;
	uint32_t next;
};

void queue_push(struct queue *, uint32_t);
/* False: it is empty. */
bool queue_pop(struct queue *, uint32_t *);
bool queue_is_empty(const struct queue *);
/* Empties it and frees its memory. */
void queue_clear(struct queue *);

#endif
