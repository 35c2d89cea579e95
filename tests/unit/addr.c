/* SPDX-License-Identifier: ISC */
/* Addresses: text both ways, order, subnets. */
#include <sys/socket.h>

#include <string.h>

#include "addr.h"
#include "unit.h"

static struct addr
parse(const char *text)
{
	struct addr addr;

	assert_true(addr_parse(&addr, text));
	return addr;
}

static void
text_round_trip(void **state)
{
	static const char *const texts[][2] = {
	    {"10.0.0.1", "10.0.0.1"},
	    {"255.255.255.255", "255.255.255.255"},
	    {"2001:DB8:0:0::1", "2001:db8::1"},
	    {"::", "::"},
	    {"::ffff:10.0.0.1", "::ffff:10.0.0.1"},
	};
	char buf[ADDR_STRLEN];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct addr addr = parse(texts[i][0]);

		assert_string_equal(addr_format(&addr, buf), texts[i][1]);
	}
}

static void
bad_text_changes_nothing(void **state)
{
	static const char *const texts[] = {"", "10.0.0", "10.0.0.256",
	    "10.0.0.1 ", "2001:db8", "::1%eth0", "[::1]", "10.0.0.1/24"};
	struct addr addr = parse("192.0.2.7"), before = addr;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_false(addr_parse(&addr, texts[i]));
		assert_memory_equal(&addr, &before, sizeof(addr));
	}
}

static void
with_port(void **state)
{
	struct addr four = parse("10.0.0.1"), six = parse("fe80::1");
	char buf[ADDR_PORT_STRLEN];

	(void)state;
	assert_string_equal(addr_port_format(&four, 80, buf), "10.0.0.1:80");
	assert_string_equal(addr_port_format(&six, 443, buf), "[fe80::1]:443");
}

static void
order_is_unsigned(void **state)
{
	struct addr low = parse("10.0.0.1"), high = parse("200.0.0.1");
	struct addr six = parse("::1");

	(void)state;
	assert_true(addr_cmp(&low, &high) < 0);
	assert_true(addr_cmp(&high, &low) > 0);
	assert_true(addr_cmp(&low, &six) < 0);
	assert_true(addr_equal(&low, &low));
	assert_false(addr_equal(&low, &high));
}

static void
kinds(void **state)
{
	struct addr addr = parse("fe80::1");

	(void)state;
	assert_true(addr_is_link_local(&addr));
	addr = parse("febf::1");
	assert_true(addr_is_link_local(&addr));
	addr = parse("fec0::1");
	assert_false(addr_is_link_local(&addr));
	addr = parse("224.0.0.18");
	assert_true(addr_is_multicast(&addr));
	addr = parse("ff02::12");
	assert_true(addr_is_multicast(&addr));
	addr = parse("0.0.0.0");
	assert_true(addr_is_any(&addr));
	addr = parse("0.0.0.1");
	assert_false(addr_is_any(&addr));
}

static void
sockaddr_round_trip(void **state)
{
	struct addr addr = parse("2001:db8::7"), back;
	struct sockaddr_storage storage;
	socklen_t len = addr_to_sockaddr(&addr, 8080, &storage);
	uint16_t port;

	(void)state;
	assert_int_not_equal(len, 0);
	assert_true(
	    addr_from_sockaddr(&back, &port, (struct sockaddr *)&storage, len));
	assert_true(addr_equal(&addr, &back));
	assert_int_equal(port, 8080);
	assert_false(
	    addr_from_sockaddr(&back, &port, (struct sockaddr *)&storage, 4));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_round_trip),
	    cmocka_unit_test(bad_text_changes_nothing),
	    cmocka_unit_test(with_port),
	    cmocka_unit_test(order_is_unsigned),
	    cmocka_unit_test(kinds),
	    cmocka_unit_test(sockaddr_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
