/* SPDX-License-Identifier: ISC */
/* vrrpd/fsm/: a master, what it hears, announces and oversleeps. */
#include "fsm_util.h"

static struct rig r;

static void
point_56_adverts_in_time(void **state)
{
	uint64_t first;

	(void)state;
	as_master(&r, 100);
	first = r.sent_at;
	/* The second interval is up to 2 ms more, so that adverts of all
	 * instances are due at the same moments. No other one is. */
	until(&r, first + SEC);
	assert_int_equal(r.sent, 1);
	until(&r, first + 2 * SEC + 2 * MS);
	assert_int_equal(r.sent, 2);
	assert_in_range(
	    r.sent_at, first + 2 * SEC, first + 2 * SEC + 2 * MS - 1);
	first = r.sent_at;
	assert_int_equal(first % (2 * MS), 0);
	r.sent = 0;
	for (unsigned i = 1; i <= 100; i++) {
		until(&r, first + i * SEC - 1);
		assert_int_equal(r.sent, i - 1);
		until(&r, first + i * SEC);
		assert_int_equal(r.sent, i);
	}
	assert_int_equal(r.priority, 100);
	/* a timer that comes late does not shift those that follow */
	sleep_for(&r, SEC + 3 * MS);
	tell(&r, FSM_TIMER);
	assert_int_equal(r.sent, 101);
	assert_int_equal(fsm_next(&r.fsm), first + 102 * SEC);
}

static void
point_44_shortest_interval(void **state)
{
	(void)state;
	rig_init(&r, 100);
	r.conf.interval = 10;
	rig_begin(&r);
	up(&r);
	pass(&r, 10 * SEC);
	assert_state(&r, "master");
	assert_int_equal(r.fsm.become_master, 1);
	assert_in_range(r.sent, 996, 997);
}

static void
point_57_answers_priority_zero(void **state)
{
	(void)state;
	as_master(&r, 100);
	pass(&r, 300 * MS);
	hear(&r, 0, 9);
	assert_int_equal(r.sent, 1);
	assert_int_equal(r.sent_at, r.now);
	assert_int_equal(r.priority, 100);
	assert_int_equal(fsm_next(&r.fsm), r.now + SEC);
	assert_state(&r, "master");
}

static void
point_58_higher_priority(void **state)
{
	(void)state;
	as_master(&r, 100);
	pass(&r, 300 * MS);
	hear_interval(&r, 101, 1, 500);
	assert_state(&r, "backup");
	assert_reason(&r, "higher priority 101 heard from 10.0.0.1");
	/* The winner may have heard nothing before. */
	assert_seen(&r, FSM_DO_SEND | FSM_DO_RELEASE);
	assert_int_equal(r.priority, 100);
	assert_int_equal(r.released, 1);
	assert_int_equal(fsm_master_interval(&r.fsm), 500 * MS);
	assert_int_equal(fsm_next(&r.fsm), r.now + 1500 * MS + 304687500);
	assert_int_equal(r.fsm.master_priority, 101);
	assert_int_equal(r.fsm.master.bytes[3], 1);
	pass(&r, SEC);
	assert_seen(&r, 0); /* no advert, no announcement any more */
}

static void
point_59_equal_priority(void **state)
{
	(void)state;
	as_master(&r, 100);
	hear(&r, 100, 4);
	assert_state(&r, "master");
	assert_int_equal(r.sent, 1);
	hear(&r, 100, 200); /* 200 is greater than 5: unsigned */
	assert_state(&r, "backup");
	assert_reason(&r, "equal priority 100 heard from 10.0.0.200");
	as_master(&r, 100); /* a duplicate address: no flap, no answer */
	for (unsigned i = 0; i < 10; i++)
		hear(&r, 100, 5);
	assert_state(&r, "master");
	assert_int_equal(r.sent, 0);
}

static void
point_60_losing_advert_is_answered(void **state)
{
	(void)state;
	as_master(&r, 100);
	pass(&r, 300 * MS);
	hear(&r, 99, 9);
	assert_state(&r, "master");
	assert_int_equal(r.sent, 1);
	assert_int_equal(r.sent_at, r.now);
	assert_int_equal(fsm_next(&r.fsm), r.now + SEC);
}

/* 10 s of forged adverts, a thousand a second: at most twice as many. */
static void
point_60_answers_are_bounded(void **state)
{
	(void)state;
	as_master(&r, 100);
	for (unsigned i = 0; i < 10000; i++) {
		pass(&r, MS);
		hear(&r, i % 2 ? 1 : 0, 9);
	}
	assert_state(&r, "master");
	assert_in_range(r.sent, 10, 21);
	assert_in_range(r.announced, 0, 60);
}

