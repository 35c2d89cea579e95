/* SPDX-License-Identifier: ISC */
/* What vipctl lets through to a terminal, and how it writes durations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vipctl/text.h"

static void
check_clean(const char *text, enum text_keep keep, const char *wanted)
{
	char buf[128];

	snprintf(buf, sizeof(buf), "%s", text);
	text_clean(buf, keep);
	assert_string_equal(buf, wanted);
}

static void
terminal_controls_are_replaced(void **state)
{
	(void)state;
	check_clean("plain 1.2.3.4:80", KEEP_PRINTABLE, "plain 1.2.3.4:80");
	check_clean("\x1b[2Jx\x07\r\n\ty\x7f", KEEP_PRINTABLE, "?[2Jx????y?");
	check_clean("a\nb\tc\x1b", KEEP_LINES, "a\nb\tc?");
	/* C1 controls: U+009B begins a sequence as ESC [ does. */
	check_clean("a\xc2\x9b"
		    "31m",
	    KEEP_PRINTABLE, "a??31m");
	/* Right-to-left override and isolate. */
	check_clean("\xe2\x80\xae"
		    "a",
	    KEEP_PRINTABLE, "???a");
	check_clean("\xe2\x81\xa7"
		    "a",
	    KEEP_PRINTABLE, "???a");
	check_clean("gr\xc3\xbc\xc3\x9f", KEEP_PRINTABLE, "gr\xc3\xbc\xc3\x9f");
}

static void
invalid_utf8_is_replaced(void **state)
{
	static const enum text_keep keeps[] = {
	    KEEP_PRINTABLE, KEEP_LINES, KEEP_VALID};

	(void)state;
	for (size_t i = 0; i < sizeof(keeps) / sizeof(keeps[0]); i++) {
		check_clean("\xff", keeps[i], "?");
		check_clean("\x80x", keeps[i], "?x");
		/* Cut off at the end, overlong, surrogate, too large. */
		check_clean("a\xe2\x82", keeps[i], "a??");
		check_clean("\xc0\xaf", keeps[i], "??");
		check_clean("\xe0\x80\xaf", keeps[i], "???");
		check_clean("\xed\xa0\x80", keeps[i], "???");
		check_clean("\xf4\x90\x80\x80", keeps[i], "????");
		check_clean("\xf0\x9f\x90\xa7", keeps[i], "\xf0\x9f\x90\xa7");
	}
	check_clean("\x1b\n\xc2\x9b", KEEP_VALID, "\x1b\n\xc2\x9b");
	check_clean("\xff\x1b", KEEP_RAW, "\xff\x1b");
}

static void
width_counts_characters(void **state)
{
	(void)state;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("gr\xc3\xbc\xc3\x9f"), 4);
}

static void
durations_are_written_for_people(void **state)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} cases[] = {
	    {0, "0 ms"},
	    {999, "999 ms"},
	    {1000, "1.0 s"},
	    {3290, "3.2 s"},
	    {9999, "9.9 s"},
	    {10000, "10 s"},
	    {59999, "59 s"},
	    {60000, "1 m 0 s"},
	    {133000, "2 m 13 s"},
	    {3599999, "59 m 59 s"},
	    {3600000, "1 h 0 m"},
	    {86399999, "23 h 59 m"},
	    {86400000, "1 d 0 h"},
	    {4 * 86400000ULL + 7 * 3600000ULL, "4 d 7 h"},
	    {UINT64_MAX, "213503982334 d 14 h"},
	};
	char buf[DURATION_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
		    duration_format(cases[i].ms, buf), cases[i].text);
}

static void
durations_are_read_with_a_unit(void **state)
{
	static const char *const bad[] = {"", "s", "30", "-1s", "+1s", " 1s",
	    "1 s", "1.5s", "1w", "30ss", "999999999999d", "0x10s",
	    "18446744073709551615ms"};
	uint64_t ms;

	(void)state;
	assert_true(duration_parse("250ms", &ms));
	assert_int_equal(ms, 250);
	assert_true(duration_parse("30s", &ms));
	assert_int_equal(ms, 30000);
	assert_true(duration_parse("5m", &ms));
	assert_int_equal(ms, 300000);
	assert_true(duration_parse("2h", &ms));
	assert_int_equal(ms, 7200000);
	assert_true(duration_parse("1d", &ms));
	assert_int_equal(ms, 86400000);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (duration_parse(bad[i], &ms))
			fail_msg("\"%s\" was taken", bad[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(terminal_controls_are_replaced),
	    cmocka_unit_test(invalid_utf8_is_replaced),
	    cmocka_unit_test(width_counts_characters),
	    cmocka_unit_test(durations_are_written_for_people),
	    cmocka_unit_test(durations_are_read_with_a_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
