/* SPDX-License-Identifier: ISC */
/* Values as texts, likeness of names, and the table of names. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "load/names.h"
#include "conf/text.h"

static void
durations(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
		const char *canonical;
	} good[] = {
	    {"0s", 0, "0s"},
	    {"0ms", 0, "0s"},
	    {"10ms", 10, "10ms"},
	    {"1000ms", 1000, "1s"},
	    {"1500ms", 1500, "1500ms"},
	    {"60s", 60000, "1m"},
	    {"90s", 90000, "90s"},
	    {"5m", 300000, "5m"},
	    {"24h", 86400000, "24h"},
	    {"2d", 172800000, "48h"},
	    {"4294967295d", UINT64_C(4294967295) * 86400000, "103079215080h"},
	};
	static const char *const bad[] = {"", "s", "1", "1 s", "-1s", "1.5s",
	    "1S", "1sec", "0x1s", "4294967296ms", "1s ", "+1s"};
	char buf[DURATION_STRLEN];
	uint64_t ms;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(text_duration(good[i].text, &ms));
		assert_true(ms == good[i].ms);
		assert_string_equal(
		    text_duration_format(ms, buf), good[i].canonical);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(text_duration(bad[i], &ms));
}

static void
numbers(void **state)
{
	uint32_t value;

	(void)state;
	assert_true(text_number("0", &value) && value == 0);
	assert_true(text_number("4294967295", &value) && value == UINT32_MAX);
	assert_true(text_number("007", &value) && value == 7);
	assert_false(text_number("4294967296", &value));
	assert_false(text_number("18446744073709551617", &value));
	assert_false(text_number("", &value));
	assert_false(text_number("1a", &value));
	assert_false(text_number("-1", &value));
}

static void
addresses(void **state)
{
	struct addr addr;
	uint16_t port, low, high;
	uint8_t prefix;

	(void)state;
	assert_true(text_prefixed("10.0.0.1", &addr, &prefix));
	assert_int_equal(prefix, 32);
	assert_true(text_prefixed("2001:db8::1/0", &addr, &prefix));
	assert_int_equal(prefix, 0);
	assert_false(text_prefixed("10.0.0.1/", &addr, &prefix));
	assert_false(text_prefixed("10.0.0.1/33", &addr, &prefix));
	assert_false(text_prefixed("10.0.0.1/24/24", &addr, &prefix));
	assert_true(text_endpoint("10.0.0.1:65535", &addr, &port));
	assert_int_equal(port, 65535);
	assert_true(text_endpoint("[::1]:80", &addr, &port));
	assert_int_equal(addr.family, AF_INET6);
	assert_false(text_endpoint("::1:80", &addr, &port));
	assert_false(text_endpoint("[::1]80", &addr, &port));
	assert_false(text_endpoint("[]:80", &addr, &port));
	assert_false(text_endpoint("[:80", &addr, &port));
	assert_false(text_endpoint(":80", &addr, &port));
	assert_false(text_endpoint("10.0.0.1:65536", &addr, &port));
	assert_true(text_status("200-299", &low, &high));
	assert_true(low == 200 && high == 299);
	assert_true(text_status("404", &low, &high) && low == 404);
	assert_false(text_status("200-", &low, &high));
	assert_false(text_status("-200", &low, &high));
}

static void
distances(void **state)
{
	(void)state;
	assert_int_equal(text_distance("", "", 2), 0);
	assert_int_equal(text_distance("kitten", "sitting", 5), 3);
	assert_int_equal(text_distance("vird", "vrid", 2), 1);
	assert_int_equal(text_distance("eht0", "eth0", 2), 1);
	assert_int_equal(text_distance("ab", "ba", 2), 1);
	assert_int_equal(text_distance("abcd", "badc", 2), 2);
	assert_int_equal(text_distance("abc", "abcdefg", 2), 3);
}

static void
tables(void **state)
{
	static char keys[20000][8];
	struct names table = {NULL, 0, 0};
	uint32_t i;

	(void)state;
	assert_int_equal(names_get_text(&table, "none"), NAMES_NONE);
	for (i = 0; i < 20000; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%u", i);
		assert_int_equal(names_put_text(&table, keys[i], i), i);
	}
	for (i = 0; i < 20000; i++) {
		assert_int_equal(names_get_text(&table, keys[i]), i);
		assert_int_equal(names_put_text(&table, keys[i], 7), i);
	}
	assert_int_equal(table.count, 20000);
	assert_int_equal(names_get_text(&table, "k20000"), NAMES_NONE);
	names_free(&table);
	names_put_text(&table, "netology1", 1);
	names_put_text(&table, "netology9", 1);
	assert_string_equal(names_like(&table, "netolgy1"), "netology1");
	assert_null(names_like(&table, "something"));
	names_free(&table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(durations),
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(distances),
	    cmocka_unit_test(tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
