/* SPDX-License-Identifier: ISC */
/* The gate for messages that strangers provoke. */
#include "clock.h"
#include "log.h"
#include "unit.h"

static void
bursts_and_counts(void **state)
{
	struct log_limit limit = {0};
	uint32_t suppressed;
	uint64_t now = NS_PER_SEC;

	(void)state;
	assert_true(log_limit(&limit, now, 2, NS_PER_SEC, &suppressed));
	assert_true(log_limit(&limit, now, 2, NS_PER_SEC, &suppressed));
	for (int i = 0; i < 5; i++)
		assert_false(
		    log_limit(&limit, now + 1, 2, NS_PER_SEC, &suppressed));
	assert_false(log_limit(
	    &limit, now + NS_PER_SEC - 1, 2, NS_PER_SEC, &suppressed));
	assert_true(
	    log_limit(&limit, now + NS_PER_SEC, 2, NS_PER_SEC, &suppressed));
	assert_int_equal(suppressed, 6);
	assert_true(
	    log_limit(&limit, now + NS_PER_SEC, 2, NS_PER_SEC, &suppressed));
	assert_int_equal(suppressed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bursts_and_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
