/* SPDX-License-Identifier: ISC */
/* vrrpd/fsm/lease.c: ipvsd holds, renews, ends, goes away and comes back. */
#include "fsm_util.h"

static struct rig r;

static void
lose_ipvsd(void)
{
	r.held_comes = r.renewed_comes = false;
	tell(&r, FSM_IPVSD_LOST);
	(void)seen(&r);
}

static void
addresses(bool present)
{
	tell_event(
	    &r, (struct fsm_event){.type = FSM_ADDRESSES, .present = present});
}

static void
test_no_held_within_an_interval(void **state)
{
	(void)state;
	as_backup(&r, 100);
	r.held_comes = false;
	until(&r, fsm_next(&r.fsm));
	assert_state(&r, "acquiring");
	(void)seen(&r);
	pass(&r, SEC - 1);
	assert_state(&r, "acquiring");
	pass(&r, 1);
	assert_state(&r, "backup");
	assert_reason(&r, "addresses not held: no answer in time");
	assert_seen(&r, FSM_DO_SEND | FSM_DO_RELEASE);
	assert_int_equal(r.priority, 0);
	assert_int_equal(r.released, 0);
	assert_int_equal(fsm_next(&r.fsm), r.now + 3609375000);
	held(&r, 9, r.now + SEC); /* too late */
	assert_state(&r, "backup");
	assert_seen(&r, FSM_DO_RELEASE);
	assert_int_equal(r.released, 9);
}

/* Two slow hosts must not pass the turn on for ever. */
static void
test_patience_doubles_until_held(void **state)
{
	(void)state;
	as_backup(&r, 100);
	r.held_comes = false;
	for (uint64_t wait = SEC; wait <= 4 * SEC; wait *= 2) {
		until(&r, fsm_next(&r.fsm));
		assert_state(&r, "acquiring");
		pass(&r, wait - 1);
		assert_state(&r, "acquiring");
		pass(&r, 1);
		assert_state(&r, "backup");
	}
	until(&r, fsm_next(&r.fsm));
	pass(&r, 4 * SEC - 1);
	assert_state(&r, "acquiring");
	held(&r, 3, r.now + SEC);
	assert_state(&r, "master");
	assert_int_equal(r.fsm.acquires_unanswered, 0);
}

static void
test_failed(void **state)
{
	struct fsm_event event = {
	    .type = FSM_FAILED, .lease_reason = LEASE_KERNEL};

	(void)state;
	as_backup(&r, 100);
	r.held_comes = false;
	tell_event(&r, event); /* not asked for */
	assert_seen(&r, 0);
	until(&r, fsm_next(&r.fsm));
	(void)seen(&r);
	tell_event(&r, event);
	assert_state(&r, "backup");
	assert_reason(&r, "addresses not held: the kernel refused");
	assert_seen(&r, FSM_DO_SEND | FSM_DO_RELEASE);
	assert_int_equal(r.priority, 0);
}

/* It hands over first, as for an operator; other reasons mean nothing. */
/* Priority 0 from another that has failed, too, is no reason to hurry. */
static void
test_failed_does_not_hurry(void **state)
{
	uint64_t timer;

	(void)state;
	as_backup(&r, 100);
	r.held_comes = false;
	until(&r, fsm_next(&r.fsm));
	tell_event(&r,
	    (struct fsm_event){
		.type = FSM_FAILED, .lease_reason = LEASE_IP_VS});
	assert_state(&r, "backup");
	assert_reason(&r, "addresses not held: the kernel has no ip_vs");
	timer = fsm_next(&r.fsm);
	assert_int_equal(timer, r.now + 3609375000);
	hear(&r, 0, 6);
	assert_int_equal(fsm_next(&r.fsm), timer);
	hear(&r, 200, 9); /* a master, and it leaves */
	hear(&r, 0, 9);
	assert_int_equal(fsm_next(&r.fsm), r.now + 609375000);
}

/* Another program on this host is master by the same address: its backups
 * would take priority 0 for its word. */
