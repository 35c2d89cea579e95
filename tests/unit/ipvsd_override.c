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

static struct addr s1_addresses[1];
static struct conf_node nodes[] = {
    {.name = "s1", .addresses = {s1_addresses, 1}}};
static struct conf_service services[2];
static struct conf conf = {
    .nodes = nodes, .node_count = 1, .services = services, .service_count = 2};
static const struct override_target by_address;

static int
set_up(void **state)
{
	(void)state;
	return !addr_parse(&service.addr, "192.0.2.1") ||
	    !addr_parse(&other.addr, "2001:db8::1") ||
	    !addr_parse(&servers[0].addr, "10.0.0.21") ||
	    !addr_parse(&servers[1].addr, "10.0.0.21") ||
	    !addr_parse(&servers[2].addr, "2001:db8::22") ||
	    !addr_parse(&s1_addresses[0], "10.0.0.31");
}

/* Which of the three servers of "web" a target means, as bits. */
static int
meant(const char *text, const struct conf_service *in)
{
	struct override_target target;
	int bits = 0;

	if (!override_target_parse(&target, text, &conf))
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
	    override_get(table, &conf, &service, &servers[0]), OVERRIDE_NONE);
	for (int i = 2; i >= 0; i--) {
		assert_true(override_set(table, &conf, &service, &servers[i],
		    &by_address, OVERRIDE_DRAINED));
		assert_true(override_set(table, &conf, &other, &servers[i],
		    &by_address, OVERRIDE_ENABLED));
	}
	assert_int_equal(override_count(table), 6);
	assert_true(override_set(
	    table, &conf, &service, &servers[1], &by_address, OVERRIDE_NONE));
	assert_true(override_set(
	    table, &conf, &service, &servers[1], &by_address, OVERRIDE_NONE));
	assert_int_equal(override_count(table), 5);
	assert_int_equal(override_get(table, &conf, &service, &servers[0]),
	    OVERRIDE_DRAINED);
	assert_int_equal(
	    override_get(table, &conf, &service, &servers[1]), OVERRIDE_NONE);
	assert_int_equal(override_get(table, &conf, &service, &servers[2]),
	    OVERRIDE_DRAINED);
	assert_int_equal(
	    override_get(table, &conf, &other, &servers[1]), OVERRIDE_ENABLED);
	override_free(table);
}

static void
test_kept(void **state)
{
	struct override_table *table = override_new(), *again = override_new();
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	override_set(
	    table, &conf, &service, &servers[0], &by_address, OVERRIDE_DRAINED);
	override_set(
	    table, &conf, &other, &servers[2], &by_address, OVERRIDE_ENABLED);
	override_save(file, table);
	fputs("nonsense\ndrained tcp 1.2.3 80 1.2.3.4 80\n", file);
	fputs("none tcp 1.2.3.4 80 1.2.3.4 80\n", file);
	rewind(file);
	override_load(again, file);
	assert_int_equal(override_count(again), 2);
	assert_int_equal(override_get(again, &conf, &service, &servers[0]),
	    OVERRIDE_DRAINED);
	assert_int_equal(
	    override_get(again, &conf, &other, &servers[2]), OVERRIDE_ENABLED);
	fclose(file);
	override_free(table);
	override_free(again);
}

/* What a next configuration, where a node or a server has moved, finds. */
static enum override
next(struct override_table *table, int server)
{
	enum override found;

	override_begin(table);
	found = override_get(table, &conf, &service, &servers[server]);
	(void)override_settle(table);
	return found;
}

static uint32_t
absent(const struct override_table *table)
{
	uint64_t at = 0;
	uint32_t count = 0;

	while (override_absent(table, &at, NULL) != NULL)
		count++;
	return count;
}

static void
test_follows_the_node(void **state)
{
	struct override_table *table = override_new();
	struct override_target target;
	struct addr here = servers[0].addr;

	(void)state;
	assert_true(override_target_parse(&target, "s1", &conf));
	assert_true(override_set(
	    table, &conf, &service, &servers[0], &target, OVERRIDE_DRAINED));
	assert_true(addr_parse(&servers[0].addr, "10.0.0.99"));
	assert_int_equal(next(table, 0), OVERRIDE_DRAINED);
	/* Its former address is another's now. */
	servers[2].addr = here;
	assert_int_equal(next(table, 2), OVERRIDE_NONE);
	assert_int_equal(absent(table), 1);
	/* A server that is written by the node's address is the node. */
	servers[2].addr = s1_addresses[0];
	assert_int_equal(next(table, 2), OVERRIDE_DRAINED);
	assert_int_equal(absent(table), 0);
	/* Without a node of that name its last address is meant. */
	conf.node_count = 0;
	assert_int_equal(next(table, 0), OVERRIDE_NONE);
	assert_int_equal(next(table, 2), OVERRIDE_DRAINED);
	conf.node_count = 1;
	servers[0].addr = here;
	override_free(table);
}

static void
test_absent(void **state)
{
	struct override_table *table = override_new();
	struct override_target target;

	(void)state;
	services[0] = service;
	for (int i = 0; i < 3; i++)
		assert_true(override_set(table, &conf, &service, &servers[i],
		    &by_address, OVERRIDE_DRAINED));
	assert_int_equal(next(table, 0), OVERRIDE_DRAINED);
	assert_int_equal(absent(table), 2);
	/* One that is not absent is not ended by this. */
	assert_true(override_target_parse(&target, "10.0.0.21:80", &conf));
	assert_int_equal(override_end(table, &target), 0);
	assert_true(override_target_parse(&target, "10.0.0.21:8080", &conf));
	assert_int_equal(override_end(table, &target), 1);
	assert_true(override_target_parse(&target, "mail/10.0.0.1", &conf));
	assert_int_equal(override_end(table, &target), 0);
	assert_true(addr_parse(&target.addr, "2001:db8::77"));
	strcpy(target.service, "web");
	target.addr = servers[2].addr;
	assert_int_equal(override_end(table, &target), 1);
	assert_int_equal(override_count(table), 1);
	override_free(table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_target),
	    cmocka_unit_test(test_too_long),
	    cmocka_unit_test(test_set),
	    cmocka_unit_test(test_kept),
	    cmocka_unit_test(test_follows_the_node),
	    cmocka_unit_test(test_absent),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
