/* SPDX-License-Identifier: ISC */
/* vrrpd/fsm/: initialize, backup and the timers that lead out of them. */
#include "fsm_util.h"

/* 3 s and (256 - 100)/256 s */
#define ADI_100	 (3 * SEC + 609375000)
#define SKEW_100 UINT64_C(609375000)

static struct rig r;

static void
point_40_41_skew_and_active_down(void **state)
{
	(void)state;
	as_backup(&r, 100);
	assert_int_equal(fsm_skew(&r.fsm), SKEW_100);
	assert_int_equal(fsm_next(&r.fsm), T0 + ADI_100);
	until(&r, T0 + ADI_100 - 1);
	assert_state(&r, "backup");
	until(&r, T0 + ADI_100);
	assert_state(&r, "master");
	assert_reason(&r, "no master heard");
	rig_init(&r, 100); /* version 2: of a second, not the interval */
	r.conf.version = 2;
	r.conf.interval = 5000;
	rig_begin(&r);
	up(&r);
	assert_int_equal(fsm_next(&r.fsm), T0 + 15 * SEC + SKEW_100);
	as_backup(&r, 254);
	assert_int_equal(fsm_skew(&r.fsm), 7812500);
	as_backup(&r, 1);
	assert_int_equal(fsm_skew(&r.fsm), 996093750);
}

static void
point_42_43_learned_interval(void **state)
{
	uint64_t heard;

	(void)state;
	as_backup(&r, 100);
	pass(&r, SEC);
	hear_interval(&r, 200, 9, 200);
	heard = r.now;
	assert_int_equal(fsm_master_interval(&r.fsm), 200 * MS);
	assert_int_equal(fsm_skew(&r.fsm), 121875000);
	assert_int_equal(fsm_next(&r.fsm), heard + 721875000);
	until(&r, fsm_next(&r.fsm));
	assert_state(&r, "master");
	assert_reason(&r, "3 adverts missed from 10.0.0.9");
	assert_int_equal(fsm_master_interval(&r.fsm), SEC);
	assert_int_equal(fsm_next(&r.fsm), r.now + SEC);
	rig_init(&r, 100); /* version 2 learns nothing */
	r.conf.version = 2;
	rig_begin(&r);
	up(&r);
	hear_interval(&r, 200, 9, 5000);
	assert_int_equal(fsm_next(&r.fsm), T0 + ADI_100);
}

static void
point_44_shortest_and_longest(void **state)
{
	(void)state;
	rig_init(&r, 100);
	r.conf.interval = 10;
	rig_begin(&r);
	up(&r);
	assert_int_equal(fsm_next(&r.fsm), T0 + 36093750);
	hear_interval(&r, 200, 9, 40950);
	assert_int_equal(fsm_next(&r.fsm),
	    T0 + 3 * 40950 * MS + UINT64_C(156) * 40950 * MS / 256);
}

static void
point_47_priority_change(void **state)
{
	(void)state;
	as_backup(&r, 100);
	pass(&r, SEC);
	hear(&r, 200, 9);
	pass(&r, 500 * MS);
	r.conf.priority = 180;
	reconfigure(&r, false);
	assert_int_equal(
	    fsm_next(&r.fsm), T0 + 4 * SEC + UINT64_C(76) * SEC / 256);
	pass(&r, 2600 * MS);
	r.conf.priority = 255; /* was due before: now, and not overslept */
	reconfigure(&r, false);
	assert_state(&r, "backup");
	assert_int_equal(fsm_next(&r.fsm), r.now);
	until(&r, r.now);
	assert_state(&r, "master");
	assert_false(seen(&r) & FSM_DO_DRAIN);
}

static void
point_48_start_delay(void **state)
{
	(void)state;
	rig_init(&r, 255);
	r.conf.start_delay = 10000;
	rig_begin(&r);
	up(&r);
	assert_state(&r, "initialize");
	assert_reason(&r, "waits for start_delay");
	hear(&r, 0, 9);
	until(&r, T0 + 10 * SEC - 1);
	assert_state(&r, "initialize");
	assert_int_equal(r.sent, 0);
	until(&r, T0 + 10 * SEC);
	assert_state(&r, "master");
	rig_init(&r, 100); /* the interface comes later than the delay */
	r.conf.start_delay = 10000;
	rig_begin(&r);
	pass(&r, 12 * SEC);
	up(&r);
	assert_state(&r, "backup");
	rig_init(&r, 100); /* a late timer keeps it from nothing */
	r.conf.start_delay = 10000;
	rig_begin(&r);
	up(&r);
	sleep_for(&r, 20 * SEC);
	tell(&r, FSM_TIMER);
	assert_state(&r, "backup");
}

