/* SPDX-License-Identifier: ISC */
/* vrrpd/packet/packet.c: what is sent. Points of the VRRP conformance list. */
#include <string.h>

#include "clock.h"
#include "packet_util.h"

static const uint8_t wire_v2[] = {0x21, 0x33, 0xc8, 0x02, 0x00, 0x01, 0x02,
    0x00, 0x0a, 0x00, 0x00, 0x64, 0x0a, 0x00, 0x00, 0x65, 0, 0, 0, 0, 0, 0, 0,
    0};
static const uint8_t wire_v3_rfc5798[] = {0x31, 0x33, 0xc8, 0x02, 0x00, 0x64,
    0x07, 0x09, 0x0a, 0x00, 0x00, 0x64, 0x0a, 0x00, 0x00, 0x65};
static const uint8_t wire_v3_rfc9568[] = {0x31, 0x33, 0xc8, 0x02, 0x00, 0x64,
    0xf1, 0x9c, 0x0a, 0x00, 0x00, 0x64, 0x0a, 0x00, 0x00, 0x65};
static const uint8_t wire_v3_ipv6[] = {0x31, 0x33, 0xc8, 0x02, 0x00, 0x64, 0xdb,
    0x34, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x64, 0x20, 0x01,
    0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x64};

static uint8_t buf[VRRP_MESSAGE_MAX];

static void
expect(const struct vrrp_send *send, const uint8_t *wire, size_t len)
{
	assert_int_equal(vrrp_encode(buf, sizeof(buf), send), len);
	assert_memory_equal(buf, wire, len);
	assert_int_equal(
	    vrrp_encoded_len(send->version, send->family, send->count), len);
}

static void
point_01_02_groups(void **state)
{
	struct addr group;

	(void)state;
	vrrp_group(AF_INET, &group);
	assert_true(
	    addr_equal(&group, &(struct addr){AF_INET, {224, 0, 0, 18}}));
	vrrp_group(AF_INET6, &group);
	assert_true(addr_equal(
	    &group, &(struct addr){AF_INET6, {0xff, 0x02, [15] = 0x12}}));
}

static void
point_07_09_version_3_bytes(void **state)
{
	struct vrrp_send send;

	(void)state;
	sender(&send, 3, AF_INET);
	expect(&send, wire_v3_rfc5798, sizeof(wire_v3_rfc5798));
	send.checksum = CHECKSUM_RFC9568;
	expect(&send, wire_v3_rfc9568, sizeof(wire_v3_rfc9568));
}

static void
point_10_ipv6_bytes(void **state)
{
	struct vrrp_send send;

	(void)state;
	sender(&send, 3, AF_INET6);
	expect(&send, wire_v3_ipv6, sizeof(wire_v3_ipv6));
	send.checksum = CHECKSUM_RFC9568; /* IPv4's dialect only */
	expect(&send, wire_v3_ipv6, sizeof(wire_v3_ipv6));
}

static void
point_11_18_version_2_bytes(void **state)
{
	struct vrrp_send send;

	(void)state;
	sender(&send, 2, AF_INET);
	expect(&send, wire_v2, sizeof(wire_v2));
	send.checksum = CHECKSUM_RFC9568;
	expect(&send, wire_v2, sizeof(wire_v2));
}

static void
point_12_link_local_first(void **state)
{
	struct conf_address addresses[4] = {
	    {.addr = address("2001:db8::1"), .advertised = true},
	    {.addr = address("fe80::9"), .advertised = false},
	    {.addr = address("2001:db8::2"), .advertised = true},
	    {.addr = address("fe80::64"), .advertised = true},
	};
	struct conf_instance conf = {
	    .family = AF_INET6, .addresses = addresses, .address_count = 4};
	struct addr list[4];

	(void)state;
	assert_int_equal(vrrp_list(&conf, list, 4), 3);
	assert_true(addr_equal(&list[0], &addresses[3].addr));
	assert_true(addr_equal(&list[1], &addresses[0].addr));
	assert_true(addr_equal(&list[2], &addresses[2].addr));
	assert_int_equal(vrrp_list(&conf, list, 2), 0);
	/* IPv4 link-local addresses have no place of their own */
	addresses[0].addr = address("10.0.0.1");
	addresses[2].addr = address("10.0.0.2");
	addresses[3].addr = address("169.254.0.1");
	assert_int_equal(vrrp_list(&conf, list, 4), 3);
	assert_true(addr_equal(&list[0], &addresses[0].addr));
}

static void
point_13_one_family(void **state)
{
	struct addr mixed[2] = {address("10.0.0.1"), address("fe80::1")};
	struct vrrp_send send;

	(void)state;
	sender(&send, 3, AF_INET);
	send.list = mixed;
	assert_int_equal(vrrp_encode(buf, sizeof(buf), &send), 0);
	sender(&send, 3, AF_INET6);
	send.source = mixed[0];
	assert_int_equal(vrrp_encode(buf, sizeof(buf), &send), 0);
	sender(&send, 2, AF_INET6);
	assert_int_equal(vrrp_encode(buf, sizeof(buf), &send), 0);
}

