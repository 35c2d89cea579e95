/* SPDX-License-Identifier: ISC */
/* What the tests of the VRRP codec share: a sender, a receiver, an instance. */
#ifndef TESTS_PACKET_UTIL_H
#define TESTS_PACKET_UTIL_H

#include "unit.h"

#include "vrrpd/packet/packet.h"

/* A received packet, to be bent before it is decoded. */
struct received {
	uint8_t bytes[VRRP_MESSAGE_MAX];
	size_t len;
	struct vrrp_ip ip;
	struct vrrp_advert advert;
};

struct addr address(const char *);
/* 10.0.0.1 or fe80::1 sends VRID 51, priority 200, 1 s and two addresses. */
void sender(struct vrrp_send *, uint8_t version, uint8_t family);
void receive(struct received *, const struct vrrp_send *);
void receive_bytes(
    struct received *, const uint8_t *, size_t, const struct vrrp_send *);
/* What the checksum of the first len (at least 8) bytes should be. */
uint16_t checksum_of(const struct received *, size_t len, bool pseudo);
/* Sets the checksum right again, after the bytes were bent. */
void repair(struct received *, size_t len);
enum vrrp_drop decode(struct received *);
/* An instance that expects what sender() sends. */
struct conf_instance instance(uint8_t version, uint8_t family);

#endif
