/* SPDX-License-Identifier: ISC */
/* Timers of the loop: when they are due, in which order, and when not. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "process/timer.h"

#define STEP	(20 * NS_PER_MS)
#define FAR	(3600 * NS_PER_SEC)
#define FOREVER (UINT64_MAX - 1)

static struct event_base *base;
static struct timer a, b;
static char said[16]; /* a letter for each call, in order */
static uint64_t last; /* when the last one was, monotonic ns */

static void
say(void *arg)
{
	strcat(said, arg);
	last = clock_monotonic();
}

static void
turn(void)
{
	said[0] = '\0';
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

/* Until no timer is pending, or one has been called. */
static void
wait(void)
{
	said[0] = '\0';
	event_base_loop(base, EVLOOP_ONCE);
}

static int
setup(void **state)
{
	struct event_config *config = event_config_new();

	(void)state;
	event_config_set_flag(config,
	    EVENT_BASE_FLAG_PRECISE_TIMER | EVENT_BASE_FLAG_NO_CACHE_TIME);
	base = event_base_new_with_config(config);
	event_config_free(config);
	timer_init(&a, base, say, "a");
	timer_init(&b, base, say, "b");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	timer_stop(&a);
	timer_stop(&b);
	event_base_free(base);
	return 0;
}

static void
comes_once_and_not_early(void **state)
{
	uint64_t began = clock_monotonic();

	(void)state;
	assert_false(timer_pending(&a));
	timer_after(&a, STEP);
	assert_true(timer_pending(&a));
	turn();
	assert_string_equal(said, "");
	wait();
	assert_string_equal(said, "a");
	assert_true(last >= began + STEP);
	assert_false(timer_pending(&a));
	wait();
	assert_string_equal(said, "");
}

static void
comes_at_a_time(void **state)
{
	uint64_t now = clock_monotonic();

	(void)state;
	timer_at(&b, now + STEP);
	timer_at(&a, now + 2 * STEP);
	wait();
	assert_string_equal(said, "b");
	assert_true(last >= now + STEP);
	wait();
	assert_string_equal(said, "a");
	assert_true(last >= now + 2 * STEP);
}

/* Earlier, later, and never. */
static void
is_set_anew(void **state)
{
	uint64_t now = clock_monotonic();

	(void)state;
	timer_at(&a, now + FAR);
	timer_at(&a, now + STEP);
	wait();
	assert_string_equal(said, "a");
	timer_soon(&a);
	timer_after(&a, FAR);
	turn();
	assert_string_equal(said, "");
	timer_at(&a, 1);
	timer_at(&a, TIMER_NEVER);
	assert_false(timer_pending(&a));
	turn();
	assert_string_equal(said, "");
	timer_at(&a, TIMER_NEVER);
	assert_false(timer_pending(&a));
}

static void
the_past_is_soon(void **state)
{
	(void)state;
	timer_at(&a, 1);
	timer_after(&b, 0);
	turn();
	assert_string_equal(said, "ab");
}

static void
by_is_never_later(void **state)
{
	uint64_t now = clock_monotonic();

	(void)state;
	timer_by(&a, now + FAR);
	timer_by(&a, now);
	timer_by(&a, now + FAR);
	turn();
	assert_string_equal(said, "a");
	/* The time that it had does not bound the next one. */
	timer_by(&a, now + FAR);
	turn();
	assert_string_equal(said, "");
	assert_true(timer_pending(&a));
}

/* What asks again and again is not put off behind the others. */
static void
soon_keeps_its_place(void **state)
{
	(void)state;
	timer_soon(&a);
	timer_soon(&b);
	timer_soon(&a);
	turn();
	assert_string_equal(said, "ab");
	timer_after(&a, FAR);
	timer_soon(&a);
	turn();
	assert_string_equal(said, "a");
}

static void
is_stopped(void **state)
{
	(void)state;
	timer_stop(&a);
	timer_soon(&a);
	timer_stop(&a);
	timer_end_of_turn(&b);
	timer_stop(&b);
	assert_false(timer_pending(&a) || timer_pending(&b));
	turn();
	assert_string_equal(said, "");
}

/* Also when both are due in the same turn. */
static void
stop_b(void *arg)
{
	(void)arg;
	assert_true(timer_pending(&b));
	timer_stop(&b);
	assert_false(timer_pending(&b));
}

static void
one_stops_another(void **state)
{
	struct timer first;

	(void)state;
	timer_init(&first, base, stop_b, NULL);
	timer_soon(&first);
	timer_soon(&b);
	turn();
	assert_string_equal(said, "");
}

/* More than a timeval can hold does not come round. */
static void
the_longest(void **state)
{
	(void)state;
	timer_after(&a, FOREVER);
	timer_at(&b, FOREVER);
	turn();
	assert_string_equal(said, "");
	assert_true(timer_pending(&a) && timer_pending(&b));
	timer_by(&a, clock_monotonic() + FAR);
	timer_soon(&b);
	turn();
	assert_string_equal(said, "b");
}

/* --- turns of the loop --- */

static struct timer again;
static void (*how)(struct timer *);
static unsigned calls;

static void
call_again(void *arg)
{
	(void)arg;
	if (++calls < 3)
		how(&again);
}

static void
soon_is_another_turn(void **state)
{
	(void)state;
	calls = 0;
	how = timer_soon;
	timer_init(&again, base, call_again, NULL);
	timer_soon(&again);
	for (unsigned i = 1; i <= 4; i++) {
		turn();
		assert_int_equal(calls, i < 3 ? i : 3);
	}
}

static void
the_end_of_a_turn_is_not(void **state)
{
	(void)state;
	calls = 0;
	how = timer_end_of_turn;
	timer_init(&again, base, call_again, NULL);
	timer_soon(&again);
	turn();
	assert_int_equal(calls, 3);
}

static int ends[2];

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	char byte;

	(void)what;
	(void)arg;
	assert_int_equal(read(fd, &byte, 1), 1);
	strcat(said, "r");
}

