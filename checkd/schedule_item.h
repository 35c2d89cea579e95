/* SPDX-License-Identifier: ISC */
/* What waits in a schedule (schedule.h) and in its heaps (heap.h). */
#ifndef CHECKD_SCHEDULE_ITEM_H
#define CHECKD_SCHEDULE_ITEM_H

#include <sys/queue.h>

#include <stdint.h>

struct schedule_address;

enum schedule_state {
	SCHEDULE_OUT,	 /* not (or no longer) in a schedule */
	SCHEDULE_IDLE,	 /* waits for its time or for an open probe to end */
	SCHEDULE_PARKED, /* waits for a probe of its address to end */
	SCHEDULE_OPEN	 /* runs */
};

/* Embedded in a probe. The owner sets the first part; the rest begins as 0. */
struct schedule_item {
	uint64_t interval; /* ns, > 0 */
	uint64_t timeout;  /* ns */
	uint64_t hash;	   /* any number, well mixed, stable */
	void *owner;

	enum schedule_state state;
	uint64_t at;	  /* next start; when open, the time-out */
	uint64_t started; /* of the open one */
	uint64_t skipped; /* starts missed: it was open, or had no room */
	uint32_t index;	  /* its place in a heap */
	struct schedule_address *address;
	TAILQ_ENTRY(schedule_item) parked; /* of its address */
};

#endif