static void
test_failed_beside_another(void **state)
{
	(void)state;
	as_backup(&r, 100);
	r.held_comes = false;
	until(&r, fsm_next(&r.fsm));
	assert_state(&r, "acquiring");
	tell_event(&r,
	    (struct fsm_event){
		.type = FSM_FAILED, .lease_reason = LEASE_BESIDE});
	assert_state(&r, "backup");
	assert_reason(&r,
	    "addresses not held: another program on this host is master of "
	    "it, stop it first");
	assert_seen(&r, FSM_DO_ACQUIRE | FSM_DO_RELEASE);
	assert_int_equal(r.sent, 0);
	/* It is tried again soon, however often. */
	for (int i = 0; i < 5; i++) {
		assert_int_equal(fsm_next(&r.fsm), r.now + 3609375000);
		until(&r, fsm_next(&r.fsm));
		tell_event(&r,
		    (struct fsm_event){
			.type = FSM_FAILED, .lease_reason = LEASE_BESIDE});
	}
	assert_int_equal(r.sent, 0);
}

static void
test_ipvsd_is_to_leave(void **state)
{
	struct fsm_event event = {
	    .type = FSM_FAILED, .lease_reason = LEASE_KERNEL};

	(void)state;
	as_master(&r, 200);
	tell_event(&r, event);
	assert_state(&r, "master");
	assert_seen(&r, 0);
	event.lease_reason = LEASE_LEAVING;
	tell_event(&r, event);
	assert_state(&r, "leaving");
	assert_reason(&r, "ipvsd is leaving");
	assert_seen(&r, FSM_DO_SEND);
	assert_int_equal(r.priority, 0);
	hear(&r, 100, 9);
	assert_state(&r, "backup");
	assert_seen(&r, FSM_DO_RELEASE);
}

static void
test_term_over_at_once(void **state)
{
	(void)state;
	as_backup(&r, 100);
	r.held_comes = false;
	until(&r, fsm_next(&r.fsm));
	(void)seen(&r);
	held(&r, 3, r.now);
	assert_state(&r, "backup");
	assert_seen(&r, FSM_DO_SEND | FSM_DO_RELEASE);
	assert_int_equal(r.priority, 0);
}

static void
test_advert_while_acquiring(void **state)
{
	static const struct {
		uint8_t priority;
		bool preempt, yields;
	} cases[] = {
	    {101, true, true},
	    {100, true, true},
	    {99, true, false},
	    {99, false, true},
	    {0, true, false},
	    {0, false, false},
	};

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		rig_init(&r, 100);
		r.conf.preempt = cases[i].preempt;
		r.held_comes = false;
		rig_begin(&r);
		up(&r);
		until(&r, fsm_next(&r.fsm));
		(void)seen(&r);
		hear(&r, cases[i].priority, 9);
		assert_state(&r, cases[i].yields ? "backup" : "acquiring");
		assert_seen(&r, cases[i].yields ? FSM_DO_RELEASE : 0);
		assert_int_equal(r.released, 0);
	}
}

static void
test_renewed_with_the_time_before_the_send(void **state)
{
	(void)state;
	as_master(&r, 100);
	tell_event(
	    &r, (struct fsm_event){.type = FSM_SENT, .time = r.now - 40});
	assert_int_equal(r.renew_time, r.now - 40);
	assert_int_equal(r.fsm.lease_end, r.now - 40 + 2900 * MS);
	tell_event(&r,
	    (struct fsm_event){
		.type = FSM_RENEWED, .term = r.fsm.term + 1, .end = r.now + 1});
	assert_int_equal(r.fsm.lease_end, r.now - 40 + 2900 * MS);
	pass(&r, 100 * SEC + 2 * MS);
	assert_state(&r, "master");
	assert_int_equal(r.renewed, 101);
}

static void
test_ended(void **state)
{
	(void)state;
	as_master(&r, 100);
	ended(&r, r.fsm.term + 1);
	assert_state(&r, "master");
	ended(&r, r.fsm.term);
	assert_state(&r, "backup");
	assert_reason(&r, "lease ended: the lease ran out");
	/* the addresses are gone: nothing to release, the next may come */
	assert_seen(&r, FSM_DO_SEND);
	assert_int_equal(r.priority, 0);
	assert_int_equal(fsm_next(&r.fsm), r.now + 3609375000);
	as_master(&r, 100);
	tell(&r, FSM_SHUTDOWN);
	(void)seen(&r);
	ended(&r, r.fsm.term);
	assert_seen(&r, FSM_DO_DONE);
}

