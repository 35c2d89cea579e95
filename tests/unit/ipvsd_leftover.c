/* SPDX-License-Identifier: ISC */
/* ipvsd/desired/leftover.c: whose an address on this host is. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "desired/leftover.h"
#include "ipvsd_make.h"

static struct made made;
static struct addr own;
static struct conf_node nodes[2];

static int
setup(void **state)
{
	(void)state;
	make(&made);
	memset(nodes, 0, sizeof(nodes));
	assert_true(addr_parse(&own, "10.0.0.100"));
	made.conf.nodes = nodes;
	made.conf.node_count = 2;
	return 0;
}

/* The live address, beside the instance's 10.0.0.100/24 on eth0. */
static enum leftover
judge(const char *interface, const char *addr, uint8_t prefix, bool ours)
{
	struct live_address live = {.prefix = prefix, .ours = ours};

	assert_true(addr_parse(&live.addr, addr));
	(void)snprintf(live.interface, sizeof(live.interface), "%s", interface);
	return leftover_judge(
	    &made.conf, &made.conf.instances[0].addresses[0], &live);
}

static void
test_place(void **state)
{
	(void)state;
	assert_int_equal(judge("eth0", "10.0.0.100", 24, false), LEFTOVER_SAME);
	assert_int_equal(
	    judge("eth0", "10.0.0.100", 32, false), LEFTOVER_ALIKE);
	assert_int_equal(
	    judge("eth1", "10.0.0.100", 24, false), LEFTOVER_ALIKE);
	assert_int_equal(judge("lo", "10.0.0.100", 32, false), LEFTOVER_ALIKE);
	assert_int_equal(judge("eth0", "10.0.0.101", 24, false), LEFTOVER_NONE);
	assert_int_equal(judge("eth0", "::", 24, false), LEFTOVER_NONE);
}

static void
test_ours(void **state)
{
	(void)state;
	assert_int_equal(judge("eth0", "10.0.0.100", 24, true), LEFTOVER_NONE);
	assert_int_equal(judge("eth0", "10.0.0.100", 32, true), LEFTOVER_NONE);
}

/* What `nodes` gives to this host, and not what it gives to another one. */
static void
test_owner(void **state)
{
	(void)state;
	nodes[1].addresses.list = &own;
	nodes[1].addresses.count = 1;
	assert_int_equal(judge("eth0", "10.0.0.100", 24, false), LEFTOVER_SAME);
	nodes[1].self = true;
	assert_int_equal(judge("eth0", "10.0.0.100", 24, false), LEFTOVER_NONE);
	assert_int_equal(judge("eth1", "10.0.0.100", 16, false), LEFTOVER_NONE);
}

/* A real server has the service's address on lo, and nowhere else. */
static void
test_real_server(void **state)
{
	(void)state;
	make_service(&made, "10.0.0.100", "rr");
	make_server(&made, "10.0.0.21", 1);
	assert_int_equal(judge("lo", "10.0.0.100", 32, false), LEFTOVER_ALIKE);
	made.servers[0][0].local = true;
	assert_int_equal(judge("lo", "10.0.0.100", 32, false), LEFTOVER_NONE);
	assert_int_equal(judge("eth0", "10.0.0.100", 24, false), LEFTOVER_SAME);
}

/* All of one address, whatever stands around them. */
static void
test_next(void **state)
{
	struct live_address list[5];
	struct live_addresses live = {.list = list, .count = 5};
	static const char *const addrs[] = {"10.0.0.99", "10.0.0.100",
	    "10.0.0.100", "10.0.0.100", "10.0.0.101"};
	const struct conf_address *address = &made.conf.instances[0]
						  .addresses[0];
	enum leftover what;
	uint32_t at = 0;

	(void)state;
	memset(list, 0, sizeof(list));
	for (uint32_t i = 0; i < 5; i++) {
		assert_true(addr_parse(&list[i].addr, addrs[i]));
		list[i].prefix = 24;
		list[i].ifindex = i;
		strcpy(list[i].interface, i == 3 ? "eth1" : "eth0");
	}
	list[2].ours = true;
	assert_ptr_equal(
	    leftover_next(&made.conf, address, &live, &at, &what), &list[1]);
	assert_int_equal(what, LEFTOVER_SAME);
	assert_ptr_equal(
	    leftover_next(&made.conf, address, &live, &at, &what), &list[3]);
	assert_int_equal(what, LEFTOVER_ALIKE);
	assert_null(leftover_next(&made.conf, address, &live, &at, &what));
	at = live.count = 0;
	assert_null(leftover_next(&made.conf, address, &live, &at, &what));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_place, setup),
	    cmocka_unit_test_setup(test_ours, setup),
	    cmocka_unit_test_setup(test_owner, setup),
	    cmocka_unit_test_setup(test_real_server, setup),
	    cmocka_unit_test_setup(test_next, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
