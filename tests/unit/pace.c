/* SPDX-License-Identifier: ISC */
/* How often a sibling may say something. */
#include "link/pace.h"

#include "clock.h"
#include "conf/conf.h"
#include "link/link.h"
#include "unit.h"

static const struct pace_objects none;

/* How many it takes, all at once, until one comes too often. */
static unsigned
at_once(uint64_t *until, enum msg_pace pace, const struct pace_objects *objects,
    size_t len, uint64_t now)
{
	unsigned count = 0;

	while (count < 10 * 1000 * 1000 &&
	    pace_keeps(until, pace, objects, len, now))
		count++;
	return count;
}

static void
a_burst_and_then_a_rate(void **state)
{
	uint64_t until = 0, now = 5 * NS_PER_SEC;
	unsigned again;

	(void)state;
	assert_int_equal(
	    at_once(&until, PACE_FEW, &none, 0, now), PACE_FEW_BURST);
	now += NS_PER_SEC;
	/* Less the one that came too often. */
	again = at_once(&until, PACE_FEW, &none, 0, now);
	assert_int_equal(again, PACE_FEW_RATE - 1);
	/* After a rest, however long it was, no more than a burst. */
	now += 3600 * NS_PER_SEC;
	assert_int_equal(
	    at_once(&until, PACE_FEW, &none, 0, now), PACE_FEW_BURST);
}

/* What waits in a link, whatever it is, is no lie. */
static void
what_waits_in_a_link_is_honest(void **state)
{
	uint64_t until = 0;

	(void)state;
	assert_true(
	    at_once(&until, PACE_MANY, &none, 20, 0) > LINK_QUEUE_MAX + 1000);
}

static bool
keeps_for(const struct pace_objects *objects, uint64_t every, size_t len,
    uint64_t seconds)
{
	uint64_t until = 0, end = seconds * NS_PER_SEC;

	for (uint64_t now = 0; now < end; now += every) {
		if (!pace_keeps(&until, PACE_MANY, objects, len, now))
			return false;
	}
	return true;
}

/* 1,000 instances that advert every 10 ms, and a seventh more. */
static void
many_instances_are_honest(void **state)
{
	struct pace_objects objects = {1000, 100000};

	(void)state;
	assert_true(keeps_for(&objects, NS_PER_SEC / 114000, 20, 10));
	assert_false(keeps_for(&none, NS_PER_SEC / 114000, 20, 10));
}

/* All verdicts of 100,000 probes of 2 s, a packet each, and a snapshot. */
static void
many_probes_are_honest(void **state)
{
	struct pace_objects objects = {100000, 50000};
	uint64_t until = 0;

	(void)state;
	assert_true(keeps_for(&objects, NS_PER_SEC / 50000, 16, 10));
	for (int i = 0; i < 2 * 100000 / 583; i++)
		assert_true(pace_keeps(&until, PACE_MANY, &objects, 8176, 0));
	/* One who has few does not say so much in large packets. */
	until = 0;
	assert_true(at_once(&until, PACE_MANY, &none, 8176, 0) < 300);
}

static void
adverts_are_counted(void **state)
{
	struct conf_instance instances[] = {
	    {.interval = 10}, {.interval = 1000}, {.interval = 40950}};
	struct conf conf = {.instances = instances, .instance_count = 3};

	(void)state;
	assert_int_equal(conf_adverts_per_second(&conf), 101 + 2 + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_burst_and_then_a_rate),
	    cmocka_unit_test(what_waits_in_a_link_is_honest),
	    cmocka_unit_test(many_instances_are_honest),
	    cmocka_unit_test(many_probes_are_honest),
	    cmocka_unit_test(adverts_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