static void
test_no_advert_could_be_sent(void **state)
{
	(void)state;
	as_master(&r, 100);
	r.sends_work = false;
	pass(&r, 2900 * MS - 1);
	assert_state(&r, "master");
	assert_int_equal(r.sent, 2);
	(void)seen(&r);
	pass(&r, 1);
	assert_state(&r, "backup");
	assert_reason(&r, "lease ended: no advert could be sent");
	assert_seen(&r, FSM_DO_RELEASE);
}

/* ipvsd, whose timer is the same, may say it first. */
static void
test_no_advert_could_be_sent_says_ipvsd(void **state)
{
	(void)state;
	as_master(&r, 100);
	r.sends_work = false;
	pass(&r, 2900 * MS - 1);
	assert_state(&r, "master");
	(void)seen(&r);
	ended(&r, r.fsm.term);
	assert_state(&r, "backup");
	assert_reason(&r, "lease ended: no advert could be sent");
	assert_int_equal(seen(&r) & FSM_DO_RELEASE, 0);
	assert_true(r.fsm.mute_until > r.now);
}

/* The timers run, and a master of priority 90 is heard all the time. */
static void
pass_beside_master(uint64_t duration)
{
	uint64_t end = r.now + duration;

	while (r.now < end) {
		hear(&r, 90, 6);
		pass(&r, 500 * MS);
	}
}

/* It could only be a second owner: it gives way, and tries ever more seldom. */
static void
test_nothing_can_be_sent_beside_a_master(void **state)
{
	uint64_t times;

	(void)state;
	as_backup(&r, 100);
	r.sends_work = false;
	pass_beside_master(4 * SEC);
	assert_state(&r, "backup");
	assert_reason(&r, "lease ended: no advert could be sent");
	assert_int_equal(r.fsm.become_master, 1);
	assert_int_equal(r.sent, 1);
	assert_int_equal(r.announced, 0);
	pass_beside_master(7 * SEC);
	assert_int_equal(r.fsm.become_master, 1);
	pass_beside_master(600 * SEC);
	times = r.fsm.become_master;
	assert_in_range(times, 9, 13);
	assert_int_equal(r.sent, times);
	assert_int_equal(r.announced, 0);
	r.sends_work = true;
	pass_beside_master(70 * SEC);
	assert_state(&r, "master");
	assert_int_equal(r.fsm.become_master, times + 1);
}

/* Where nobody else is master the addresses are better here than nowhere. */
static void
test_nothing_can_be_sent_alone(void **state)
{
	(void)state;
	as_backup(&r, 100);
	r.sends_work = false;
	until(&r, fsm_next(&r.fsm));
	assert_state(&r, "master");
	assert_int_equal(r.announced, 5);
	pass(&r, 2900 * MS);
	assert_state(&r, "backup");
	until(&r, fsm_next(&r.fsm));
	assert_state(&r, "master");
}

/* ipvsd is frozen: it holds the addresses, so nobody else must. */
static void
test_silent_ipvsd(void **state)
{
	(void)state;
	as_master(&r, 100);
	r.renewed_comes = false;
	pass(&r, 9 * SEC);
	assert_state(&r, "master");
	assert_true(r.sent >= 8);
	(void)seen(&r);
	addresses(false); /* their lifetime is over */
	assert_state(&r, "backup");
	assert_reason(&r, "addresses and ipvsd are gone");
	assert_seen(&r, FSM_DO_SEND | FSM_DO_RELEASE);
	assert_int_equal(r.priority, 0);
	as_master(&r, 100); /* gone first, silent then */
	r.renewed_comes = false;
	addresses(false);
	pass(&r, 2900 * MS - 1);
	assert_state(&r, "master");
	pass(&r, 1);
	assert_state(&r, "backup");
	as_master(&r, 100); /* it thaws: all as before */
	r.renewed_comes = false;
	pass(&r, 9 * SEC);
	r.renewed_comes = true;
	pass(&r, 2 * SEC);
	addresses(false);
	assert_state(&r, "master");
	ended(&r, r.fsm.term);
	assert_state(&r, "backup");
}