static void
point_61_shutdown_of_master(void **state)
{
	(void)state;
	as_master(&r, 100);
	tell(&r, FSM_SHUTDOWN);
	assert_state(&r, "leaving");
	assert_reason(&r, "shutdown");
	assert_seen(&r, FSM_DO_SEND); /* the address stays */
	assert_int_equal(r.priority, 0);
	pass(&r, 300 * MS);
	hear(&r, 0, 9);
	assert_seen(&r, 0);
	hear(&r, 90, 9); /* whoever it is: a master is there */
	assert_state(&r, "initialize");
	assert_reason(&r, "handed over to 10.0.0.9");
	assert_seen(&r, FSM_DO_RELEASE | FSM_DO_DONE);
	assert_int_equal(r.released, 1);
}

static void
point_61_nobody_takes_over(void **state)
{
	(void)state;
	as_master(&r, 100);
	tell(&r, FSM_SHUTDOWN);
	assert_seen(&r, FSM_DO_SEND);
	pass(&r, 1100 * MS - 1);
	assert_seen(&r, 0);
	pass(&r, 1);
	assert_seen(&r, FSM_DO_RELEASE | FSM_DO_DONE);
	assert_state(&r, "initialize");
	rig_init(&r, 100); /* version 2: a second, not the interval */
	r.conf.version = 2;
	r.conf.interval = 30000;
	rig_begin(&r);
	up(&r);
	until(&r, fsm_next(&r.fsm));
	tell(&r, FSM_SHUTDOWN);
	assert_int_equal(fsm_deadline(&r.fsm), r.now + 1100 * MS);
}

static void
point_64_two_owners(void **state)
{
	(void)state;
	rig_init(&r, 255);
	rig_begin(&r);
	up(&r);
	pass(&r, 2 * SEC);
	hear(&r, 254, 9);
	assert_state(&r, "master");
	hear(&r, 255, 4);
	assert_state(&r, "master");
	hear(&r, 255, 6); /* the greater address, as for others */
	assert_state(&r, "backup");
}

static void
point_65_independent(void **state)
{
	static struct rig other;

	(void)state;
	as_master(&r, 100);
	as_backup(&other, 100);
	hear(&other, 200, 9);
	hear(&r, 0, 9);
	assert_state(&other, "backup");
	assert_state(&r, "master");
	assert_int_equal(other.sent, 0);
}

static void
point_69_announcements(void **state)
{
	(void)state;
	rig_init(&r, 100);
	r.conf.garp = (struct conf_garp){3, 20, 5000, 60000};
	rig_begin(&r);
	up(&r);
	until(&r, fsm_next(&r.fsm));
	assert_int_equal(r.announced, 1); /* the first at once */
	pass(&r, 19 * MS);
	assert_int_equal(r.announced, 1);
	pass(&r, MS);
	assert_int_equal(r.announced, 2);
	pass(&r, 20 * MS);
	assert_int_equal(r.announced, 3);
	pass(&r, 4959 * MS);
	assert_int_equal(r.announced, 3);
	pass(&r, 41 * MS); /* the second burst, 5 s after the first */
	assert_int_equal(r.announced, 6);
	pass(&r, 54 * SEC);
	assert_int_equal(r.announced, 6);
	pass(&r, 61 * SEC); /* one each minute */
	assert_int_equal(r.announced, 12);
	rig_init(&r, 100);
	r.conf.garp = (struct conf_garp){0, 20, 5000, 1000};
	rig_begin(&r);
	up(&r);
	pass(&r, 20 * SEC);
	assert_state(&r, "master");
	assert_int_equal(r.announced, 0);
}

static void
point_73_nothing_announced_before_held(void **state)
{
	(void)state;
	as_backup(&r, 100);
	r.held_comes = false;
	until(&r, fsm_next(&r.fsm));
	pass(&r, 900 * MS);
	assert_seen(&r, FSM_DO_ACQUIRE);
	assert_int_equal(r.announced, 0);
	assert_int_equal(r.sent, 0);
}

static void
point_78_split_brain_heals(void **state)
{
	(void)state;
	as_master(&r, 100);
	pass(&r, 60 * SEC);
	r.announced = r.sent = 0;
	(void)seen(&r);
	pass(&r, 300 * MS);
	hear(&r, 90, 9);
	assert_seen(&r, FSM_DO_SEND | FSM_DO_ANNOUNCE | FSM_DO_RENEW);
	pass(&r, 10 * SEC); /* both bursts */
	assert_int_equal(r.announced, 10);
	r.announced = 0;
	hear(&r, 100, 4); /* equal, but the smaller address */
	pass(&r, SEC);
	assert_int_equal(r.announced, 5);
	r.announced = 0;
	hear(&r, 0, 9); /* that one owns nothing any more */
	pass(&r, SEC);
	assert_int_equal(r.announced, 0);
}

