/* SPDX-License-Identifier: ISC */
/* vrrpd/packet/outgoing.c: adverts that this host sends, of any content. */
#include <stdlib.h>
#include <string.h>

#include "packet_util.h"
#include "vrrpd/packet/outgoing.h"

/* 10.0.0.12 says VRID 7, priority 50: version 3, and version 2 with a password
 * behind an IP option. */
static const uint8_t three[32] = {0x45, 0xc0, 0, 32, 0, 0, 0, 0, 255, 112, 0, 0,
    10, 0, 0, 12, 224, 0, 0, 18, 0x31, 7, 50, 1, 0, 100, 0, 0, 10, 0, 0, 100};
static const uint8_t two[44] = {0x46, 0xc0, 0, 44, 0, 0, 0, 0, 255, 112, 0, 0,
    10, 0, 0, 12, 224, 0, 0, 18, 0x94, 4, 0, 0, 0x21, 7, 50, 1, 1, 1, 0, 0, 10,
    0, 0, 100, 's', 'e', 'c', 'r', 'e', 't'};
/* fe80::12 says the same. */
static const uint8_t six[48] = {0x6c, 0, 0, 0, 0, 8, 112, 255, 0xfe, 0x80, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0x12, 0x31, 7, 50, 0, 0, 100, 0, 0};
static struct outgoing found;

/* Of a copy that ends where it ends, so that reading on is seen. */
static bool
reads(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	bool good;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	good = outgoing_decode(&found, copy, len);
	free(copy);
	return good;
}

static void
assert_found(const char *text)
{
	struct addr wanted = address(text);

	assert_true(addr_equal(&found.source, &wanted));
	assert_int_equal(found.family, wanted.family);
	assert_int_equal(found.vrid, 7);
	assert_int_equal(found.priority, 50);
}

static void
test_good(void **state)
{
	(void)state;
	assert_true(reads(three, sizeof(three)));
	assert_found("10.0.0.12");
	assert_true(reads(two, sizeof(two)));
	assert_found("10.0.0.12");
	assert_true(reads(six, sizeof(six)));
	assert_found("fe80::12");
}

/* The header and the eight bytes of an advert are all that is read. */
static void
test_short(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(three); len++)
		assert_int_equal(reads(three, len), len >= 28);
	for (size_t len = 0; len < sizeof(two); len++)
		assert_int_equal(reads(two, len), len >= 32);
	for (size_t len = 0; len < sizeof(six); len++)
		assert_false(reads(six, len));
}

static void
test_other(void **state)
{
	uint8_t bytes[sizeof(six)];

	(void)state;
	memcpy(bytes, three, sizeof(three));
	bytes[9] = 17; /* UDP */
	assert_false(reads(bytes, sizeof(three)));
	bytes[9] = 112;
	bytes[20] = 0x32; /* no advertisement */
	assert_false(reads(bytes, sizeof(three)));
	bytes[20] = 0x31;
	bytes[0] = 0x44; /* shorter than a header */
	assert_false(reads(bytes, sizeof(three)));
	bytes[0] = 0x4f; /* longer than the packet */
	assert_false(reads(bytes, sizeof(three)));
	bytes[0] = 0x55;
	assert_false(reads(bytes, sizeof(three)));
	memcpy(bytes, six, sizeof(six));
	bytes[6] = 58; /* ICMPv6 */
	assert_false(reads(bytes, sizeof(six)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_short),
	    cmocka_unit_test(test_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