static void
point_14_priority(void **state)
{
	static const uint8_t priorities[] = {0, 1, 254, 255};
	struct received r;
	struct vrrp_send send;

	(void)state;
	sender(&send, 3, AF_INET);
	for (size_t i = 0; i < sizeof(priorities); i++) {
		send.priority = priorities[i];
		receive(&r, &send);
		assert_int_equal(r.bytes[2], priorities[i]);
		assert_int_equal(decode(&r), VRRP_OK);
		assert_int_equal(r.advert.priority, priorities[i]);
	}
}

static void
point_15_many_addresses(void **state)
{
	static struct addr many[VRRP_ADDRESSES_MAX + 1];
	struct vrrp_send send;
	struct received r;
	struct addr got;
	size_t len, i;

	(void)state;
	sender(&send, 3, AF_INET6);
	for (i = 0; i <= VRRP_ADDRESSES_MAX; i++) {
		many[i] = address("fe80::100");
		many[i].bytes[15] = (uint8_t)i;
	}
	send.list = many;
	send.count = 90; /* what an MTU of 1500 takes */
	assert_int_equal(vrrp_encoded_len(3, AF_INET6, 90), 1448);
	assert_int_equal(vrrp_encode(buf, 1460, &send), 1448);
	assert_int_equal(vrrp_encode(buf, 1447, &send), 0);
	send.count = VRRP_ADDRESSES_MAX;
	len = vrrp_encode(buf, sizeof(buf), &send);
	assert_int_equal(len, sizeof(buf));
	receive_bytes(&r, buf, len, &send);
	assert_int_equal(decode(&r), VRRP_OK);
	assert_int_equal(r.advert.count, VRRP_ADDRESSES_MAX);
	vrrp_advert_address(&r.advert, 254, &got);
	assert_true(addr_equal(&got, &many[254]));
	send.count = VRRP_ADDRESSES_MAX + 1;
	assert_int_equal(vrrp_encode(buf, sizeof(buf), &send), 0);
	send.count = 0;
	assert_int_equal(vrrp_encode(buf, sizeof(buf), &send), 0);
	for (i = 0; i <= VRRP_ADDRESSES_MAX; i++)
		many[i] = address("10.0.0.1");
	sender(&send, 3, AF_INET);
	send.list = many;
	send.count = VRRP_ADDRESSES_MAX;
	assert_int_equal(vrrp_encode(buf, sizeof(buf), &send), 1028);
	send.count = VRRP_ADDRESSES_MAX + 1;
	assert_int_equal(vrrp_encode(buf, sizeof(buf), &send), 0);
}

static void
point_18_44_intervals(void **state)
{
	static const struct {
		uint8_t version;
		uint64_t ms;
		uint16_t wire; /* 0: refused */
	} cases[] = {{3, 10, 1}, {3, 40950, 4095}, {3, 9, 0}, {3, 0, 0},
	    {3, 40960, 0}, {3, 255, 25}, {2, 1000, 1}, {2, 255000, 255},
	    {2, 999, 0}, {2, 256000, 0}};
	struct vrrp_send send;
	struct received r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		sender(&send, cases[i].version, AF_INET);
		send.interval = cases[i].ms * NS_PER_MS;
		if (cases[i].wire == 0) {
			assert_int_equal(
			    vrrp_encode(buf, sizeof(buf), &send), 0);
			continue;
		}
		receive(&r, &send);
		assert_int_equal(r.bytes[4] << 8 | r.bytes[5], cases[i].wire);
		assert_int_equal(decode(&r), VRRP_OK);
		assert_int_equal(r.advert.interval / NS_PER_MS,
		    cases[i].wire * (cases[i].version == 2 ? 1000u : 10u));
	}
	sender(&send, 3, AF_INET);
	send.vrid = 0;
	assert_int_equal(vrrp_encode(buf, sizeof(buf), &send), 0);
	sender(&send, 4, AF_INET);
	assert_int_equal(vrrp_encode(buf, sizeof(buf), &send), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(point_01_02_groups),
	    cmocka_unit_test(point_07_09_version_3_bytes),
	    cmocka_unit_test(point_10_ipv6_bytes),
	    cmocka_unit_test(point_11_18_version_2_bytes),
	    cmocka_unit_test(point_12_link_local_first),
	    cmocka_unit_test(point_13_one_family),
	    cmocka_unit_test(point_14_priority),
	    cmocka_unit_test(point_15_many_addresses),
	    cmocka_unit_test(point_18_44_intervals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