static void
test_ipvsd_lost_as_master(void **state)
{
	uint64_t term;

	(void)state;
	as_master(&r, 100);
	term = r.fsm.term;
	lose_ipvsd();
	pass(&r, 8 * SEC);
	assert_state(&r, "master");
	assert_int_equal(r.renewed, 0);
	snapshot(&r, term); /* it is back and has adopted the lease */
	r.renewed_comes = true;
	pass(&r, 10 * SEC);
	assert_state(&r, "master");
	assert_int_equal(r.fsm.become_master, 1);
	lose_ipvsd();
	(void)seen(&r);
	addresses(false);
	assert_state(&r, "backup");
	assert_true(seen(&r) & FSM_DO_SEND);
	assert_int_equal(r.priority, 0);
	as_master(&r, 100); /* gone already when ipvsd goes */
	addresses(false);
	assert_state(&r, "master");
	lose_ipvsd();
	assert_state(&r, "backup");
	assert_reason(&r, "addresses and ipvsd are gone");
}

static void
test_snapshot_without_the_term(void **state)
{
	uint64_t term;

	(void)state;
	as_master(&r, 100);
	lose_ipvsd();
	snapshot(&r, 0);
	assert_state(&r, "backup");
	assert_reason(&r, "lease ended: ipvsd has no such term");
	assert_seen(&r, FSM_DO_SEND);
	assert_int_equal(r.priority, 0);
	as_master(&r, 100);
	term = r.fsm.term;
	snapshot(&r, term + 5); /* another one: given back */
	assert_state(&r, "backup");
	assert_int_equal(r.released, term + 5);
	/* RESYNC on a living link, or a new ipvsd: it hears at once that the
	 * term goes on, and since which advert. */
	as_master(&r, 100);
	pass(&r, 300 * MS);
	(void)seen(&r);
	snapshot(&r, r.fsm.term);
	assert_state(&r, "master");
	assert_seen(&r, FSM_DO_RENEW);
	assert_int_equal(r.renew_time, r.fsm.sent_at);
	assert_true(r.renew_time < r.now);
}

static void
test_no_master_without_ipvsd(void **state)
{
	(void)state;
	as_backup(&r, 100);
	lose_ipvsd();
	pass(&r, 60 * SEC);
	assert_state(&r, "backup");
	assert_reason(&r, "no master heard, but ipvsd is not there");
	hear(&r, 90, 6); /* the reason is of now */
	assert_state(&r, "backup");
	assert_reason(&r,
	    "lower priority 90 heard from 10.0.0.6, "
	    "but ipvsd is not there");
	assert_seen(&r, 0);
	r.held_comes = r.renewed_comes = true;
	snapshot(&r, 0); /* the timer ran out long ago */
	assert_state(&r, "master");
	as_backup(&r, 100);
	lose_ipvsd();
	pass(&r, 60 * SEC);
	hear(&r, 200, 9);
	snapshot(&r, 0);
	assert_state(&r, "backup");
	assert_reason(&r, "priority 200 heard from 10.0.0.9");
	as_backup(&r, 100); /* while it was asked */
	r.held_comes = false;
	until(&r, fsm_next(&r.fsm));
	(void)seen(&r);
	tell(&r, FSM_IPVSD_LOST);
	assert_state(&r, "backup");
	assert_seen(&r, 0);
	rig_init(&r, 255); /* not even the owner */
	fsm_init(&r.fsm, &r.conf, r.now);
	up(&r);
	pass(&r, SEC);
	assert_state(&r, "backup");
	snapshot(&r, 0);
	assert_state(&r, "master");
}

/* vrrpd was restarted within its lease. */
static void
test_takes_its_term_up(void **state)
{
	(void)state;
	rig_init(&r, 100); /* the snapshot comes before the interface */
	r.conf.start_delay = 60000;
	fsm_init(&r.fsm, &r.conf, r.now);
	snapshot(&r, 42);
	assert_state(&r, "initialize");
	pass(&r, 20 * MS);
	up(&r);
	assert_state(&r, "master");
	assert_reason(&r, "took up its former term");
	assert_int_equal(r.fsm.term, 42);
	assert_int_equal(r.sent_at, r.now);
	assert_false(seen(&r) & FSM_DO_ACQUIRE);
	rig_init(&r, 100); /* or after it */
	fsm_init(&r.fsm, &r.conf, r.now);
	up(&r);
	snapshot(&r, 42);
	assert_state(&r, "master");
	assert_int_equal(r.fsm.lease_end, r.now + 2900 * MS);
}

