/* SPDX-License-Identifier: ISC */
/* The lease's arithmetic. */
#include "unit.h"

#include "clock.h"
#include "lease/lease.h"

#define MS NS_PER_MS
#define T0 (1000 * NS_PER_SEC)

static void
test_end(void **state)
{
	(void)state;
	assert_int_equal(lease_end(T0, T0 + 5, 1000 * MS), T0 + 2900 * MS);
	/* A time in the future counts as now. */
	assert_int_equal(lease_end(T0 + 5, T0, 1000 * MS), T0 + 2900 * MS);
	/* At least 1 ms less. */
	assert_int_equal(lease_end(T0, T0, 10 * MS), T0 + 29 * MS);
	assert_int_equal(lease_end(T0, T0, 5 * MS), T0 + 14 * MS);
	assert_int_equal(lease_end(T0, T0, 100 * MS), T0 + 290 * MS);
	/* Never before its begin. */
	assert_int_equal(lease_end(T0, T0, MS / 10), T0);
	/* Never as long as a peer waits: 3 intervals. */
	for (uint64_t ms = 10; ms <= 255000; ms += 10)
		assert_true(lease_end(T0, T0 + 1, ms * MS) < T0 + 3 * ms * MS);
}

static void
test_renew(void **state)
{
	struct lease lease;

	(void)state;
	lease_init(&lease, 1000 * MS);
	assert_false(lease_over(&lease, T0));
	assert_int_equal(lease_renew(&lease, 7, T0, T0), LEASE_UNKNOWN);
	assert_int_equal(lease_acquire(&lease, T0), LEASE_NONE);
	lease_open(&lease, 7, T0);
	assert_int_equal(lease.end, T0 + 2900 * MS);
	assert_int_equal(lease_renew(&lease, 8, T0, T0), LEASE_UNKNOWN);
	assert_int_equal(lease_renew(&lease, 0, T0, T0), LEASE_UNKNOWN);
	/* A late renewal counts from its advert, not from its arrival. */
	assert_int_equal(
	    lease_renew(&lease, 7, T0 + 1000 * MS, T0 + 2800 * MS), LEASE_NONE);
	assert_int_equal(lease.end, T0 + 3900 * MS);
	/* One that comes out of order shortens nothing. */
	assert_int_equal(
	    lease_renew(&lease, 7, T0 + 500 * MS, T0 + 2900 * MS), LEASE_NONE);
	assert_int_equal(lease.end, T0 + 3900 * MS);
	assert_false(lease_over(&lease, T0 + 3900 * MS - 1));
	assert_true(lease_over(&lease, T0 + 3900 * MS));
	/* After the end an advert is too late, its renewal before is not: the
	 * peers have heard it in time, whenever we read of it. */
	assert_int_equal(lease_renew(&lease, 7, T0 + 3900 * MS, T0 + 3900 * MS),
	    LEASE_EXPIRED);
	assert_int_equal(lease_renew(&lease, 7, T0 + 4000 * MS, T0 + 9000 * MS),
	    LEASE_EXPIRED);
	assert_int_equal(
	    lease_renew(&lease, 7, T0 + 2000 * MS, T0 + 9000 * MS), LEASE_NONE);
	assert_int_equal(lease.end, T0 + 4900 * MS);
	assert_true(lease_over(&lease, T0 + 9000 * MS));
	assert_int_equal(
	    lease_renew(&lease, 7, T0 + 4899 * MS, T0 + 9000 * MS), LEASE_NONE);
	assert_int_equal(lease.end, T0 + 7799 * MS);
	lease_close(&lease);
	assert_int_equal(lease_renew(&lease, 7, T0, T0), LEASE_UNKNOWN);
	assert_false(lease_over(&lease, T0 + 9000 * MS));
}

static void
test_rate(void **state)
{
	struct lease lease;

	(void)state;
	lease_init(&lease, 1000 * MS);
	assert_int_equal(lease_acquire(&lease, T0), LEASE_NONE);
	assert_int_equal(lease_acquire(&lease, T0 + 999 * MS), LEASE_RATE);
	assert_int_equal(lease_acquire(&lease, T0 + 1000 * MS), LEASE_NONE);
	lease_open(&lease, 1, T0 + 1000 * MS);
	/* While it runs an acquire asks for what it has. */
	assert_int_equal(lease_acquire(&lease, T0 + 1001 * MS), LEASE_NONE);
	lease_close(&lease);
	assert_int_equal(lease_acquire(&lease, T0 + 1500 * MS), LEASE_RATE);
	/* Also a clock that begins near 0 lets the first one through. */
	lease_init(&lease, 1000 * MS);
	assert_int_equal(lease_acquire(&lease, 1), LEASE_NONE);
}

static void
test_interval(void **state)
{
	struct lease lease;

	(void)state;
	lease_init(&lease, 1000 * MS);
	lease_open(&lease, 1, T0);
	lease_set_interval(&lease, 100 * MS);
	assert_int_equal(lease.end, T0 + 2900 * MS);
	/* The next advert tells the peers: a shorter lease from then on. */
	assert_int_equal(
	    lease_renew(&lease, 1, T0 + 10 * MS, T0 + 11 * MS), LEASE_NONE);
	assert_int_equal(lease.end, T0 + 300 * MS);
}

static void
test_resume(void **state)
{
	struct lease lease;

	(void)state;
	lease_init(&lease, 1000 * MS);
	lease_resume(&lease, 3, T0, T0);
	assert_true(lease_over(&lease, T0));
	lease_resume(&lease, 3, T0 + 2000 * MS, T0);
	assert_false(lease_over(&lease, T0));
	assert_int_equal(lease.end, T0 + 2000 * MS);
	assert_int_equal(lease_renew(&lease, 3, T0, T0 + 1), LEASE_NONE);
	lease_resume(&lease, 3, UINT64_MAX, T0);
	assert_int_equal(lease.end, T0 + 2900 * MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_end),
	    cmocka_unit_test(test_renew),
	    cmocka_unit_test(test_rate),
	    cmocka_unit_test(test_interval),
	    cmocka_unit_test(test_resume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
