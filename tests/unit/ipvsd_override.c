/* SPDX-License-Identifier: ISC */
/* Operators' overrides: what a TARGET means, and what is kept. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "ipvsd/running/override.h"

static struct conf_server servers[] = {
    {.id = 0, .port = 80, .node = "s1"},
    {.id = 1, .port = 8080},
    {.id = 2, .port = 80},
};
static struct conf_service service = {
    .name = "web", .port = 80, .servers = servers, .server_count = 3};
static struct conf_service other = {
    .name = "mail", .port = 25, .servers = servers, .server_count = 3};

static int
set_up(void **state)
{
	(void)state;
	return !addr_parse(&service.addr, "192.0.2.1") ||
	    !addr_parse(&other.addr, "2001:db8::1") ||
	    !addr_parse(&servers[0].addr, "10.0.0.21") ||
	    !addr_parse(&servers[1].addr, "10.0.0.21") ||
	    !addr_parse(&servers[2].addr, "2001:db8::22");
}

/* Which of the three servers of "web" a target means, as bits. */
static int
meant(const char *text, const struct conf_service *in)
{
	struct override_target target;
	int bits = 0;

	if (!override_target_parse(&target, text))
		return -1;
	for (int i = 0; i < 3; i++) {
		if (override_target_is(&target, in, &servers[i]))
			bits |= 1 << i;
	}
	return bits;
}

static void
test_target(void **state)
{
	(void)state;
	assert_int_equal(meant("s1", &service), 1);
	assert_int_equal(meant("web/s1", &service), 1);
	assert_int_equal(meant("web/s1", &other), 0);
	assert_int_equal(meant("s2", &service), 0);
	assert_int_equal(meant("10.0.0.21", &service), 3);
	assert_int_equal(meant("10.0.0.21:80", &service), 1);
	assert_int_equal(meant("web/10.0.0.21:8080", &service), 2);
	assert_int_equal(meant("2001:db8::22", &service), 4);
	assert_int_equal(meant("[2001:db8::22]:80", &service), 4);
	assert_int_equal(meant("[2001:db8::22]:81", &service), 0);
	assert_int_equal(meant("[2001:db8::22]", &service), 4);
	assert_int_equal(meant("", &service), -1);
	assert_int_equal(meant("/s1", &service), -1);
	assert_int_equal(meant("web/", &service), -1);
	assert_int_equal(meant("10.0.0.21:0", &service), -1);
	assert_int_equal(meant("10.0.0.21:65536", &service), -1);
	assert_int_equal(meant("10.0.0.21:80x", &service), -1);
	assert_int_equal(meant("10.0.0.21:-1", &service), -1);
	assert_int_equal(meant("[2001:db8::22", &service), -1);
	assert_int_equal(meant("[2001:db8::22]x", &service), -1);
	assert_int_equal(meant("name:80", &service), -1);
}

static void
test_too_long(void **state)
{
	char text[2 * CONF_NAME_MAX + 64];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(meant(text, &service), -1);
	text[CONF_NAME_MAX + 1] = '/';
	assert_int_equal(meant(text, &service), -1);
	text[CONF_NAME_MAX + 1] = '\0';
	assert_int_equal(meant(text, &service), -1);
	text[CONF_NAME_MAX] = '\0';
	assert_int_equal(meant(text, &service), 0);
}

static void
test_set(void **state)
{
	struct override_table *table = override_new();

	(void)state;
	assert_int_equal(
	    override_get(table, &service, &servers[0]), OVERRIDE_NONE);
	for (int i = 2; i >= 0; i--) {
		assert_true(override_set(
		    table, &service, &servers[i], OVERRIDE_DRAINED));
		assert_true(
		    override_set(table, &other, &servers[i], OVERRIDE_ENABLED));
	}
	assert_int_equal(override_count(table), 6);
	assert_true(override_set(table, &service, &servers[1], OVERRIDE_NONE));
	assert_true(override_set(table, &service, &servers[1], OVERRIDE_NONE));
	assert_int_equal(override_count(table), 5);
	assert_int_equal(
	    override_get(table, &service, &servers[0]), OVERRIDE_DRAINED);
	assert_int_equal(
	    override_get(table, &service, &servers[1]), OVERRIDE_NONE);
	assert_int_equal(
	    override_get(table, &service, &servers[2]), OVERRIDE_DRAINED);
	assert_int_equal(
	    override_get(table, &other, &servers[1]), OVERRIDE_ENABLED);
	override_free(table);
}

static void
test_kept(void **state)
{
	struct override_table *table = override_new(), *again = override_new();
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	override_set(table, &service, &servers[0], OVERRIDE_DRAINED);
	override_set(table, &other, &servers[2], OVERRIDE_ENABLED);
	override_save(file, table);
	fputs("nonsense\ndrained tcp 1.2.3 80 1.2.3.4 80\n", file);
	fputs("none tcp 1.2.3.4 80 1.2.3.4 80\n", file);
	rewind(file);
	override_load(again, file);
	assert_int_equal(override_count(again), 2);
	assert_int_equal(
	    override_get(again, &service, &servers[0]), OVERRIDE_DRAINED);
	assert_int_equal(
	    override_get(again, &other, &servers[2]), OVERRIDE_ENABLED);
	fclose(file);
	override_free(table);
	override_free(again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_target),
	    cmocka_unit_test(test_too_long),
	    cmocka_unit_test(test_set),
	    cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
