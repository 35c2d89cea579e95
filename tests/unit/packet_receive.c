/* SPDX-License-Identifier: ISC */
/*
 * vrrpd/packet/packet.c: each reason for which a received packet is dropped,
 * and what is tolerated. Points of the VRRP conformance list.
 */
#include <string.h>

#include "clock.h"
#include "packet_util.h"

static struct received r;
static struct vrrp_send sends;
static struct conf_instance conf;
static unsigned notes;

/* A good packet of this version and family, and who expects it. */
static void
good(uint8_t version, uint8_t family)
{
	sender(&sends, version, family);
	receive(&r, &sends);
	conf = instance(version, family);
}

static enum vrrp_drop
accept_it(void)
{
	struct addr own = address(
	    sends.family == AF_INET6 ? "fe80::2" : "10.0.0.2");

	assert_int_equal(decode(&r), VRRP_OK);
	return vrrp_accept(&r.advert, &conf, &own, VRRP_OK, &notes);
}

static void
test_good(void **state)
{
	static const struct {
		uint8_t version, family;
	} kinds[] = {{2, AF_INET}, {3, AF_INET}, {3, AF_INET6}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		good(kinds[i].version, kinds[i].family);
		assert_int_equal(accept_it(), VRRP_OK);
		assert_int_equal(notes, 0);
		assert_int_equal(r.advert.version, kinds[i].version);
		assert_int_equal(r.advert.vrid, 51);
		assert_int_equal(r.advert.priority, 200);
		assert_int_equal(r.advert.count, 2);
		assert_int_equal(r.advert.ifindex, 7);
		assert_int_equal(r.advert.interval, NS_PER_SEC);
		assert_true(addr_equal(&r.advert.source, &sends.source));
	}
}

static void
point_19_ttl(void **state)
{
	static const int ttls[] = {254, 1, 0, -1};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		good(3, i % 2 ? AF_INET6 : AF_INET);
		r.ip.ttl = ttls[i];
		assert_int_equal(decode(&r), VRRP_DROP_TTL);
		/* it is counted for the instance that it was meant for */
		assert_int_equal(r.advert.vrid, 51);
	}
}

static void
point_20_79_version(void **state)
{
	(void)state;
	for (unsigned version = 0; version < 16; version++) {
		good(3, AF_INET);
		r.bytes[0] = (uint8_t)(version << 4 | 1);
		repair(&r, r.len);
		if (version != 2 && version != 3)
			assert_int_equal(decode(&r), VRRP_DROP_VERSION);
	}
	good(2, AF_INET);
	conf.version = 3;
	assert_int_equal(accept_it(), VRRP_DROP_VERSION);
	good(3, AF_INET);
	conf.version = 2;
	assert_int_equal(accept_it(), VRRP_DROP_VERSION);
	good(3, AF_INET6);
	r.bytes[0] = 0x21;
	assert_int_equal(decode(&r), VRRP_DROP_VERSION);
}

static void
point_21_type(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 16; type++) {
		good(3, AF_INET);
		r.bytes[0] = (uint8_t)(0x30 | type);
		repair(&r, r.len);
		assert_int_equal(
		    decode(&r), type == 1 ? VRRP_OK : VRRP_DROP_TYPE);
	}
}

static void
point_22_truncated(void **state)
{
	static const struct {
		uint8_t version, family;
	} kinds[] = {{2, AF_INET}, {3, AF_INET}, {3, AF_INET6}};
	size_t i, len, whole;

	(void)state;
	for (i = 0; i < 3; i++) {
		good(kinds[i].version, kinds[i].family);
		whole = r.len;
		for (len = 0; len < whole; len++) {
			r.len = len;
			assert_int_equal(decode(&r), VRRP_DROP_LENGTH);
			assert_int_equal(r.advert.vrid, len < 2 ? 0 : 51);
		}
	}
	good(3, AF_INET);
	r.bytes[3] = 255;
	repair(&r, r.len);
	assert_int_equal(decode(&r), VRRP_DROP_LENGTH);
	r.bytes[3] = 0;
	r.len = 7;
	assert_int_equal(decode(&r), VRRP_DROP_LENGTH);
}

