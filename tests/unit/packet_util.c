/* SPDX-License-Identifier: ISC */
/* What the tests of the VRRP codec share, see packet_util.h. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "packet_util.h"

static struct addr lists[2][2];

struct addr
address(const char *text)
{
	struct addr addr;

	assert_true(addr_parse(&addr, text));
	return addr;
}

static struct addr *
list(uint8_t family)
{
	lists[0][0] = address("10.0.0.100");
	lists[0][1] = address("10.0.0.101");
	lists[1][0] = address("fe80::64");
	lists[1][1] = address("2001:db8::64");
	return lists[family == AF_INET6];
}

void
sender(struct vrrp_send *send, uint8_t version, uint8_t family)
{
	*send = (struct vrrp_send){
	    .version = version,
	    .family = family,
	    .vrid = 51,
	    .priority = 200,
	    .interval = NS_PER_SEC,
	    .checksum = CHECKSUM_RFC5798,
	    .source = address(family == AF_INET6 ? "fe80::1" : "10.0.0.1"),
	    .list = list(family),
	    .count = 2,
	};
}

void
receive_bytes(struct received *r, const uint8_t *bytes, size_t len,
    const struct vrrp_send *send)
{
	memset(r, 0, sizeof(*r));
	memcpy(r->bytes, bytes, len);
	r->len = len;
	r->ip.family = send->family;
	r->ip.source = send->source;
	vrrp_group(send->family, &r->ip.destination);
	r->ip.ttl = 255;
	r->ip.ifindex = 7;
}

void
receive(struct received *r, const struct vrrp_send *send)
{
	uint8_t bytes[VRRP_MESSAGE_MAX];
	size_t len = vrrp_encode(bytes, sizeof(bytes), send);

	assert_int_not_equal(len, 0);
	receive_bytes(r, bytes, len, send);
}

static uint32_t
add(uint32_t sum, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += (uint32_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
	return sum;
}

/* Written apart from the code under test. */
uint16_t
checksum_of(const struct received *r, size_t len, bool pseudo)
{
	uint32_t sum = 0;

	if (pseudo) {
		sum = add(sum, r->ip.source.bytes, 16);
		sum = add(sum, r->ip.destination.bytes, 16);
		sum += 112 + (uint32_t)len;
	}
	sum = add(sum, r->bytes, 6);
	sum = add(sum, r->bytes + 8, len - 8);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

void
repair(struct received *r, size_t len)
{
	uint16_t sum = checksum_of(r, len, r->bytes[0] >> 4 != 2);

	r->bytes[6] = (uint8_t)(sum >> 8);
	r->bytes[7] = (uint8_t)sum;
}

/* From memory of just this length, so that an over-read is found. */
enum vrrp_drop
decode(struct received *r)
{
	static uint8_t *copy;
	enum vrrp_drop drop;

	free(copy);
	copy = malloc(r->len);
	assert_true(copy != NULL || r->len == 0);
	if (r->len > 0)
		memcpy(copy, r->bytes, r->len);
	drop = vrrp_decode(&r->advert, copy, r->len, &r->ip);
	return drop;
}

struct conf_instance
instance(uint8_t version, uint8_t family)
{
	static struct conf_address addresses[2];

	for (size_t i = 0; i < 2; i++) {
		addresses[i].addr = list(family)[i];
		addresses[i].advertised = true;
	}
	return (struct conf_instance){
	    .member = true,
	    .family = family,
	    .vrid = 51,
	    .version = version,
	    .checksum = CHECKSUM_RFC5798,
	    .interval = 1000,
	    .priority = 100,
	    .preempt = true,
	    .addresses = addresses,
	    .address_count = 2,
	};
}
