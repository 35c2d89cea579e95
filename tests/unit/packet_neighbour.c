/* SPDX-License-Identifier: ISC */
/* vrrpd/packet/neighbour.c: ARP and neighbour advertisements of any content. */
#include <stdlib.h>
#include <string.h>

#include "packet_util.h"
#include "vrrpd/packet/neighbour.h"

static const uint8_t good_arp[28] = {0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 9,
    10, 0, 0, 100, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1};
static const uint8_t good_advert[32] = {136, 0, 0, 0, 0x20, 0, 0, 0, 0xfe, 0x80,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 1, 2, 0, 0, 0, 0, 9};
static struct neighbour found;

/* Of a copy that ends where it ends, so that reading on is seen. */
static bool
reads(const uint8_t *bytes, size_t len, uint8_t family, int hops)
{
	const struct vrrp_ip ip = {.family = family, .ttl = hops};
	uint8_t *copy = malloc(len + 1);
	bool good;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	copy = realloc(copy, len > 0 ? len : 1);
	assert_non_null(copy);
	good = neighbour_decode(&found, copy, len, &ip);
	free(copy);
	return good;
}

static void
assert_found(const char *text)
{
	struct addr wanted = address(text);
	char mac[NEIGHBOUR_MAC_STRLEN];

	assert_true(addr_equal(&found.addr, &wanted));
	assert_string_equal(
	    neighbour_mac_format(found.mac, mac), "02:00:00:00:00:09");
}

static void
test_arp(void **state)
{
	uint8_t bytes[sizeof(good_arp)];

	(void)state;
	assert_true(reads(good_arp, sizeof(good_arp), AF_INET, -1));
	assert_found("10.0.0.100");
	for (size_t len = 0; len < sizeof(good_arp); len++)
		assert_false(reads(good_arp, len, AF_INET, -1));
	for (size_t at = 0; at < 6; at++) {
		memcpy(bytes, good_arp, sizeof(bytes));
		bytes[at] ^= 0x40;
		assert_false(reads(bytes, sizeof(bytes), AF_INET, -1));
	}
}

static void
test_advert(void **state)
{
	uint8_t bytes[sizeof(good_advert) + 16];

	(void)state;
	assert_true(reads(good_advert, sizeof(good_advert), AF_INET6, 255));
	assert_found("fe80::100");
	assert_false(reads(good_advert, sizeof(good_advert), AF_INET6, 254));
	assert_false(reads(good_advert, sizeof(good_advert), AF_INET6, -1));
	for (size_t len = 0; len < sizeof(good_advert); len++)
		assert_false(reads(good_advert, len, AF_INET6, 255));
	/* Behind an option that is longer than the packet, or has no length. */
	memcpy(bytes, good_advert, 24);
	memcpy(bytes + 40, good_advert + 24, 8);
	memset(bytes + 24, 0, 16);
	for (unsigned units = 0; units < 256; units++) {
		bytes[24] = 14;
		bytes[25] = (uint8_t)units;
		assert_int_equal(
		    reads(bytes, sizeof(bytes), AF_INET6, 255), units == 2);
	}
	memcpy(bytes, good_advert, sizeof(good_advert));
	bytes[25] = 2; /* a hardware address that is no Ethernet's */
	assert_false(reads(bytes, sizeof(bytes), AF_INET6, 255));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_arp),
	    cmocka_unit_test(test_advert),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
