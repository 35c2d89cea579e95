/* SPDX-License-Identifier: ISC */
/* checkd/schedule.c: when probes start. Time is what the test says it is. */
#include <sys/mman.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "checkd/schedule.h"
#include "digest.h"

#define MS UINT64_C(1000000)
#define S  (1000 * MS)

static struct addr
address(uint32_t number)
{
	struct addr addr = {.family = AF_INET};

	addr.bytes[0] = 10;
	addr.bytes[1] = (uint8_t)(number >> 16);
	addr.bytes[2] = (uint8_t)(number >> 8);
	addr.bytes[3] = (uint8_t)number;
	return addr;
}

/* Addresses that differ in their last bits, hashed as match.c does. */
static void
fill(struct schedule_item *item, uint32_t number, uint64_t interval,
    uint64_t timeout)
{
	struct addr addr = address(number);

	*item = (struct schedule_item){
	    .interval = interval,
	    .timeout = timeout,
	    .hash = digest_mix(fnv1a64(FNV1A64_INIT, addr.bytes, 4)),
	};
}

static void
add(struct schedule *schedule, struct schedule_item *item, uint32_t number,
    uint64_t warm_up, uint64_t now)
{
	struct addr addr = address(number);

	schedule_add(schedule, item, &addr, warm_up, now);
}

/* How many of these are in a schedule. */
static unsigned
count_in(const struct schedule_item *items, uint32_t count)
{
	unsigned in = 0;

	for (uint32_t i = 0; i < count; i++)
		in += items[i].state != SCHEDULE_OUT;
	return in;
}

/* First starts lie within the warm-up and fill it evenly. */
static void
test_spread(void **state)
{
	enum { COUNT = 1000, SLOTS = 10 };
	struct schedule *schedule = schedule_new(COUNT, COUNT);
	struct schedule_item items[COUNT], *item;
	uint64_t now = 77 * S;
	int slots[SLOTS] = {0}, seen = 0;

	(void)state;
	for (uint32_t i = 0; i < COUNT; i++) {
		fill(&items[i], i, 5 * S, 2 * S);
		add(schedule, &items[i], i, 1 * S, now);
		assert_in_range(items[i].at, now, now + S - 1);
		slots[(items[i].at - now) * SLOTS / S]++;
	}
	for (int i = 0; i < SLOTS; i++)
		assert_in_range(
		    slots[i], COUNT / SLOTS * 6 / 10, COUNT / SLOTS * 14 / 10);
	while (schedule_pop(schedule, now + S, &item) == SCHEDULE_START)
		seen++;
	assert_int_equal(seen, COUNT);
	schedule_free(schedule);
}

/* Without a warm-up the first start is now. */
static void
test_no_warm_up(void **state)
{
	struct schedule *schedule = schedule_new(1, 1);
	struct schedule_item one, *item;

	(void)state;
	fill(&one, 1, 5 * S, 2 * S);
	add(schedule, &one, 1, 0, 3 * S);
	assert_int_equal(schedule_next(schedule), 3 * S);
	assert_int_equal(schedule_pop(schedule, 3 * S, &item), SCHEDULE_START);
	schedule_free(schedule);
}

/* A thousand rounds of probes that take their time: still on the grid. */
static void
test_no_drift(void **state)
{
	struct schedule *schedule = schedule_new(1, 1);
	struct schedule_item one, *item;
	uint64_t now = 5 * S, first = 0;

	(void)state;
	fill(&one, 7, 2 * S, S);
	add(schedule, &one, 7, S, now);
	for (int i = 0; i < 1000; i++) {
		now = schedule_next(schedule) + (uint64_t)(i % 7) * MS;
		assert_int_equal(
		    schedule_pop(schedule, now, &item), SCHEDULE_START);
		now += 10 * MS + (uint64_t)(i % 90) * MS;
		schedule_done(schedule, item, now);
		if (i == 0)
			first = item->at;
		assert_int_equal(item->at, first + (uint64_t)i * 2 * S);
		assert_true(item->at > now);
	}
	assert_int_equal(one.skipped, 0);
	schedule_free(schedule);
}