static void
point_23_trailing(void **state)
{
	size_t pad;

	(void)state;
	for (pad = 1; pad <= 20; pad++) {
		good(3, AF_INET); /* 16 bytes; 26 is a padded frame's */
		r.len += pad;
		assert_int_equal(
		    decode(&r), pad <= 10 ? VRRP_OK : VRRP_DROP_TRAILING);
	}
	good(3, AF_INET);
	r.bytes[r.len + 2] = 1;
	r.len += 4;
	assert_int_equal(decode(&r), VRRP_DROP_TRAILING);
	good(2, AF_INET);
	r.len += 2;
	assert_int_equal(decode(&r), VRRP_OK);
	r.len += 1;
	assert_int_equal(decode(&r), VRRP_DROP_TRAILING);
	sender(&sends, 3, AF_INET6); /* never padded, though this short */
	sends.count = 1;
	receive(&r, &sends);
	r.len += 2;
	assert_int_equal(decode(&r), VRRP_DROP_TRAILING);
}

static void
set_checksum(bool pseudo)
{
	uint16_t sum = checksum_of(&r, r.len, pseudo);

	r.bytes[6] = (uint8_t)(sum >> 8);
	r.bytes[7] = (uint8_t)sum;
}

/* Which sums are none: version 2 with, IPv6 without pseudo-header. */
static void
point_10_11_24_pseudo_header(void **state)
{
	(void)state;
	good(2, AF_INET);
	set_checksum(true);
	assert_int_equal(decode(&r), VRRP_DROP_CHECKSUM);
	good(3, AF_INET6);
	set_checksum(false);
	assert_int_equal(decode(&r), VRRP_DROP_CHECKSUM);
}

static void
point_24_checksum(void **state)
{
	static const struct {
		uint8_t version, family;
	} kinds[] = {{2, AF_INET}, {3, AF_INET}, {3, AF_INET6}};
	size_t i, bit;

	(void)state;
	for (i = 0; i < 3; i++) {
		good(kinds[i].version, kinds[i].family);
		for (bit = 16; bit < r.len * 8; bit++) {
			if (bit / 8 == 3)
				continue; /* the count: length */
			r.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(decode(&r), VRRP_DROP_CHECKSUM);
			r.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
	good(3, AF_INET6); /* the pseudo-header is summed up */
	r.ip.source.bytes[15] ^= 4;
	assert_int_equal(decode(&r), VRRP_DROP_CHECKSUM);
}

static void
point_26_vrid_zero(void **state)
{
	(void)state;
	good(3, AF_INET);
	r.bytes[1] = 0;
	repair(&r, r.len);
	assert_int_equal(decode(&r), VRRP_DROP_VRID_ZERO);
}

static void
point_27_address_count_zero(void **state)
{
	(void)state;
	good(3, AF_INET);
	r.bytes[3] = 0;
	repair(&r, r.len);
	assert_int_equal(decode(&r), VRRP_DROP_ADDRESS_COUNT);
	r.len = 8;
	repair(&r, r.len);
	assert_int_equal(decode(&r), VRRP_DROP_ADDRESS_COUNT);
	good(2, AF_INET);
	r.bytes[3] = 0;
	r.len = 16;
	repair(&r, r.len);
	assert_int_equal(decode(&r), VRRP_DROP_ADDRESS_COUNT);
}

static void
point_28_interval_zero(void **state)
{
	(void)state;
	good(3, AF_INET);
	r.bytes[4] = 0xf0; /* the reserved nibble is no interval */
	r.bytes[5] = 0;
	repair(&r, r.len);
	assert_int_equal(decode(&r), VRRP_DROP_INTERVAL_ZERO);
	good(2, AF_INET);
	r.bytes[5] = 0;
	repair(&r, r.len);
	assert_int_equal(decode(&r), VRRP_DROP_INTERVAL_ZERO);
}

static void
point_29_reserved_ignored(void **state)
{
	(void)state;
	good(3, AF_INET);
	r.bytes[4] |= 0xf0;
	repair(&r, r.len);
	assert_int_equal(accept_it(), VRRP_OK);
	assert_int_equal(r.advert.interval, NS_PER_SEC);
	assert_int_equal(notes, 0);
}

static void
point_35_auth_type(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 4; type++) {
		good(2, AF_INET);
		r.bytes[4] = (uint8_t)type;
		repair(&r, r.len);
		assert_int_equal(
		    decode(&r), type == 0 ? VRRP_OK : VRRP_DROP_AUTH_TYPE);
	}
	good(2, AF_INET); /* the data itself means nothing */
	memset(r.bytes + 16, 0x5a, 8);
	repair(&r, r.len);
	assert_int_equal(decode(&r), VRRP_OK);
}

static void
point_37_destination(void **state)
{
	(void)state;
	good(3, AF_INET);
	r.ip.destination = address("10.0.0.2");
	repair(&r, r.len);
	assert_int_equal(accept_it(), VRRP_DROP_DESTINATION);
	r.ip.destination = address("224.0.0.1");
	assert_int_equal(decode(&r), VRRP_DROP_DESTINATION);
	good(3, AF_INET6);
	r.ip.destination = address("fe80::2");
	repair(&r, r.len);
	assert_int_equal(accept_it(), VRRP_DROP_DESTINATION);
	r.ip.destination = address("ff02::1");
	assert_int_equal(decode(&r), VRRP_DROP_DESTINATION);
}

/* An instance that sends to each node hears what is sent to it alone. */
static void
test_unicast(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		good(3, i == 0 ? AF_INET : AF_INET6);
		conf.unicast = true;
		assert_int_equal(accept_it(), VRRP_DROP_DESTINATION);
		r.ip.destination = address(i == 0 ? "10.0.0.2" : "fe80::2");
		repair(&r, r.len);
		assert_int_equal(accept_it(), VRRP_OK);
		r.ip.ttl = 254;
		assert_int_equal(accept_it(), VRRP_DROP_TTL);
		conf.hops = 1;
		assert_int_equal(accept_it(), VRRP_OK);
		r.ip.ttl = 253;
		assert_int_equal(accept_it(), VRRP_DROP_TTL);
		conf.hops = 254;
		r.ip.ttl = 1;
		assert_int_equal(accept_it(), VRRP_OK);
		r.ip.ttl = 0;
		assert_int_equal(accept_it(), VRRP_DROP_TTL);
		r.ip.ttl = -1;
		assert_int_equal(accept_it(), VRRP_DROP_TTL);
		r.ip.ttl = 255;
		r.ip.destination = address(i == 0 ? "10.0.0.3" : "fe80::3");
		repair(&r, r.len);
		assert_int_equal(accept_it(), VRRP_DROP_DESTINATION);
	}
}

