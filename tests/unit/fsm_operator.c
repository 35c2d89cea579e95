/* SPDX-License-Identifier: ISC */
/* vrrpd/fsm/operator.c, fsm.c: resign, reload, and interfaces that go. */
#include "fsm_util.h"

static struct rig r;

static void
down(const char *text)
{
	tell_event(&r, (struct fsm_event){.type = FSM_DOWN, .text = text});
}

/* The source has gone, the link has not: others need not wait for silence. */
static void
test_source_gone(void **state)
{
	const struct fsm_event gone = {
	    .type = FSM_DOWN, .text = "no address", .linked = true};

	(void)state;
	as_master(&r, 200);
	tell_event(&r, gone);
	assert_state(&r, "initialize");
	assert_seen(&r, FSM_DO_SEND | FSM_DO_RELEASE);
	assert_int_equal(r.priority, 0);
	as_backup(&r, 200);
	tell_event(&r, gone);
	assert_seen(&r, 0);
	as_master(&r, 200);
	down("no carrier");
	assert_seen(&r, FSM_DO_RELEASE);
}

static void
test_resign(void **state)
{
	(void)state;
	as_master(&r, 200);
	resign(&r, 0);
	assert_state(&r, "leaving");
	assert_reason(&r, "resigned by operator");
	assert_seen(&r, FSM_DO_SEND);
	assert_int_equal(r.priority, 0);
	pass(&r, 600 * MS);
	assert_seen(&r, 0); /* it forwards until another one does */
	hear(&r, 100, 9);
	assert_state(&r, "backup");
	assert_seen(&r, FSM_DO_RELEASE);
	for (unsigned i = 0; i < 100; i++) { /* no preemption */
		pass(&r, SEC);
		hear(&r, 100, 9);
	}
	assert_state(&r, "backup");
	pass(&r, 3218750000); /* but nobody else is left */
	assert_state(&r, "master");
	assert_false(r.fsm.resigned);
}

static void
test_resign_alone(void **state)
{
	uint64_t term;

	(void)state;
	as_master(&r, 200);
	term = r.fsm.term;
	resign(&r, 0);
	pass(&r, 2800 * MS - 1);
	assert_state(&r, "leaving");
	assert_seen(&r, FSM_DO_SEND);
	pass(&r, 1); /* nobody is there: it has let nothing go */
	assert_state(&r, "master");
	assert_reason(&r, "nobody took over");
	assert_true(seen(&r) & FSM_DO_SEND);
	assert_int_equal(r.priority, 200);
	assert_int_equal(r.fsm.term, term);
	assert_false(r.fsm.resigned);
	pass(&r, 10 * SEC);
	assert_state(&r, "master");
	assert_int_equal(r.fsm.term, term);
	assert_int_equal(r.released, 0);
	/* ipvsd is to leave meanwhile: then it does let go */
	as_master(&r, 200);
	resign(&r, 0);
	tell_event(&r,
	    (struct fsm_event){
		.type = FSM_FAILED, .lease_reason = LEASE_LEAVING});
	pass(&r, 1100 * MS);
	assert_state(&r, "backup");
	assert_true(seen(&r) & FSM_DO_RELEASE);
	as_master(&r, 200); /* so do we */
	resign(&r, 0);
	tell(&r, FSM_SHUTDOWN);
	pass(&r, 1100 * MS);
	assert_state(&r, "initialize");
	assert_true(seen(&r) & FSM_DO_RELEASE);
	as_master(&r, 200); /* one that is slow to speak is waited for */
	resign(&r, 0);
	pass(&r, 2700 * MS);
	assert_state(&r, "leaving");
	hear(&r, 100, 9);
	assert_state(&r, "backup");
	assert_true(r.fsm.resigned);
}

static void
test_enable(void **state)
{
	(void)state;
	as_backup(&r, 200);
	resign(&r, 0);
	hear(&r, 100, 9);
	pass(&r, SEC);
	tell(&r, FSM_ENABLE);
	for (unsigned i = 0; i < 3; i++) {
		hear(&r, 100, 9);
		assert_state(&r, "backup");
		pass(&r, SEC);
	}
	assert_state(&r, "master");
}

static void
test_resign_for_a_while(void **state)
{
	(void)state;
	as_backup(&r, 200);
	resign(&r, 10 * SEC);
	for (unsigned i = 0; i < 10; i++) {
		hear(&r, 100, 9);
		pass(&r, SEC - 1);
		assert_true(r.fsm.resigned);
		pass(&r, 1);
	}
	assert_false(r.fsm.resigned);
	for (unsigned i = 0; i < 3; i++) {
		hear(&r, 100, 9);
		pass(&r, SEC);
	}
	assert_state(&r, "master");
}