static void
test_former_term_is_lost(void **state)
{
	(void)state;
	rig_init(&r, 100); /* its end is passed when the interface is up */
	fsm_init(&r.fsm, &r.conf, r.now);
	snapshot(&r, 42);
	pass(&r, 2900 * MS);
	up(&r);
	assert_state(&r, "backup");
	rig_init(&r, 100); /* ended meanwhile */
	fsm_init(&r.fsm, &r.conf, r.now);
	snapshot(&r, 42);
	ended(&r, 42);
	up(&r);
	assert_state(&r, "backup");
	rig_init(&r, 100); /* ipvsd is gone again */
	fsm_init(&r.fsm, &r.conf, r.now);
	snapshot(&r, 42);
	lose_ipvsd();
	up(&r);
	assert_state(&r, "backup");
	rig_init(&r, 100); /* another master has spoken */
	fsm_init(&r.fsm, &r.conf, r.now);
	up(&r);
	hear(&r, 200, 9);
	snapshot(&r, 42);
	assert_state(&r, "backup");
	assert_seen(&r, FSM_DO_RELEASE);
	assert_int_equal(r.released, 42);
	as_master(&r, 100); /* was master itself since: not a restart */
	hear(&r, 200, 9);
	snapshot(&r, 1);
	assert_state(&r, "backup");
	assert_int_equal(r.released, 1);
	as_backup(&r, 100); /* tried to open one itself: neither */
	r.held_comes = false;
	until(&r, fsm_next(&r.fsm));
	pass(&r, SEC);
	snapshot(&r, 42);
	assert_state(&r, "backup");
	assert_int_equal(r.released, 42);
	rig_init(&r, 100); /* to be shut down before it was used */
	fsm_init(&r.fsm, &r.conf, r.now);
	snapshot(&r, 42);
	(void)seen(&r);
	tell(&r, FSM_SHUTDOWN);
	assert_seen(&r, FSM_DO_RELEASE | FSM_DO_DONE);
	assert_int_equal(r.released, 42);
}

static void
test_term_not_to_be_taken_up(void **state)
{
	(void)state;
	as_backup(&r, 100); /* it crossed the RELEASE of an attempt */
	r.fsm.fresh = false;
	held(&r, 42, r.now + SEC);
	assert_state(&r, "backup");
	assert_int_equal(r.released, 42);
	as_backup(&r, 100); /* over already */
	tell(&r, FSM_SNAPSHOT_BEGIN);
	held(&r, 43, r.now);
	assert_state(&r, "backup");
	assert_int_equal(r.released, 43);
	as_backup(&r, 100); /* the operator does not want it */
	resign(&r, 0);
	snapshot(&r, 44);
	assert_state(&r, "backup");
	assert_int_equal(r.released, 44);
	rig_init(&r, 100); /* a later snapshot no longer has it */
	fsm_init(&r.fsm, &r.conf, r.now);
	snapshot(&r, 45);
	snapshot(&r, 0);
	up(&r);
	assert_state(&r, "backup");
}

static void
tell_former(enum fsm_state state, uint64_t since)
{
	tell_event(&r,
	    (struct fsm_event){
		.type = FSM_FORMER, .state = state, .time = since});
}

/* Since when it is as it is, a restart does not change: of the same state
 * alone, of one that a first snapshot tells, and never of a time to come. */
