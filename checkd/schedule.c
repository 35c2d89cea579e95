/* SPDX-License-Identifier: ISC */
/*
 * When probes start; see schedule.h. The heap `starts` has the items that wait
 * for their start, by its time. The heap `ends` has the open items, by their
 * time-out. While open_max items are open, none leaves `starts`. An item whose
 * address has address_max open items is parked with the address.
 */
#include <stdlib.h>

#include "digest.h"
#include "heap.h"
#include "log.h"
#include "schedule.h"

/* An address. It is kept while an item has it. */
struct schedule_address {
	struct addr addr;
	uint32_t items;
	uint32_t open;
	TAILQ_HEAD(, schedule_item) parked; /* oldest first */
	struct schedule_address *next;	    /* of its bucket */
};

struct schedule {
	uint32_t open_max;
	uint32_t address_max;
	uint32_t parked;
	struct heap starts;
	struct heap ends;
	struct schedule_address **buckets;
	uint32_t bucket_count; /* a power of two */
	uint32_t address_count;
};

#define BUCKETS_LEAST 64

struct schedule *
schedule_new(uint32_t open_max, uint32_t address_max)
{
	struct schedule *schedule = calloc(1, sizeof(*schedule));

	if (schedule == NULL)
		fatal("schedule");
	schedule->open_max = open_max == 0 ? 1 : open_max;
	schedule->address_max = address_max == 0 ? 1 : address_max;
	schedule->bucket_count = BUCKETS_LEAST;
	schedule->buckets = calloc(BUCKETS_LEAST, sizeof(*schedule->buckets));
	if (schedule->buckets == NULL)
		fatal("schedule");
	return schedule;
}

void
schedule_free(struct schedule *schedule)
{
	if (schedule == NULL)
		return;
	for (uint32_t i = 0; i < schedule->bucket_count; i++) {
		struct schedule_address *address = schedule->buckets[i];

		while (address != NULL) {
			struct schedule_address *next = address->next;

			free(address);
			address = next;
		}
	}
	free(schedule->buckets);
	heap_free(&schedule->starts);
	heap_free(&schedule->ends);
	free(schedule);
}

/* --- addresses --- */

static struct schedule_address **
bucket(struct schedule *schedule, const struct addr *addr)
{
	uint64_t digest = fnv1a64(
	    FNV1A64_INIT, addr->bytes, addr_len(addr->family));

	return &schedule->buckets[digest_mix(digest) &
	    (schedule->bucket_count - 1)];
}

static void
grow_buckets(struct schedule *schedule)
{
	struct schedule_address **old = schedule->buckets;
	uint32_t count = schedule->bucket_count;

	schedule->bucket_count = count * 2;
	schedule->buckets = calloc(schedule->bucket_count, sizeof(*old));
	if (schedule->buckets == NULL)
		fatal("schedule");
	for (uint32_t i = 0; i < count; i++) {
		struct schedule_address *address = old[i];

		while (address != NULL) {
			struct schedule_address *next = address->next;
			struct schedule_address **to = bucket(
			    schedule, &address->addr);

			address->next = *to;
			*to = address;
			address = next;
		}
	}
	free(old);
}

static struct schedule_address *
address_get(struct schedule *schedule, const struct addr *addr)
{
	struct schedule_address *address, **to = bucket(schedule, addr);

	for (address = *to; address != NULL; address = address->next) {
		if (addr_equal(&address->addr, addr)) {
			address->items++;
			return address;
		}
	}
	if (schedule->address_count++ >= schedule->bucket_count) {
		grow_buckets(schedule);
		to = bucket(schedule, addr);
	}
	address = calloc(1, sizeof(*address));
	if (address == NULL)
		fatal("schedule");
	address->addr = *addr;
	address->items = 1;
	TAILQ_INIT(&address->parked);
	address->next = *to;
	*to = address;
	return address;
}

static void
address_put(struct schedule *schedule, struct schedule_address *address)
{
	struct schedule_address **at;

	if (--address->items > 0)
		return;
	at = bucket(schedule, &address->addr);
	while (*at != address)
		at = &(*at)->next;
	*at = address->next;
	schedule->address_count--;
	free(address);
}

static void
park(struct schedule *schedule, struct schedule_item *item)
{
	item->state = SCHEDULE_PARKED;
	TAILQ_INSERT_TAIL(&item->address->parked, item, parked);
	schedule->parked++;
}

static void
unpark(struct schedule *schedule, struct schedule_item *item)
{
	TAILQ_REMOVE(&item->address->parked, item, parked);
	schedule->parked--;
}

/* --- time --- */