static void
test_resigned_lets_others_go_first(void **state)
{
	(void)state;
	as_backup(&r, 200);
	hear(&r, 220, 9);
	resign(&r, 0);
	pass(&r, SEC);
	hear(&r, 0, 9);
	assert_int_equal(fsm_next(&r.fsm), r.now + SEC + 10937500);
	pass(&r, 900 * MS);
	hear(&r, 1, 8);
	assert_int_equal(fsm_next(&r.fsm), r.now + 3218750000);
}

/* How long who leaves goes on, and who resigned waits; ns. */
static void
assert_hand_over(uint8_t version, uint32_t interval, uint8_t priority)
{
	uint64_t leaves, comes;

	rig_init(&r, 200);
	r.conf.version = version;
	r.conf.interval = interval;
	rig_begin(&r);
	up(&r);
	until(&r, fsm_next(&r.fsm));
	assert_state(&r, "master");
	tell(&r, FSM_SHUTDOWN);
	assert_state(&r, "leaving");
	leaves = fsm_next(&r.fsm) - r.now;
	rig_init(&r, priority);
	r.conf.version = version;
	r.conf.interval = interval;
	rig_begin(&r);
	up(&r);
	hear(&r, 200, 9);
	resign(&r, 0);
	hear(&r, 0, 9);
	comes = fsm_next(&r.fsm) - r.now;
	/* after everybody else, and well before nobody forwards */
	assert_true(comes >= (version == 2 ? 1000 : interval) * MS);
	assert_true(
	    comes <= leaves - (interval < 200 ? interval : 200) * MS / 4);
}

static void
test_resigned_comes_in_time(void **state)
{
	(void)state;
	for (unsigned priority = 1; priority < 255; priority++) {
		assert_hand_over(3, 10, (uint8_t)priority);
		assert_hand_over(3, 500, (uint8_t)priority);
		assert_hand_over(3, 1000, (uint8_t)priority);
		assert_hand_over(2, 3000, (uint8_t)priority);
	}
}

static void
test_resign_while_acquiring(void **state)
{
	(void)state;
	as_backup(&r, 200);
	r.held_comes = false;
	until(&r, fsm_next(&r.fsm));
	(void)seen(&r);
	resign(&r, 0);
	assert_state(&r, "backup");
	assert_seen(&r, FSM_DO_RELEASE);
	rig_init(&r, 255); /* an owner that resigned begins as backup */
	rig_begin(&r);
	resign(&r, 0);
	up(&r);
	assert_state(&r, "backup");
}

static void
test_shutdown_after_resign(void **state)
{
	(void)state;
	as_master(&r, 200);
	resign(&r, 0);
	(void)seen(&r);
	tell(&r, FSM_SHUTDOWN);
	assert_seen(&r, 0);
	hear(&r, 100, 9);
	assert_state(&r, "initialize");
	assert_seen(&r, FSM_DO_RELEASE | FSM_DO_DONE);
}

static void
test_interface_down(void **state)
{
	(void)state;
	as_master(&r, 100);
	down("interface eth1 is down");
	assert_state(&r, "initialize");
	assert_reason(&r, "interface eth1 is down");
	assert_seen(&r, FSM_DO_RELEASE);
	assert_int_equal(r.released, 1);
	assert_int_equal(fsm_deadline(&r.fsm), FSM_NEVER);
	hear(&r, 0, 9);
	assert_state(&r, "initialize");
	up(&r);
	assert_state(&r, "backup");
	assert_reason(&r, "interface is up");
	assert_seen(&r, FSM_DO_RETURNED);
	assert_int_equal(fsm_next(&r.fsm), r.now + 3609375000);
	r.conf.preempt_delay = 60000;
	reconfigure(&r, false);
	hear(&r, 90, 9);
	down("eth1 has no IPv4 address");
	assert_int_equal(fsm_deadline(&r.fsm), FSM_NEVER);
	assert_state(&r, "initialize");
	assert_reason(&r, "eth1 has no IPv4 address");
	assert_seen(&r, 0);
}

static void
test_interface_down_in_between(void **state)
{
	(void)state;
	as_backup(&r, 100);
	r.held_comes = false;
	until(&r, fsm_next(&r.fsm));
	(void)seen(&r);
	down("interface eth1 is down");
	assert_state(&r, "initialize");
	assert_seen(&r, FSM_DO_RELEASE);
	as_master(&r, 100);
	tell(&r, FSM_SHUTDOWN);
	(void)seen(&r);
	down("interface eth1 is down");
	assert_seen(&r, FSM_DO_RELEASE | FSM_DO_DONE);
	rig_init(&r, 100); /* comes late, long after the start */
	rig_begin(&r);
	down("interface eth9 does not exist");
	pass(&r, 3600 * SEC);
	assert_state(&r, "initialize");
	assert_reason(&r, "interface eth9 does not exist");
	up(&r);
	assert_state(&r, "backup");
}