/* The point of the grid that follows a probe's end at `now`. */
static uint64_t
grid_next(uint64_t interval, uint64_t hash, uint64_t now)
{
	struct schedule *schedule = schedule_new(1, 1);
	struct schedule_item one = {.interval = interval, .hash = hash}, *item;

	add(schedule, &one, 1, 0, now - SCHEDULE_SLACK);
	assert_int_equal(schedule_pop(schedule, now - SCHEDULE_SLACK, &item),
	    SCHEDULE_START);
	schedule_done(schedule, &one, now);
	schedule_free(schedule);
	return one.at;
}

/* The phase is the probe's: another process gets the same grid. */
static void
test_restart_same_grid(void **state)
{
	uint64_t hash = digest_mix(42);
	uint64_t a = grid_next(5 * S, hash, 100 * S);
	uint64_t b = grid_next(5 * S, hash, 1234567 * MS);

	(void)state;
	assert_true(a > 100 * S && a <= 105 * S);
	assert_int_equal((b - a) % (5 * S), 0);
	assert_int_equal(grid_next(5 * S, hash, a), a + 5 * S);
	assert_int_equal(grid_next(5 * S, hash, a - 1), a);
	/* steady probes fill the interval, not just the warm-up */
	assert_true(grid_next(5 * S, UINT64_MAX, 5 * S) > 9999 * MS);
}

/* Up to the slack early: but not twice for one point of the grid. */
static void
test_slack(void **state)
{
	struct schedule *schedule = schedule_new(8, 8);
	struct schedule_item one, *item;
	uint64_t due;

	(void)state;
	fill(&one, 9, S, S / 2);
	add(schedule, &one, 9, 0, 10 * S);
	schedule_pop(schedule, 10 * S, &item);
	schedule_done(schedule, item, 10 * S + MS);
	due = one.at;
	assert_int_equal(
	    schedule_pop(schedule, due - SCHEDULE_SLACK - 1, &item),
	    SCHEDULE_NOTHING);
	assert_int_equal(schedule_pop(schedule, due - SCHEDULE_SLACK, &item),
	    SCHEDULE_START);
	schedule_done(schedule, item, due - SCHEDULE_SLACK + 1);
	assert_int_equal(one.at, due + S);
	schedule_free(schedule);
}

/* An open probe is not started again; what it missed is counted. */
static void
test_busy_skip(void **state)
{
	struct schedule *schedule = schedule_new(8, 8);
	struct schedule_item one, *item;
	uint64_t now = 20 * S;

	(void)state;
	fill(&one, 3, S, 10 * S);
	add(schedule, &one, 3, 0, now);
	assert_int_equal(schedule_pop(schedule, now, &item), SCHEDULE_START);
	for (int i = 0; i < 9; i++) {
		now += S;
		assert_int_equal(
		    schedule_pop(schedule, now, &item), SCHEDULE_NOTHING);
	}
	assert_int_equal(schedule_next(schedule), 30 * S);
	schedule_done(schedule, &one, now + S / 2);
	assert_in_range(one.skipped, 8, 10);
	assert_true(one.at > now + S / 2 && one.at <= now + S / 2 + S);
	schedule_free(schedule);
}

static void
test_timeout(void **state)
{
	struct schedule *schedule = schedule_new(8, 8);
	struct schedule_item one, *item;

	(void)state;
	fill(&one, 3, 5 * S, 2 * S);
	add(schedule, &one, 3, 0, 10 * S);
	schedule_pop(schedule, 10 * S, &item);
	assert_int_equal(schedule_next(schedule), 12 * S);
	/* the slack is for starts: patience never ends early */
	assert_int_equal(
	    schedule_pop(schedule, 12 * S - 1, &item), SCHEDULE_NOTHING);
	assert_int_equal(
	    schedule_pop(schedule, 12 * S, &item), SCHEDULE_TIMEOUT);
	assert_ptr_equal(item, &one);
	schedule_done(schedule, item, 12 * S);
	assert_int_equal(schedule_open(schedule), 0);
	assert_int_equal(
	    schedule_pop(schedule, 12 * S, &item), SCHEDULE_NOTHING);
	schedule_free(schedule);
}

