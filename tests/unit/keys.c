/* SPDX-License-Identifier: ISC */
/* The table from keys to numbers. */
#include "unit.h"

#include "digest.h"
#include "keys.h"

static void
test_found(void **state)
{
	enum { MANY = 10000 };
	struct keys *keys = keys_new(MANY);

	(void)state;
	assert_non_null(keys);
	for (uint32_t i = 0; i < MANY; i++)
		assert_true(keys_put(keys, digest_mix(i + 1), i));
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(keys_take(keys, digest_mix(i + 1)), i);
	assert_int_equal(keys_take(keys, digest_mix(MANY + 1)), KEYS_NONE);
	keys_free(keys);
}

/* 0 is no key, the first of two stays, and there is an end. */
static void
test_refused(void **state)
{
	struct keys *keys = keys_new(2);

	(void)state;
	assert_false(keys_put(keys, 0, 1));
	assert_int_equal(keys_take(keys, 0), KEYS_NONE);
	assert_true(keys_put(keys, 7, 1));
	assert_false(keys_put(keys, 7, 2));
	assert_int_equal(keys_take(keys, 7), 1);
	assert_int_equal(keys_take(keys, 7), KEYS_NONE);
	assert_true(keys_put(keys, 8, 2));
	assert_false(keys_put(keys, 9, 3));
	assert_int_equal(keys_take(keys, 9), KEYS_NONE);
	keys_free(keys);
}

static void
test_empty(void **state)
{
	struct keys *keys = keys_new(0);

	(void)state;
	assert_false(keys_put(keys, 1, 1));
	assert_int_equal(keys_take(keys, 1), KEYS_NONE);
	keys_free(keys);
	keys_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_found),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