/* The hash as a fraction of span. */
static uint64_t
share(uint64_t span, uint64_t hash)
{
	return (uint64_t)(((unsigned __int128)span * hash) >> 64);
}

/* The first point of the grid after `now`. */
static uint64_t
grid_next(uint64_t interval, uint64_t hash, uint64_t now)
{
	uint64_t phase = share(interval, hash);
	uint64_t gone = now % interval;

	if (gone < phase)
		return now - gone + phase;
	return now - gone + phase + interval;
}

static void
wait_until(struct schedule *schedule, struct schedule_item *item, uint64_t at)
{
	item->state = SCHEDULE_IDLE;
	item->at = at;
	heap_push(&schedule->starts, item);
}

void
schedule_add(struct schedule *schedule, struct schedule_item *item,
    const struct addr *addr, uint64_t warm_up, uint64_t now)
{
	item->address = address_get(schedule, addr);
	item->skipped = 0;
	wait_until(schedule, item, now + share(warm_up, item->hash));
}

/* If the address has room, its first parked item waits for a start again. */
static void
let_in(struct schedule *schedule, struct schedule_address *address)
{
	struct schedule_item *item = TAILQ_FIRST(&address->parked);

	if (item == NULL || address->open >= schedule->address_max)
		return;
	unpark(schedule, item);
	wait_until(schedule, item, item->at);
}

/*
 * Takes an item out of its heap or its address's list. When it was open,
 * another is let in. When it was idle, too: it may be one that was let in, and
 * nobody else might wake those that are parked.
 */
static void
take_out(struct schedule *schedule, struct schedule_item *item)
{
	struct schedule_address *address = item->address;

	switch (item->state) {
	case SCHEDULE_OUT:
		break;
	case SCHEDULE_IDLE:
		heap_remove(&schedule->starts, item);
		let_in(schedule, address);
		break;
	case SCHEDULE_PARKED:
		unpark(schedule, item);
		break;
	case SCHEDULE_OPEN:
		heap_remove(&schedule->ends, item);
		address->open--;
		let_in(schedule, address);
		break;
	}
	item->state = SCHEDULE_OUT;
}

void
schedule_remove(struct schedule *schedule, struct schedule_item *item)
{
	if (item->state == SCHEDULE_OUT)
		return;
	take_out(schedule, item);
	address_put(schedule, item->address);
	item->address = NULL;
}

void
schedule_change(struct schedule *schedule, struct schedule_item *item,
    uint64_t interval, uint64_t timeout, uint64_t now)
{
	item->interval = interval;
	item->timeout = timeout;
	if (item->state == SCHEDULE_IDLE) {
		take_out(schedule, item);
		wait_until(
		    schedule, item, grid_next(interval, item->hash, now));
	}
}

enum schedule_action
schedule_pop(
    struct schedule *schedule, uint64_t now, struct schedule_item **out)
{
	struct schedule_item *item = heap_first(&schedule->ends);

	if (item != NULL && item->at <= now) {
		*out = item;
		return SCHEDULE_TIMEOUT;
	}
	while (schedule->ends.count < schedule->open_max) {
		item = heap_first(&schedule->starts);
		if (item == NULL || item->at > now + SCHEDULE_SLACK)
			break;
		heap_remove(&schedule->starts, item);
		if (item->address->open >= schedule->address_max) {
			park(schedule, item);
			continue;
		}
		/* Count the starts that were missed while it waited for room.
		 */
		if (now > item->at)
			item->skipped += (now - item->at) / item->interval;
		item->address->open++;
		item->state = SCHEDULE_OPEN;
		item->started = now;
		item->at = now + item->timeout;
		heap_push(&schedule->ends, item);
		*out = item;
		return SCHEDULE_START;
	}
	return SCHEDULE_NOTHING;
}

void
schedule_done(
    struct schedule *schedule, struct schedule_item *item, uint64_t now)
{
	/* A start that was early by the slack must not come twice. */
	uint64_t due = item->started + SCHEDULE_SLACK;

	if (item->state != SCHEDULE_OPEN)
		return;
	if (now < due)
		now = due;
	item->skipped += (now - due) / item->interval;
	take_out(schedule, item);
	wait_until(schedule, item, grid_next(item->interval, item->hash, now));
}

uint64_t
schedule_next(const struct schedule *schedule)
{
	const struct schedule_item *end = heap_first(&schedule->ends);
	const struct schedule_item *start = heap_first(&schedule->starts);
	uint64_t next = end == NULL ? UINT64_MAX : end->at;

	if (start != NULL && schedule->ends.count < schedule->open_max &&
	    start->at < next)
		next = start->at;
	return next;
}

uint32_t
schedule_open(const struct schedule *schedule)
{
	return schedule->ends.count;
}