static void
point_49_owner_starts(void **state)
{
	(void)state;
	rig_init(&r, 255);
	rig_begin(&r);
	up(&r);
	assert_state(&r, "master");
	assert_reason(&r, "owner of the addresses");
	assert_int_equal(r.sent_at, T0);
	assert_int_equal(r.priority, 255);
	assert_true(seen(&r) & FSM_DO_ANNOUNCE);
}

static void
point_50_other_starts(void **state)
{
	(void)state;
	rig_init(&r, 254);
	rig_begin(&r);
	up(&r);
	assert_state(&r, "backup");
	assert_seen(&r, 0);
	assert_int_equal(fsm_next(&r.fsm), T0 + 3 * SEC + 7812500);
}

static void
point_51_priority_zero(void **state)
{
	(void)state;
	as_backup(&r, 100);
	hear(&r, 200, 9);
	pass(&r, SEC);
	hear(&r, 0, 9);
	assert_state(&r, "backup");
	assert_int_equal(fsm_next(&r.fsm), T0 + SEC + SKEW_100);
	pass(&r, 100 * MS); /* a second one postpones nothing */
	hear(&r, 0, 9);
	assert_int_equal(fsm_next(&r.fsm), T0 + SEC + SKEW_100);
	until(&r, fsm_next(&r.fsm));
	assert_state(&r, "master");
	assert_reason(&r, "priority 0 heard from 10.0.0.9");
}

static void
point_52_higher_or_equal_resets(void **state)
{
	(void)state;
	as_backup(&r, 100);
	for (unsigned i = 1; i < 20; i++) {
		until(&r, T0 + i * SEC);
		hear(&r, i % 2 ? 100 : 200, i % 3 ? 9 : 1);
		assert_int_equal(fsm_next(&r.fsm), r.now + ADI_100);
	}
	assert_state(&r, "backup");
	assert_seen(&r, 0);
}

static void
point_53_lower_is_discarded(void **state)
{
	(void)state;
	as_backup(&r, 100);
	for (unsigned i = 1; i < 4; i++) {
		until(&r, T0 + i * SEC);
		hear_interval(&r, 99, 9, 100);
		assert_int_equal(fsm_next(&r.fsm), T0 + ADI_100);
	}
	assert_int_equal(fsm_master_interval(&r.fsm), SEC);
	assert_int_equal(r.fsm.master_priority, 99);
	until(&r, T0 + ADI_100);
	assert_state(&r, "master");
	assert_reason(&r, "lower priority 99 heard from 10.0.0.9");
}

static void
point_54_advert_before_announcement(void **state)
{
	(void)state;
	as_backup(&r, 100);
	r.held_comes = false;
	until(&r, T0 + ADI_100);
	assert_state(&r, "acquiring");
	assert_seen(&r, FSM_DO_ACQUIRE);
	pass(&r, 3 * MS);
	held(&r, 7, r.now + 2900 * MS);
	assert_state(&r, "master");
	/* flags are in the order of execution */
	assert_true(FSM_DO_SEND < FSM_DO_ANNOUNCE);
	assert_seen(&r, FSM_DO_SEND | FSM_DO_ANNOUNCE | FSM_DO_RENEW);
	assert_int_equal(r.priority, 100);
	assert_int_equal(fsm_next(&r.fsm), r.now + SEC);
	assert_int_equal(r.fsm.become_master, 1);
}

static void
point_55_shutdown_of_backup(void **state)
{
	(void)state;
	as_backup(&r, 100);
	tell(&r, FSM_SHUTDOWN);
	assert_state(&r, "initialize");
	assert_seen(&r, FSM_DO_DONE);
	assert_int_equal(fsm_deadline(&r.fsm), FSM_NEVER);
	rig_init(&r, 100);
	rig_begin(&r);
	tell(&r, FSM_SHUTDOWN);
	assert_seen(&r, FSM_DO_DONE);
	as_backup(&r, 100);
	r.held_comes = false;
	until(&r, fsm_next(&r.fsm));
	(void)seen(&r);
	tell(&r, FSM_SHUTDOWN);
	assert_state(&r, "initialize");
	assert_seen(&r, FSM_DO_RELEASE | FSM_DO_DONE);
	assert_int_equal(r.sent, 0);
}