/* The oldest waits first; time-outs come although starts are due. */
static void
test_open_limit(void **state)
{
	struct schedule *schedule = schedule_new(2, 8);
	struct schedule_item items[4], *item;

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		fill(&items[i], i, 5 * S, 2 * S);
		add(schedule, &items[i], i, 0, (10 + i) * S);
	}
	assert_int_equal(schedule_pop(schedule, 13 * S, &item), SCHEDULE_START);
	assert_ptr_equal(item, &items[0]);
	assert_int_equal(schedule_pop(schedule, 13 * S, &item), SCHEDULE_START);
	assert_int_equal(
	    schedule_pop(schedule, 13 * S, &item), SCHEDULE_NOTHING);
	assert_int_equal(schedule_next(schedule), 15 * S);
	assert_int_equal(
	    schedule_pop(schedule, 15 * S, &item), SCHEDULE_TIMEOUT);
	schedule_done(schedule, item, 15 * S);
	assert_int_equal(schedule_pop(schedule, 14 * S, &item), SCHEDULE_START);
	assert_ptr_equal(item, &items[2]);
	assert_int_equal(schedule_open(schedule), 2);
	assert_int_equal(count_in(items, 4), 4);
	schedule_free(schedule);
}

/* One address's limit holds up its own probes and no other's. */
static void
test_address_limit(void **state)
{
	struct schedule *schedule = schedule_new(100, 2);
	struct schedule_item items[5], other, *item;
	int started = 0, others = 0;

	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		fill(&items[i], i, 5 * S, 2 * S);
		add(schedule, &items[i], 1, 0, 10 * S);
	}
	fill(&other, 9, 5 * S, 2 * S);
	add(schedule, &other, 2, 0, 10 * S);
	while (schedule_pop(schedule, 10 * S, &item) == SCHEDULE_START) {
		if (item == &other)
			others++;
		else
			started++;
	}
	assert_int_equal(started, 2);
	assert_int_equal(others, 1);
	assert_int_equal(count_in(items, 5) + count_in(&other, 1), 6);
	/* each that ends lets one in; one that is parked may be removed */
	for (int i = 0; i < 5; i++) {
		if (items[i].state == SCHEDULE_PARKED) {
			schedule_remove(schedule, &items[i]);
			break;
		}
	}
	for (int i = 0; i < 5 && started < 4; i++) {
		if (items[i].state != SCHEDULE_OPEN)
			continue;
		schedule_done(schedule, &items[i], 11 * S);
		assert_int_equal(
		    schedule_pop(schedule, 11 * S, &item), SCHEDULE_START);
		assert_ptr_not_equal(item, &items[i]);
		started++;
	}
	assert_int_equal(started, 4);
	assert_int_equal(
	    schedule_pop(schedule, 11 * S, &item), SCHEDULE_NOTHING);
	assert_int_equal(count_in(items, 5) + count_in(&other, 1), 5);
	schedule_free(schedule);
}