static void
write_and_set(void *arg)
{
	(void)arg;
	assert_int_equal(write(ends[1], "", 1), 1);
	timer_soon(&a);
	timer_end_of_turn(&b);
	timer_end_of_turn(&b);
}

/* At the end of this turn, once; then what has come meanwhile is read; then
 * what was for soon. */
static void
the_order_of_a_turn(void **state)
{
	struct event *event;
	struct timer first;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	event = event_new(base, ends[0], EV_READ, on_readable, NULL);
	event_add(event, NULL);
	timer_init(&first, base, write_and_set, NULL);
	timer_soon(&first);
	turn();
	assert_string_equal(said, "b");
	turn();
	assert_string_equal(said, "ra");
	event_free(event);
	close(ends[0]);
	close(ends[1]);
}

/* Nothing of the timer is looked at after the call: the sanitizers see it. */
static void
an_owner_frees_itself(void **state)
{
	struct timer *soon = malloc(sizeof(*soon));
	struct timer *end = malloc(sizeof(*end));

	(void)state;
	timer_init(soon, base, free, soon);
	timer_init(end, base, free, end);
	timer_soon(soon);
	timer_end_of_turn(end);
	timer_soon(&a);
	turn();
	assert_string_equal(said, "a");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		comes_once_and_not_early, setup, teardown),
	    cmocka_unit_test_setup_teardown(comes_at_a_time, setup, teardown),
	    cmocka_unit_test_setup_teardown(is_set_anew, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_past_is_soon, setup, teardown),
	    cmocka_unit_test_setup_teardown(by_is_never_later, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		soon_keeps_its_place, setup, teardown),
	    cmocka_unit_test_setup_teardown(is_stopped, setup, teardown),
	    cmocka_unit_test_setup_teardown(one_stops_another, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_longest, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		soon_is_another_turn, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		the_end_of_a_turn_is_not, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		the_order_of_a_turn, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		an_owner_frees_itself, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