static void
point_62_preempt_off(void **state)
{
	(void)state;
	rig_init(&r, 200);
	r.conf.preempt = false;
	rig_begin(&r);
	up(&r);
	for (unsigned i = 1; i < 20; i++) {
		until(&r, T0 + i * SEC);
		hear_interval(&r, 100, 9, 1000);
	}
	assert_state(&r, "backup");
	assert_reason(&r, "lower priority 100 heard, but preempt is off");
	pass(&r, 4 * SEC); /* only when it is silent */
	assert_state(&r, "master");
	rig_init(&r, 255); /* the owner always does */
	r.conf.preempt = false;
	r.held_comes = false;
	rig_begin(&r);
	up(&r);
	hear(&r, 254, 9);
	assert_state(&r, "acquiring");
}

/* While its interface was away its checks saw nobody: it waits anew. */
static void
test_preempt_after_absence(void **state)
{
	(void)state;
	as_backup(&r, 200);
	hear(&r, 100, 9);
	r.unfit = true;
	(void)seen(&r);
	tell_event(
	    &r, (struct fsm_event){.type = FSM_DOWN, .text = "no carrier"});
	assert_seen(&r, 0);
	up(&r);
	assert_seen(&r, FSM_DO_RETURNED);
	for (unsigned i = 0; i < 20; i++) {
		hear(&r, 100, 9);
		pass(&r, SEC);
	}
	assert_state(&r, "backup");
	assert_reason(&r,
	    "lower priority 100 heard, but not all checks have a verdict here");
	assert_seen(&r, 0);
	tell(&r, FSM_MAY_PREEMPT);
	hear(&r, 100, 9);
	pass(&r, 3 * SEC);
	assert_state(&r, "master");
	up(&r); /* another source is no return */
	assert_int_equal(seen(&r) & FSM_DO_RETURNED, 0);
}

/* Why it is backup is said at the start; what came later stays. */
static void
test_preempt_off_is_said(void **state)
{
	(void)state;
	rig_init(&r, 200);
	r.conf.preempt = false;
	r.unfit = true;
	rig_begin(&r);
	up(&r);
	for (int i = 0; i < 3; i++) {
		hear(&r, 100, 9);
		assert_reason(
		    &r, "lower priority 100 heard, but preempt is off");
		pass(&r, SEC);
	}
	tell(&r, FSM_MAY_PREEMPT);
	assert_reason(&r, "lower priority 100 heard, but preempt is off");
	pass(&r, 4 * SEC);
	assert_state(&r, "master");
	hear(&r, 220, 8);
	assert_state(&r, "backup");
	hear(&r, 100, 9);
	assert_reason(&r, "higher priority 220 heard from 10.0.0.8");
}

static void
point_63_preempt_delay(void **state)
{
	unsigned i;

	(void)state;
	rig_init(&r, 200);
	r.conf.preempt_delay = 10000;
	rig_begin(&r);
	up(&r);
	for (i = 1; i < 20; i++) { /* the higher master first */
		until(&r, T0 + i * SEC);
		hear(&r, 220, 8);
	}
	for (; i < 30; i++) {
		until(&r, T0 + i * SEC);
		hear(&r, 100, 9);
		assert_state(&r, "backup");
	}
	until(&r, T0 + 30 * SEC - 1);
	assert_state(&r, "backup");
	until(&r, T0 + 30 * SEC);
	assert_state(&r, "master");
	assert_reason(&r, "lower priority 100 heard from 10.0.0.9");
	rig_init(&r, 200); /* never sooner than without a delay */
	r.conf.preempt_delay = 10;
	rig_begin(&r);
	up(&r);
	hear(&r, 100, 9);
	pass(&r, SEC);
	hear(&r, 100, 9);
	assert_int_equal(fsm_deadline(&r.fsm), T0 + 3218750000);
	until(&r, T0 + 3218750000);
	assert_state(&r, "master");
}

/* A director that comes back: no verdicts, no preemption of a living master. */
static void
test_unfit_leaves_the_master_alone(void **state)
{
	(void)state;
	rig_init(&r, 200);
	r.unfit = true;
	rig_begin(&r);
	up(&r);
	for (unsigned i = 0; i < 20; i++) {
		hear(&r, 100, 9);
		pass(&r, SEC);
	}
	assert_state(&r, "backup");
	assert_reason(&r,
	    "lower priority 100 heard, but not all checks have a verdict here");
	tell(&r, FSM_MAY_PREEMPT);
	assert_reason(&r, "all checks have a verdict");
	hear(&r, 100, 9);
	until(&r, T0 + 19 * SEC + 3218750000);
	assert_state(&r, "master");
	assert_reason(&r, "lower priority 100 heard from 10.0.0.9");
	rig_init(&r, 200); /* verdicts are not why another is the master */
	r.unfit = true;
	rig_begin(&r);
	up(&r);
	hear(&r, 100, 9);
	hear(&r, 220, 8);
	assert_reason(&r, "priority 220 heard from 10.0.0.8");
	tell(&r, FSM_MAY_PREEMPT);
	assert_reason(&r, "priority 220 heard from 10.0.0.8");
	rig_init(&r, 200); /* nobody there to be left alone */
	r.unfit = true;
	rig_begin(&r);
	up(&r);
	until(&r, fsm_next(&r.fsm));
	assert_state(&r, "master");
	rig_init(&r, 255); /* and the owner waits for nobody */
	r.unfit = true;
	rig_begin(&r);
	up(&r);
	assert_state(&r, "master");
}