/* An open one that is removed makes room for one that is parked. */
static void
test_remove_open(void **state)
{
	struct schedule *schedule = schedule_new(100, 1);
	struct schedule_item items[2], *item, *first;

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		fill(&items[i], i, 5 * S, 2 * S);
		add(schedule, &items[i], 1, 0, 10 * S);
	}
	assert_int_equal(
	    schedule_pop(schedule, 10 * S, &first), SCHEDULE_START);
	assert_int_equal(
	    schedule_pop(schedule, 10 * S, &item), SCHEDULE_NOTHING);
	schedule_remove(schedule, first);
	assert_int_equal(first->state, SCHEDULE_OUT);
	assert_int_equal(schedule_pop(schedule, 10 * S, &item), SCHEDULE_START);
	assert_ptr_not_equal(item, first);
	schedule_remove(schedule, item);
	assert_int_equal(count_in(items, 2), 0);
	assert_int_equal(schedule_next(schedule), UINT64_MAX);
	schedule_free(schedule);
}

/* So many items of one address: the first is open, the others are parked in
 * their order. */
static struct schedule *
parked(struct schedule_item *items, uint32_t count)
{
	struct schedule *schedule = schedule_new(count, 1);
	struct schedule_item *item;

	for (uint32_t i = 0; i < count; i++) {
		fill(&items[i], i, 5 * S, 2 * S);
		add(schedule, &items[i], 1, 0, 10 * S + i);
	}
	assert_int_equal(schedule_pop(schedule, 11 * S, &item), SCHEDULE_START);
	assert_ptr_equal(item, &items[0]);
	assert_int_equal(
	    schedule_pop(schedule, 11 * S, &item), SCHEDULE_NOTHING);
	for (uint32_t i = 1; i < count; i++)
		assert_int_equal(items[i].state, SCHEDULE_PARKED);
	return schedule;
}

/* Those that are left start one after another in their order, each when the one
 * before it is removed. */
static void
remove_in_order(
    struct schedule *schedule, struct schedule_item *items, uint32_t count)
{
	struct schedule_item *item;

	for (uint32_t i = 0; i < count; i++) {
		if (items[i].state == SCHEDULE_OUT)
			continue;
		if (items[i].state != SCHEDULE_OPEN) {
			assert_int_equal(schedule_pop(schedule, 11 * S, &item),
			    SCHEDULE_START);
			assert_ptr_equal(item, &items[i]);
		}
		assert_int_equal(
		    schedule_pop(schedule, 11 * S, &item), SCHEDULE_NOTHING);
		schedule_remove(schedule, &items[i]);
	}
	assert_int_equal(count_in(items, count), 0);
	assert_int_equal(schedule_next(schedule), UINT64_MAX);
	assert_int_equal(schedule_open(schedule), 0);
}

/* What is parked keeps its order, whichever of it is removed. */
static void
test_remove_parked(void **state)
{
	enum { COUNT = 9 };
	static const char *const removed[] = {
	    "1", "4", "8",	 /* the head, the middle, the tail */
	    "1845",		 /* and neighbours */
	    "12345678",		 /* in order */
	    "87654321",		 /* in reverse order */
	    "3028", "801", "08", /* while the address gets free */
	};
	struct schedule_item items[COUNT + 1], *item;

	(void)state;
	for (size_t i = 0; i < sizeof(removed) / sizeof(*removed); i++) {
		struct schedule *schedule = parked(items, COUNT);

		for (const char *c = removed[i]; *c != '\0'; c++)
			schedule_remove(schedule, &items[*c - '0']);
		while (schedule_pop(schedule, 11 * S, &item) == SCHEDULE_START)
			continue;
		/* the next comes behind what is left */
		fill(&items[COUNT], COUNT, 5 * S, 2 * S);
		add(schedule, &items[COUNT], 1, 0, 11 * S);
		assert_int_equal(
		    schedule_pop(schedule, 11 * S, &item), SCHEDULE_NOTHING);
		assert_int_equal(items[COUNT].state, SCHEDULE_PARKED);
		remove_in_order(schedule, items, COUNT + 1);
		schedule_free(schedule);
	}
}

/* The removal of one that is parked touches its neighbours alone, however many
 * there are: all pages but its own are shut, and a walk would end here. */
