/* SPDX-License-Identifier: ISC */
/* checkd/verdict.c: rise, fall, the first verdict, and what is said. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "checkd/verdict.h"
#include "link/msg.h"

/*
 * Results in a row ('+' success, '-' failure, 'l' a limit of ours) and the
 * health after each (u up, d down, ? unknown).
 */
static const struct story {
	uint16_t rise;
	uint16_t fall;
	const char *results;
	const char *healths;
} stories[] = {
    {2, 3, "+", "u"},
    {2, 3, "-", "d"},
    {2, 3, "+--+---", "uuuuuud"},
    {2, 3, "+---+-++", "uuuddddu"},
    {2, 3, "-++", "ddu"},
    {2, 3, "-+-+-++", "ddddddu"},
    {1, 1, "+-+-", "udud"},
    {5, 1, "+-+++++", "udddddu"},
    {1, 5, "+----+-----", "uuuuuuuuuud"},
    /* a limit says nothing about the server and breaks no row */
    {2, 3, "lll+", "???u"},
    {2, 3, "+--l-", "uuuud"},
    {2, 3, "+--lll+--", "uuuuuuuuu"},
};

static void
test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		const struct story *story = &stories[i];
		struct verdict verdict = {0};

		for (int n = 0; story->results[n] != '\0'; n++) {
			struct result result = {
			    .reason = story->results[n] == '+' ? REASON_OK :
				story->results[n] == 'l'       ? REASON_LIMIT :
								 REASON_REFUSED};
			enum health before = verdict.health;
			enum verdict_change change = verdict_take(
			    &verdict, &result, story->rise, story->fall);

			if ("?ud"[verdict.health] != story->healths[n])
				fail_msg("%s %s: after result %d: %s",
				    story->results, story->healths, n + 1,
				    health_name(verdict.health));
			assert_int_equal(
			    change == VERDICT_HEALTH, before != verdict.health);
		}
	}
}

/* What was in force before the first result stays until rise or fall. */
static void
test_former(void **state)
{
	static const struct {
		enum health former;
		const char *results;
		const char *healths;
	} begins[] = {
	    {HEALTH_UP, "---", "??d"},
	    {HEALTH_UP, "--+---", "??uuud"},
	    {HEALTH_DOWN, "++", "?u"},
	    {HEALTH_DOWN, "+-++", "?ddu"},
	    {HEALTH_UP, "l--l-", "????d"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		struct verdict verdict = {.former = begins[i].former};

		for (int n = 0; begins[i].results[n] != '\0'; n++) {
			struct result result = {
			    .reason = begins[i].results[n] == '+' ? REASON_OK :
				begins[i].results[n] == 'l' ? REASON_LIMIT :
							      REASON_REFUSED};

			verdict_take(&verdict, &result, 2, 3);
			assert_int_equal(
			    "?ud"[verdict.health], begins[i].healths[n]);
		}
	}
}

/* The same failure again is no news, another reason is. */
static void
test_change(void **state)
{
	static const struct result refused = {REASON_REFUSED, 111, 50};
	static const struct result slower = {REASON_REFUSED, 111, 5000};
	static const struct result bad = {REASON_STATUS, 503, 50};
	static const struct result worse = {REASON_STATUS, 500, 50};
	struct verdict verdict = {0};

	(void)state;
	assert_int_equal(
	    verdict_take(&verdict, &refused, 2, 3), VERDICT_HEALTH);
	assert_int_equal(verdict_take(&verdict, &slower, 2, 3), VERDICT_SAME);
	assert_int_equal(verdict.last.latency, 5000);
	assert_int_equal(verdict_take(&verdict, &bad, 2, 3), VERDICT_REASON);
	assert_int_equal(verdict_take(&verdict, &worse, 2, 3), VERDICT_REASON);
	assert_int_equal(verdict.streak, 4);
}

static void
test_errno(void **state)
{
	(void)state;
	assert_int_equal(verdict_reason_errno(0), REASON_OK);
	assert_int_equal(verdict_reason_errno(ECONNREFUSED), REASON_REFUSED);
	assert_int_equal(
	    verdict_reason_errno(EHOSTUNREACH), REASON_UNREACHABLE);
	assert_int_equal(
	    verdict_reason_errno(ETIMEDOUT), REASON_TIMEOUT_CONNECT);
	assert_int_equal(verdict_reason_errno(ECONNRESET), REASON_CLOSED);
	assert_int_equal(verdict_reason_errno(EMFILE), REASON_LIMIT);
	assert_int_equal(verdict_reason_errno(EPROTO), REASON_ERROR);
}

static void
test_text(void **state)
{
	struct verdict verdict = {.health = HEALTH_DOWN,
	    .last = {.reason = REASON_REFUSED},
	    .streak = 3};
	char buf[128];

	(void)state;
	assert_string_equal(verdict_text(&verdict, HEALTH_UP, buf, sizeof(buf)),
	    "up -> down, connection refused, 3 failures");
	verdict = (struct verdict){.health = HEALTH_UP,
	    .success = true,
	    .last = {.reason = REASON_OK},
	    .streak = 1};
	assert_string_equal(
	    verdict_text(&verdict, HEALTH_UNKNOWN, buf, sizeof(buf)),
	    "unknown -> up, ok, 1 success");
	verdict.streak = 2;
	assert_string_equal(
	    verdict_text(&verdict, HEALTH_DOWN, buf, sizeof(buf)),
	    "down -> up, ok, 2 successes");
}

static void
test_put(void **state)
{
	static const uint8_t wanted[VERDICT_LEN] = {0, 1, 0, 2, HEALTH_DOWN,
	    REASON_STATUS, 0, 0, 1, 0, 0, 0, 0x01, 0xf7};
	struct verdict verdict = {
	    .health = HEALTH_DOWN, .last = {REASON_STATUS, 503, 256}};
	uint8_t buf[VERDICT_LEN];
	struct writer writer;

	(void)state;
	writer_init(&writer, buf, sizeof(buf));
	verdict_put(&writer, MSG_LEVEL, 0x10002, &verdict);
	assert_false(writer.error);
	assert_int_equal(writer.len, VERDICT_LEN);
	assert_memory_equal(buf, wanted, VERDICT_LEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_stories),
	    cmocka_unit_test(test_former),
	    cmocka_unit_test(test_change),
	    cmocka_unit_test(test_errno),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