/* Verdicts and the delay of preemption are waited for side by side. */
static void
test_unfit_with_delay(void **state)
{
	unsigned i;

	(void)state;
	rig_init(&r, 200);
	r.unfit = true;
	r.conf.preempt_delay = 10000;
	rig_begin(&r);
	up(&r);
	for (i = 0; i < 15; i++) {
		hear(&r, 100, 9);
		pass(&r, SEC);
	}
	assert_state(&r, "backup");
	tell(&r, FSM_MAY_PREEMPT); /* the delay has passed */
	assert_state(&r, "master");
	rig_init(&r, 200);
	r.unfit = true;
	r.conf.preempt_delay = 10000;
	rig_begin(&r);
	up(&r);
	for (i = 0; i < 10; i++) {
		hear(&r, 100, 9);
		assert_state(&r, "backup");
		pass(&r, SEC);
		if (i == 5)
			tell(&r, FSM_MAY_PREEMPT);
	}
	assert_state(&r, "master");
	rig_init(&r, 200); /* a higher master ends the delay */
	r.unfit = true;
	r.conf.preempt_delay = 10000;
	rig_begin(&r);
	up(&r);
	for (i = 0; i < 15; i++) {
		hear(&r, 100, 9);
		pass(&r, SEC);
	}
	hear(&r, 220, 8);
	tell(&r, FSM_MAY_PREEMPT);
	assert_state(&r, "backup");
}

static void
test_delay_ends_with_silence(void **state)
{
	(void)state;
	rig_init(&r, 200);
	r.conf.preempt_delay = 60000;
	rig_begin(&r);
	up(&r);
	for (unsigned i = 0; i < 59; i++) {
		hear(&r, 100, 9);
		pass(&r, SEC);
	}
	hear(&r, 220, 8); /* a higher one: the delay begins anew */
	assert_int_equal(fsm_deadline(&r.fsm), fsm_next(&r.fsm));
	pass(&r, SEC);
	hear(&r, 100, 9);
	until(&r, fsm_next(&r.fsm));
	assert_state(&r, "master");
	assert_reason(&r, "3 adverts missed from 10.0.0.9");
}

/* The delay passed while ipvsd was away: that counts no more later. */
static void
test_delay_without_ipvsd(void **state)
{
	(void)state;
	rig_init(&r, 200);
	r.conf.preempt_delay = 10000;
	rig_begin(&r);
	up(&r);
	tell(&r, FSM_IPVSD_LOST);
	for (unsigned i = 0; i < 12; i++) {
		hear(&r, 100, 9);
		pass(&r, SEC);
	}
	hear(&r, 220, 8);
	snapshot(&r, 0);
	hear(&r, 100, 9);
	assert_int_equal(fsm_deadline(&r.fsm), fsm_next(&r.fsm));
	for (unsigned i = 0; i < 9; i++) {
		pass(&r, SEC);
		hear(&r, 100, 9);
		assert_state(&r, "backup");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(point_40_41_skew_and_active_down),
	    cmocka_unit_test(point_42_43_learned_interval),
	    cmocka_unit_test(point_44_shortest_and_longest),
	    cmocka_unit_test(point_47_priority_change),
	    cmocka_unit_test(point_48_start_delay),
	    cmocka_unit_test(point_49_owner_starts),
	    cmocka_unit_test(point_50_other_starts),
	    cmocka_unit_test(point_51_priority_zero),
	    cmocka_unit_test(point_52_higher_or_equal_resets),
	    cmocka_unit_test(point_53_lower_is_discarded),
	    cmocka_unit_test(point_54_advert_before_announcement),
	    cmocka_unit_test(point_55_shutdown_of_backup),
	    cmocka_unit_test(point_62_preempt_off),
	    cmocka_unit_test(test_preempt_after_absence),
	    cmocka_unit_test(test_preempt_off_is_said),
	    cmocka_unit_test(point_63_preempt_delay),
	    cmocka_unit_test(test_unfit_leaves_the_master_alone),
	    cmocka_unit_test(test_unfit_with_delay),
	    cmocka_unit_test(test_delay_ends_with_silence),
	    cmocka_unit_test(test_delay_without_ipvsd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