static void
test_a_restart_is_no_new_state(void **state)
{
	uint64_t then;

	(void)state;
	for (int late = 0; late < 2; late++) { /* the interface, or ipvsd */
		rig_init(&r, 100);
		r.now += 10 * SEC;
		then = r.now - 9 * SEC;
		fsm_init(&r.fsm, &r.conf, r.now);
		if (!late)
			up(&r);
		tell(&r, FSM_SNAPSHOT_BEGIN);
		tell_former(FSM_STATE_MASTER, then);
		held(&r, 42, r.now + SEC);
		tell(&r, FSM_SNAPSHOT_END);
		if (late)
			up(&r);
		assert_state(&r, "master");
		assert_int_equal(r.fsm.since, then);
	}
	rig_init(&r, 100);
	r.now += 10 * SEC;
	then = r.now - 9 * SEC;
	fsm_init(&r.fsm, &r.conf, r.now);
	up(&r);
	tell(&r, FSM_SNAPSHOT_BEGIN);
	tell_former(FSM_STATE_MASTER, then);
	assert_int_equal(r.fsm.since, r.now);
	tell_former(FSM_STATE_BACKUP, r.now + 1);
	assert_int_equal(r.fsm.since, r.now);
	tell_former(FSM_STATE_BACKUP, then);
	assert_int_equal(r.fsm.since, then);
	tell(&r, FSM_SNAPSHOT_END);
	tell_former(FSM_STATE_BACKUP, then - SEC);
	assert_int_equal(r.fsm.since, then);
	/* What comes later is new. */
	hear(&r, 200, 9);
	hear(&r, 0, 9);
	pass(&r, 2 * SEC);
	assert_state(&r, "master");
	assert_true(r.fsm.since > then + 9 * SEC);
}

/* The begin of the snapshot was missed: it is kept, and asked for again. */
static void
test_term_told_outside_a_snapshot(void **state)
{
	(void)state;
	as_backup(&r, 100);
	r.released = 0;
	(void)seen(&r);
	held(&r, 42, r.now + SEC);
	assert_seen(&r, FSM_DO_RESYNC);
	assert_state(&r, "backup");
	assert_int_equal(r.released, 0);
	snapshot(&r, 42);
	assert_state(&r, "master");
	assert_reason(&r, "took up its former term");
}

/* Taken up, but nothing can be sent: the lease is not stretched. */
static void
test_taken_up_and_mute(void **state)
{
	uint64_t end = T0 + SEC;

	(void)state;
	rig_init(&r, 100);
	r.sends_work = false;
	fsm_init(&r.fsm, &r.conf, r.now);
	up(&r);
	tell(&r, FSM_SNAPSHOT_BEGIN);
	held(&r, 42, end);
	tell(&r, FSM_SNAPSHOT_END);
	assert_state(&r, "master");
	until(&r, end - 1);
	assert_state(&r, "master");
	until(&r, end);
	assert_state(&r, "backup");
	assert_reason(&r, "lease ended: no advert could be sent");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_held_within_an_interval),
	    cmocka_unit_test(test_patience_doubles_until_held),
	    cmocka_unit_test(test_failed),
	    cmocka_unit_test(test_failed_does_not_hurry),
	    cmocka_unit_test(test_failed_beside_another),
	    cmocka_unit_test(test_ipvsd_is_to_leave),
	    cmocka_unit_test(test_term_over_at_once),
	    cmocka_unit_test(test_advert_while_acquiring),
	    cmocka_unit_test(test_renewed_with_the_time_before_the_send),
	    cmocka_unit_test(test_ended),
	    cmocka_unit_test(test_no_advert_could_be_sent),
	    cmocka_unit_test(test_no_advert_could_be_sent_says_ipvsd),
	    cmocka_unit_test(test_nothing_can_be_sent_beside_a_master),
	    cmocka_unit_test(test_nothing_can_be_sent_alone),
	    cmocka_unit_test(test_silent_ipvsd),
	    cmocka_unit_test(test_ipvsd_lost_as_master),
	    cmocka_unit_test(test_snapshot_without_the_term),
	    cmocka_unit_test(test_no_master_without_ipvsd),
	    cmocka_unit_test(test_takes_its_term_up),
	    cmocka_unit_test(test_former_term_is_lost),
	    cmocka_unit_test(test_term_not_to_be_taken_up),
	    cmocka_unit_test(test_a_restart_is_no_new_state),
	    cmocka_unit_test(test_term_told_outside_a_snapshot),
	    cmocka_unit_test(test_taken_up_and_mute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