/* The receiver's address is in the checksum, but in the dialect of RFC 9568. */
static void
test_unicast_checksum(void **state)
{
	(void)state;
	good(3, AF_INET);
	r.ip.destination = address("10.0.0.2");
	assert_int_equal(decode(&r), VRRP_DROP_CHECKSUM);
	sends.destination = r.ip.destination;
	receive(&r, &sends);
	r.ip.destination = sends.destination;
	assert_int_equal(decode(&r), VRRP_OK);
	assert_int_equal(r.advert.sums, VRRP_SUM_PSEUDO);
	sends.checksum = CHECKSUM_RFC9568;
	receive(&r, &sends);
	r.ip.destination = address("10.9.9.9");
	assert_int_equal(decode(&r), VRRP_OK);
	assert_int_equal(r.advert.sums, VRRP_SUM_PLAIN);
}

static void
test_source(void **state)
{
	static const char *const sources[] = {
	    "0.0.0.0", "224.0.0.18", "fe80::1"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		good(3, AF_INET);
		r.ip.source = address(sources[i]);
		assert_int_equal(decode(&r), VRRP_DROP_SOURCE);
	}
}

static void
point_83_reasons_have_words(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VRRP_DROP_MAX; i++)
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(
			    vrrp_drop_text((enum vrrp_drop)i),
			    vrrp_drop_text((enum vrrp_drop)j));
	assert_string_equal(vrrp_drop_text(VRRP_DROP_TTL),
	    "TTL or hop limit is too low: it came from afar");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(point_19_ttl),
	    cmocka_unit_test(point_20_79_version),
	    cmocka_unit_test(point_21_type),
	    cmocka_unit_test(point_22_truncated),
	    cmocka_unit_test(point_23_trailing),
	    cmocka_unit_test(point_10_11_24_pseudo_header),
	    cmocka_unit_test(point_24_checksum),
	    cmocka_unit_test(point_26_vrid_zero),
	    cmocka_unit_test(point_27_address_count_zero),
	    cmocka_unit_test(point_28_interval_zero),
	    cmocka_unit_test(point_29_reserved_ignored),
	    cmocka_unit_test(point_35_auth_type),
	    cmocka_unit_test(point_37_destination),
	    cmocka_unit_test(test_unicast),
	    cmocka_unit_test(test_unicast_checksum),
	    cmocka_unit_test(test_source),
	    cmocka_unit_test(point_83_reasons_have_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
