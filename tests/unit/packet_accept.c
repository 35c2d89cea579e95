/* SPDX-License-Identifier: ISC */
/*
 * vrrpd/packet/packet.c: what an instance's configuration says about a good
 * packet: dropped, noted or neither. Points of the VRRP conformance list.
 */
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
point_06_own_advert(void **state)
{
	(void)state;
	good(3, AF_INET);
	assert_int_equal(decode(&r), VRRP_OK);
	assert_int_equal(
	    vrrp_accept(&r.advert, &conf, &sends.source, VRRP_OK, &notes),
	    VRRP_DROP_SOURCE_OWN);
	assert_int_equal(
	    vrrp_accept(&r.advert, &conf, &(struct addr){0}, VRRP_OK, &notes),
	    VRRP_OK);
}

static void
point_25_dialects(void **state)
{
	unsigned sent, wanted, strict;

	(void)state;
	for (sent = 0; sent < 2; sent++)
		for (wanted = 0; wanted < 2; wanted++)
			for (strict = 0; strict < 2; strict++) {
				sender(&sends, 3, AF_INET);
				sends.checksum = (enum conf_checksum)sent;
				receive(&r, &sends);
				conf = instance(3, AF_INET);
				conf.checksum = (enum conf_checksum)wanted;
				conf.strict = strict;
				assert_int_equal(accept_it(),
				    strict && sent != wanted ?
					VRRP_DROP_CHECKSUM_DIALECT :
					VRRP_OK);
			}
	good(2, AF_INET); /* version 2 has one form only */
	conf.strict = true;
	assert_int_equal(accept_it(), VRRP_OK);
	good(3, AF_INET6);
	conf.strict = true;
	conf.checksum = CHECKSUM_RFC9568;
	assert_int_equal(accept_it(), VRRP_OK);
}

static void
point_30_64_owner(void **state)
{
	(void)state;
	sender(&sends, 3, AF_INET);
	sends.priority = 255;
	receive(&r, &sends);
	conf = instance(3, AF_INET);
	conf.priority = 255;
	assert_int_equal(accept_it(), VRRP_OK);
	assert_int_equal(notes, VRRP_NOTE_OWNERS);
	conf.owner_ignore_adverts = true;
	assert_int_equal(accept_it(), VRRP_DROP_OWNER);
	conf.priority = 200; /* says nothing to who is not the owner */
	assert_int_equal(accept_it(), VRRP_OK);
	assert_int_equal(notes, 0);
	conf.priority = sends.priority = 100;
	receive(&r, &sends);
	assert_int_equal(accept_it(), VRRP_OK);
	assert_int_equal(notes, VRRP_NOTE_EQUAL);
}

static void
point_31_32_interval_mismatch(void **state)
{
	(void)state;
	good(3, AF_INET);
	conf.interval = 200;
	assert_int_equal(accept_it(), VRRP_OK);
	assert_int_equal(notes, VRRP_NOTE_INTERVAL);
	good(2, AF_INET);
	conf.interval = 2000;
	assert_int_equal(accept_it(), VRRP_DROP_INTERVAL_MISMATCH);
	assert_int_equal(notes, 0);
}

static void
point_33_address_list_mismatch(void **state)
{
	struct addr list[2] = {address("10.0.0.101"), address("10.0.0.100")};

	(void)state;
	good(3, AF_INET);
	conf.address_count = 1;
	assert_int_equal(accept_it(), VRRP_OK);
	assert_int_equal(notes, VRRP_NOTE_ADDRESSES);
	conf.address_count = 2;
	conf.addresses[1].advertised = false;
	assert_int_equal(accept_it(), VRRP_OK);
	assert_int_equal(notes, VRRP_NOTE_ADDRESSES);
	good(3, AF_INET);
	sends.list = list; /* another order is no mismatch */
	receive(&r, &sends);
	assert_int_equal(accept_it(), VRRP_OK);
	assert_int_equal(notes, 0);
	list[0] = list[1]; /* nor is a double one a match */
	receive(&r, &sends);
	assert_int_equal(accept_it(), VRRP_OK);
	assert_int_equal(notes, VRRP_NOTE_ADDRESSES);
}

static void
point_12_34_first_address(void **state)
{
	struct addr list[2] = {address("2001:db8::64"), address("fe80::64")};

	(void)state;
	good(3, AF_INET6);
	sends.list = list;
	receive(&r, &sends);
	assert_int_equal(accept_it(), VRRP_OK);
	assert_int_equal(notes, VRRP_NOTE_FIRST);
	conf.strict = true;
	assert_int_equal(accept_it(), VRRP_DROP_FIRST_ADDRESS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(point_06_own_advert),
	    cmocka_unit_test(point_25_dialects),
	    cmocka_unit_test(point_30_64_owner),
	    cmocka_unit_test(point_31_32_interval_mismatch),
	    cmocka_unit_test(point_33_address_list_mismatch),
	    cmocka_unit_test(point_12_34_first_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