static void
point_46_overslept_master_reads_first(void **state)
{
	(void)state;
	as_master(&r, 100);
	pass(&r, SEC + 100 * MS);
	(void)seen(&r);
	r.sent = 0;
	sleep_for(&r, 2 * SEC); /* shorter than the lease */
	tell(&r, FSM_TIMER);
	assert_seen(&r, FSM_DO_DRAIN);
	hear(&r, 90, 9); /* would be answered, but for what follows */
	hear(&r, 200, 8);
	assert_state(&r, "backup");
	tell(&r, FSM_WAKE);
	assert_int_equal(r.sent, 0);
	assert_int_equal(r.announced, 0);
	as_master(&r, 100); /* nothing was missed: it goes on at once */
	pass(&r, SEC + 100 * MS);
	sleep_for(&r, 1300 * MS);
	r.sent = 0;
	hear(&r, 90, 9);
	assert_int_equal(r.sent, 0);
	tell(&r, FSM_WAKE);
	assert_state(&r, "master");
	assert_int_equal(r.sent, 1);
	assert_int_equal(fsm_next(&r.fsm), r.now + SEC);
}

static void
point_46_overslept_the_lease(void **state)
{
	(void)state;
	as_master(&r, 100);
	pass(&r, SEC);
	(void)seen(&r);
	r.sent = 0;
	sleep_for(&r, 2900 * MS);
	tell(&r, FSM_TIMER);
	assert_seen(&r, FSM_DO_DRAIN);
	tell(&r, FSM_WAKE);
	assert_state(&r, "backup");
	assert_reason(&r, "lease ended: overslept");
	assert_seen(&r, FSM_DO_RELEASE);
	assert_int_equal(r.sent, 0);
	as_master(&r, 100); /* suspended: CLOCK_MONOTONIC stood still */
	pass(&r, 500 * MS);
	tell_event(&r, (struct fsm_event){.type = FSM_WAKE, .gap = 2399 * MS});
	assert_state(&r, "master");
	tell_event(&r, (struct fsm_event){.type = FSM_WAKE, .gap = 2400 * MS});
	assert_state(&r, "backup");
	assert_int_equal(r.sent, 0);
}

static void
point_46_overslept_backup(void **state)
{
	(void)state;
	as_backup(&r, 100);
	sleep_for(&r, 60 * SEC);
	tell(&r, FSM_TIMER);
	assert_seen(&r, FSM_DO_DRAIN);
	assert_state(&r, "backup");
	hear(&r, 200, 9); /* was in the queue */
	tell(&r, FSM_WAKE);
	assert_state(&r, "backup");
	assert_seen(&r, FSM_DO_DRAIN);
	assert_int_equal(fsm_next(&r.fsm), r.now + 3609375000);
	as_backup(&r, 100);
	sleep_for(&r, 60 * SEC);
	tell(&r, FSM_TIMER);
	tell(&r, FSM_WAKE); /* nothing was */
	assert_state(&r, "master");
}

static void
point_46_shutdown_while_overslept(void **state)
{
	(void)state;
	as_master(&r, 100);
	pass(&r, SEC + 100 * MS);
	sleep_for(&r, 1500 * MS);
	r.sent = 0;
	tell(&r, FSM_SHUTDOWN);
	assert_int_equal(r.sent, 0);
	tell(&r, FSM_WAKE);
	assert_int_equal(r.sent, 1);
	assert_int_equal(r.priority, 0);
	assert_state(&r, "leaving");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(point_56_adverts_in_time),
	    cmocka_unit_test(point_44_shortest_interval),
	    cmocka_unit_test(point_57_answers_priority_zero),
	    cmocka_unit_test(point_58_higher_priority),
	    cmocka_unit_test(point_59_equal_priority),
	    cmocka_unit_test(point_60_losing_advert_is_answered),
	    cmocka_unit_test(point_60_answers_are_bounded),
	    cmocka_unit_test(point_61_shutdown_of_master),
	    cmocka_unit_test(point_61_nobody_takes_over),
	    cmocka_unit_test(point_64_two_owners),
	    cmocka_unit_test(point_65_independent),
	    cmocka_unit_test(point_69_announcements),
	    cmocka_unit_test(point_73_nothing_announced_before_held),
	    cmocka_unit_test(point_78_split_brain_heals),
	    cmocka_unit_test(point_46_overslept_master_reads_first),
	    cmocka_unit_test(point_46_overslept_the_lease),
	    cmocka_unit_test(point_46_overslept_backup),
	    cmocka_unit_test(point_46_shutdown_while_overslept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
