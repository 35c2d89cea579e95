/* SPDX-License-Identifier: ISC */
/* vrrpd/fsm/links.c, fault.c, lease.c: links of addresses that do not carry,
 * and an ipvsd that refuses again and again. */
#include "fsm_util.h"

#define CABLE "interface eth1 has no carrier"

static struct rig r;

static void
links(const char *text)
{
	tell_event(&r, (struct fsm_event){.type = FSM_LINKS, .text = text});
}

/* Alone: the addresses are never given up, and it tries less and less. */
static void
test_nobody_takes_over(void **state)
{
	static const uint64_t waits[] = {
	    60, 120, 240, 480, 960, 1920, 3600, 3600};

	(void)state;
	as_master(&r, 200);
	links(CABLE);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		assert_state(&r, "leaving");
		assert_reason(&r, CABLE);
		assert_int_equal(r.priority, 0);
		while (r.fsm.state == FSM_STATE_LEAVING)
			pass(&r, 100 * MS);
		assert_state(&r, "master");
		assert_reason(&r, "nobody took over, though " CABLE);
		assert_int_equal(r.priority, 200);
		assert_int_equal(seen(&r) & FSM_DO_RELEASE, 0);
		until(&r, r.fsm.since + waits[i] * SEC - 1);
		assert_state(&r, "master");
		pass(&r, 1);
	}
	assert_state(&r, "leaving");
}

static void
test_handed_over(void **state)
{
	(void)state;
	as_master(&r, 200);
	links(CABLE);
	assert_seen(&r, FSM_DO_SEND);
	hear(&r, 100, 9);
	assert_state(&r, "backup");
	assert_seen(&r, FSM_DO_RELEASE);
	for (unsigned i = 0; i < 100; i++) {
		pass(&r, SEC);
		hear(&r, 100, 9);
	}
	assert_state(&r, "backup");
	assert_reason(&r, "lower priority 100 heard, but " CABLE);
	assert_seen(&r, 0);
	links("");
	assert_seen(&r, FSM_DO_RETURNED);
	for (unsigned i = 0; i < 4; i++) {
		pass(&r, SEC);
		hear(&r, 100, 9);
	}
	assert_state(&r, "master");
	assert_int_equal(r.priority, 200);
}

/* The delay of preemption is over, but it is no good master. */
static void
test_no_preemption(void **state)
{
	(void)state;
	rig_init(&r, 200);
	r.conf.preempt_delay = 5000;
	r.unfit = true;
	rig_begin(&r);
	up(&r);
	links(CABLE);
	for (unsigned i = 0; i < 20; i++) {
		hear(&r, 100, 9);
		pass(&r, SEC);
		if (i == 10)
			tell(&r, FSM_MAY_PREEMPT);
	}
	assert_state(&r, "backup");
	links("");
	hear(&r, 100, 9);
	assert_state(&r, "backup");
	tell(&r, FSM_MAY_PREEMPT);
	assert_state(&r, "master");
}

static void
test_others_go_first(void **state)
{
	(void)state;
	as_backup(&r, 254);
	links(CABLE);
	hear(&r, 255, 9);
	hear(&r, 0, 9);
	pass(&r, 999 * MS);
	assert_state(&r, "backup");
	pass(&r, 100 * MS);
	assert_state(&r, "master"); /* there was nobody else */
	pass(&r, 59 * SEC);
	assert_state(&r, "master");
	hear(&r, 255, 9);
	pass(&r, 3900 * MS);
	assert_state(&r, "backup");
	pass(&r, 200 * MS);
	assert_state(&r, "master");
}

static void
test_a_link_that_comes_and_goes(void **state)
{
	(void)state;
	as_master(&r, 200);
	links(CABLE);
	pass(&r, 3 * SEC);
	assert_state(&r, "master");
	for (unsigned i = 0; i < 56; i++) {
		links("");
		links(i % 2 == 0 ? CABLE : "interface eth1 is down");
		assert_state(&r, "master");
		pass(&r, SEC);
	}
	pass(&r, 4 * SEC);
	assert_state(&r, "leaving");
	pass(&r, 3 * SEC);
	(void)seen(&r);
	links(""); /* nobody there has heard who is master meanwhile */
	assert_seen(&r, FSM_DO_ANNOUNCE);
	assert_state(&r, "master");
	pass(&r, 300 * SEC);
	links(CABLE); /* a new one */
	assert_state(&r, "leaving");
}

/* However long it has waited, what begins after a good while is a new one. */
static void
test_a_new_fault_is_tried_at_once(void **state)
{
	(void)state;
	as_master(&r, 200);
	links(CABLE);
	pass(&r, 2 * 3600 * SEC);
	assert_state(&r, "master");
	links("");
	pass(&r, 4 * SEC);
	links(CABLE); /* nobody was there four seconds ago */
	assert_state(&r, "master");
	links("");
	pass(&r, 6 * SEC);
	links(CABLE);
	assert_state(&r, "leaving");
}

static void
test_moved(void **state)
{
	(void)state;
	as_master(&r, 200);
	pass(&r, 100 * SEC);
	r.announced = 0;
	tell(&r, FSM_MOVED);
	pass(&r, SEC);
	assert_int_equal(r.announced, r.conf.garp.count);
	as_backup(&r, 200);
	tell(&r, FSM_MOVED);
	assert_seen(&r, 0);
}

static void
refuse(enum lease_reason why)
{
	tell_event(
	    &r, (struct fsm_event){.type = FSM_FAILED, .lease_reason = why});
}

/* How many intervals, without Skew_Time, an attempt waits after a refusal. */
static unsigned
wait_for_next(enum lease_reason why)
{
	unsigned waited = 0;

	assert_state(&r, "acquiring");
	refuse(why);
	assert_state(&r, "backup");
	for (; waited < 100 && r.fsm.state == FSM_STATE_BACKUP; waited++)
		pass(&r, SEC);
	return waited - 1;
}

static void
test_refused_again_and_again(void **state)
{
	static const unsigned waits[] = {3, 6, 12, 24, 24, 24};

	(void)state;
	rig_init(&r, 200);
	r.held_comes = false;
	rig_begin(&r);
	up(&r);
	pass(&r, 4 * SEC);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
		assert_int_equal(wait_for_next(LEASE_KERNEL), waits[i]);
	refuse(LEASE_KERNEL);
	hear(&r, 254, 9);
	pass(&r, 4 * SEC);
	assert_int_equal(wait_for_next(LEASE_INTERFACE), 3);
	assert_int_equal(wait_for_next(LEASE_INTERFACE), 6);
	refuse(LEASE_INTERFACE);
	links(CABLE);
	links("");
	pass(&r, 4 * SEC);
	assert_int_equal(wait_for_next(LEASE_INTERFACE), 3);
	refuse(LEASE_INTERFACE);
	reconfigure(&r, false);
	pass(&r, 4 * SEC);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(wait_for_next(LEASE_RATE), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nobody_takes_over),
	    cmocka_unit_test(test_handed_over),
	    cmocka_unit_test(test_no_preemption),
	    cmocka_unit_test(test_others_go_first),
	    cmocka_unit_test(test_a_link_that_comes_and_goes),
	    cmocka_unit_test(test_a_new_fault_is_tried_at_once),
	    cmocka_unit_test(test_moved),
	    cmocka_unit_test(test_refused_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