static void
point_03_source_changes(void **state)
{
	(void)state;
	as_master(&r, 100);
	tell_event(&r,
	    (struct fsm_event){
		.type = FSM_UP, .source = {AF_INET, {10, 0, 0, 77}}});
	assert_state(&r, "master");
	assert_int_equal(r.fsm.master.bytes[3], 77);
	hear(&r, 100, 70); /* compared with the new one */
	assert_state(&r, "master");
	assert_true(seen(&r) & FSM_DO_SEND);
}

static void
test_reload_without_change(void **state)
{
	uint64_t deadline;

	(void)state;
	as_master(&r, 100);
	pass(&r, 300 * MS);
	deadline = fsm_deadline(&r.fsm);
	r.sent = 0;
	(void)seen(&r);
	reconfigure(&r, false);
	assert_seen(&r, 0);
	assert_int_equal(fsm_deadline(&r.fsm), deadline);
	as_backup(&r, 100);
	hear(&r, 200, 9);
	pass(&r, 300 * MS);
	deadline = fsm_deadline(&r.fsm);
	reconfigure(&r, false);
	assert_seen(&r, 0);
	assert_int_equal(fsm_deadline(&r.fsm), deadline);
	rig_init(&r, 100); /* nor is the start delay begun anew */
	r.conf.start_delay = 5000;
	rig_begin(&r);
	up(&r);
	pass(&r, 4 * SEC);
	reconfigure(&r, false);
	pass(&r, SEC);
	assert_state(&r, "backup");
	rig_init(&r, 200); /* nor the preemption delay */
	r.conf.preempt_delay = 10000;
	rig_begin(&r);
	up(&r);
	for (unsigned i = 0; i < 10; i++) {
		hear(&r, 100, 9);
		reconfigure(&r, false);
		pass(&r, SEC);
	}
	assert_state(&r, "master");
}

static void
test_reload_tells_at_once(void **state)
{
	(void)state;
	as_master(&r, 100);
	pass(&r, 300 * MS);
	(void)seen(&r);
	r.conf.interval = 3000;
	reconfigure(&r, false);
	assert_seen(&r, FSM_DO_SEND | FSM_DO_RENEW);
	assert_int_equal(fsm_next(&r.fsm), r.now + 3 * SEC);
	pass(&r, 100 * MS);
	r.conf.priority = 150;
	reconfigure(&r, false);
	assert_seen(&r, FSM_DO_SEND | FSM_DO_RENEW);
	assert_int_equal(r.priority, 150);
	assert_int_equal(r.fsm.master_priority, 150);
	hear(&r, 120, 9);
	assert_state(&r, "master");
	pass(&r, 20 * SEC);
	(void)seen(&r);
	reconfigure(&r, true);
	assert_seen(&r, FSM_DO_SEND | FSM_DO_RENEW | FSM_DO_ANNOUNCE);
}

static void
test_reload_of_a_backup(void **state)
{
	(void)state;
	as_backup(&r, 100);
	r.conf.interval = 2000; /* no master known: the own interval */
	reconfigure(&r, false);
	assert_int_equal(fsm_next(&r.fsm), T0 + 7218750000);
	hear_interval(&r, 200, 9, 500);
	r.conf.interval = 5000; /* the master's interval is what counts */
	reconfigure(&r, false);
	assert_int_equal(fsm_next(&r.fsm), T0 + 1500 * MS + 304687500);
	hear(&r, 100, 9);
	r.conf.priority = 200;
	r.conf.preempt = false;
	reconfigure(&r, false);
	for (unsigned i = 0; i < 10; i++) {
		pass(&r, SEC);
		hear(&r, 120, 9);
	}
	assert_state(&r, "backup");
}

static void
test_refresh_set_and_unset(void **state)
{
	(void)state;
	as_master(&r, 100);
	pass(&r, 20 * SEC);
	r.announced = 0;
	r.conf.garp.refresh = 1000;
	reconfigure(&r, false);
	pass(&r, SEC);
	assert_int_equal(r.announced, 5);
	r.conf.garp.refresh = 0;
	reconfigure(&r, false);
	pass(&r, 20 * SEC);
	assert_int_equal(r.announced, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_source_gone),
	    cmocka_unit_test(test_resign),
	    cmocka_unit_test(test_resign_alone),
	    cmocka_unit_test(test_enable),
	    cmocka_unit_test(test_resign_for_a_while),
	    cmocka_unit_test(test_resigned_lets_others_go_first),
	    cmocka_unit_test(test_resigned_comes_in_time),
	    cmocka_unit_test(test_resign_while_acquiring),
	    cmocka_unit_test(test_shutdown_after_resign),
	    cmocka_unit_test(test_interface_down),
	    cmocka_unit_test(test_interface_down_in_between),
	    cmocka_unit_test(point_03_source_changes),
	    cmocka_unit_test(test_reload_without_change),
	    cmocka_unit_test(test_reload_tells_at_once),
	    cmocka_unit_test(test_reload_of_a_backup),
	    cmocka_unit_test(test_refresh_set_and_unset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
