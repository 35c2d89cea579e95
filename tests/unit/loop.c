/* SPDX-License-Identifier: ISC */
/* The loop that rests when it was awake for too long, and only then. */
#include "unit.h"

#include <sys/resource.h>

#include "clock.h"
#include "process/loop.h"
#include "process/timer.h"

#define AWAKE (4 * NS_PER_MS)
#define LASTS (100 * NS_PER_MS)

static struct event_base *base;
static struct timer more, end;
static uint64_t turns, longest, last;
static uint64_t idle; /* ns between two turns that have to be done */

static long
sleeps(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw;
}

static void
on_more(void *arg)
{
	uint64_t now = clock_monotonic();

	(void)arg;
	turns++;
	if (last != 0 && now - last > longest)
		longest = now - last;
	last = now;
	if (idle == 0)
		timer_soon(&more);
	else
		timer_after(&more, idle);
}

static void
on_end(void *arg)
{
	(void)arg;
	event_base_loopexit(base, NULL);
}

/* Runs the loop for a while; how often it slept. */
static long
run(uint64_t pause)
{
	long before;

	idle = pause;
	turns = longest = last = 0;
	timer_soon(&more);
	timer_after(&end, LASTS);
	before = sleeps();
	assert_int_equal(loop_run(base, AWAKE), 0);
	timer_stop(&more);
	return sleeps() - before;
}

static void
a_busy_loop_rests(void **state)
{
	long slept = run(0);

	(void)state;
	/* Awake for AWAKE, then LOOP_REST: 20 times, on a free processor. */
	assert_true(slept >= 3);
	assert_true(slept <= (long)(LASTS / AWAKE) + 1);
	assert_true(longest >= LOOP_REST);
}

static void
who_sleeps_does_not_rest(void **state)
{
	long slept = run(NS_PER_MS / 2);

	(void)state;
	/* One sleep for each turn, but the first. */
	assert_true(slept <= (long)turns + 1);
}

static void
a_loop_without_events_ends(void **state)
{
	(void)state;
	assert_int_equal(loop_run(base, AWAKE), 0);
}

int
main(void)
{
	struct event_config *config = event_config_new();
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_busy_loop_rests),
	    cmocka_unit_test(who_sleeps_does_not_rest),
	    cmocka_unit_test(a_loop_without_events_ends),
	};

	event_config_set_flag(config,
	    EVENT_BASE_FLAG_PRECISE_TIMER | EVENT_BASE_FLAG_NO_CACHE_TIME);
	base = event_base_new_with_config(config);
	event_config_free(config);
	timer_init(&more, base, on_more, NULL);
	timer_init(&end, base, on_end, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
