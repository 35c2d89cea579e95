/* SPDX-License-Identifier: ISC */
/* Who may read on when all hold much, and who goes on when some have ended. */
#include "checkd/budget.h"
#include "unit.h"

static unsigned went_on;

static void
count(struct budget_share *share)
{
	(void)share;
	went_on++;
}

static void
a_little_is_always_free(void **state)
{
	struct budget_share greedy = {.go_on = count}, other = {.go_on = count};

	(void)state;
	assert_true(budget_take(&greedy, BUDGET_MAX));
	assert_false(budget_take(&greedy, 1));
	assert_true(budget_take(&other, BUDGET_OWN));
	assert_false(budget_take(&other, 1));
	went_on = 0;
	budget_end(&greedy);
	assert_int_equal(went_on, 1);
	assert_true(budget_take(&other, BUDGET_READ));
	budget_end(&other);
}

/* As many as there is room for, those that have waited for longest. */
static void
room_for_some(void **state)
{
	struct budget_share greedy = {.go_on = count};
	struct budget_share shares[8] = {{.go_on = NULL}};

	(void)state;
	assert_true(budget_take(&greedy, BUDGET_MAX));
	for (int i = 0; i < 8; i++) {
		shares[i].go_on = count;
		assert_false(budget_take(&shares[i], BUDGET_OWN + 1));
	}
	went_on = 0;
	budget_give(&greedy, (size_t)8 * (BUDGET_OWN + 1) + 3 * BUDGET_READ);
	assert_int_equal(went_on, 3);
	budget_give(&greedy, BUDGET_READ - 1);
	assert_int_equal(went_on, 3);
	for (int i = 0; i < 8; i++)
		assert_int_equal(shares[i].waiting, i >= 3);
	/* One that reads is no longer promised anything. */
	assert_true(budget_take(&shares[0], 1));
	budget_end(&shares[1]);
	assert_int_equal(
	    went_on, 3 + 1 + (BUDGET_OWN + BUDGET_READ) / BUDGET_READ);
	for (int i = 0; i < 8; i++)
		budget_end(&shares[i]);
	budget_end(&greedy);
	/* Nothing is left over. */
	assert_true(budget_take(&greedy, BUDGET_MAX));
	budget_end(&greedy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_little_is_always_free),
	    cmocka_unit_test(room_for_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