static void
test_remove_touches_few(void **state)
{
	enum { COUNT = 20000 };
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t pages = COUNT * sizeof(struct schedule_item) / page + 1;
	size_t here = pages / 2;
	char *memory = mmap(NULL, pages * page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct schedule_item *items = (struct schedule_item *)memory;
	uint32_t middle = (uint32_t)((here * page + page / 2) / sizeof(*items));
	struct schedule *schedule;

	(void)state;
	assert_ptr_not_equal(memory, MAP_FAILED);
	schedule = parked(items, COUNT);
	assert_int_equal(mprotect(memory, here * page, PROT_NONE), 0);
	assert_int_equal(mprotect(memory + (here + 1) * page,
			     (pages - here - 1) * page, PROT_NONE),
	    0);
	schedule_remove(schedule, &items[middle]);
	schedule_remove(schedule, &items[middle + 1]);
	schedule_remove(schedule, &items[middle - 1]);
	assert_int_equal(
	    mprotect(memory, pages * page, PROT_READ | PROT_WRITE), 0);
	assert_int_equal(count_in(items, COUNT), COUNT - 3);
	for (uint32_t i = COUNT; i-- > COUNT / 2;)
		schedule_remove(schedule, &items[i]);
	remove_in_order(schedule, items, COUNT);
	schedule_free(schedule);
	munmap(memory, pages * page);
}

static void
test_change(void **state)
{
	struct schedule *schedule = schedule_new(100, 1);
	struct schedule_item one, *item;

	(void)state;
	fill(&one, 1, 60 * S, 2 * S);
	add(schedule, &one, 1, 0, 10 * S);
	schedule_pop(schedule, 10 * S, &item);
	schedule_change(schedule, &one, S, S, 10 * S);
	assert_int_equal(schedule_next(schedule), 12 * S);
	schedule_done(schedule, &one, 10 * S + MS);
	assert_true(one.at <= 11 * S + MS);
	schedule_change(schedule, &one, 100 * MS, 50 * MS, 10 * S + MS);
	assert_true(one.at <= 10 * S + 101 * MS);
	schedule_free(schedule);
}

/* 100,000 probes for two rounds: each starts, in the order of time. */
static void
test_many(void **state)
{
	enum { COUNT = 100000 };
	struct schedule *schedule = schedule_new(COUNT, COUNT);
	struct schedule_item *items = calloc(COUNT, sizeof(*items)), *item;
	uint64_t now = 10 * S, last = 0, starts = 0;

	(void)state;
	assert_non_null(items);
	for (uint32_t i = 0; i < COUNT; i++) {
		fill(&items[i], i, 5 * S, 2 * S);
		add(schedule, &items[i], i, 5 * S, now);
	}
	while (now < 20 * S) {
		now = schedule_next(schedule);
		assert_true(now >= last);
		last = now;
		while (schedule_pop(schedule, now, &item) == SCHEDULE_START) {
			starts++;
			schedule_done(schedule, item, now);
		}
	}
	/* ten seconds, a probe each five, the first point of each extra */
	assert_in_range(starts, 2 * COUNT, 3 * COUNT + COUNT / 100);
	for (uint32_t i = 0; i < COUNT; i += 2)
		schedule_remove(schedule, &items[i]);
	assert_int_equal(count_in(items, COUNT), COUNT / 2);
	schedule_free(schedule);
	free(items);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_spread),
	    cmocka_unit_test(test_no_warm_up),
	    cmocka_unit_test(test_no_drift),
	    cmocka_unit_test(test_restart_same_grid),
	    cmocka_unit_test(test_slack),
	    cmocka_unit_test(test_busy_skip),
	    cmocka_unit_test(test_timeout),
	    cmocka_unit_test(test_open_limit),
	    cmocka_unit_test(test_address_limit),
	    cmocka_unit_test(test_remove_open),
	    cmocka_unit_test(test_remove_parked),
	    cmocka_unit_test(test_remove_touches_few),
	    cmocka_unit_test(test_change),
	    cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
