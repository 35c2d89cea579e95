/* SPDX-License-Identifier: ISC */
/*
 * VRRP adverts between wire and struct: version 2 (RFC 3768, IPv4) and
 * version 3 (RFC 9568 with errata, IPv4 in both checksum dialects, IPv6).
 * Pure: no I/O, no clock, no memory of its own.
 *
 * A received packet passes two steps. vrrp_decode() checks what needs no
 * configuration; vrrp_accept() what depends on the instance that the caller
 * found by (ifindex, family, vrid). Each gives the one reason why the packet
 * is to be dropped and counted, or VRRP_OK.
 */
#ifndef VRRPD_PACKET_PACKET_H
#define VRRPD_PACKET_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "conf/conf.h"
#include "packet/packet_drop.h"

#define VRRP_PROTOCOL	    112	 /* IPv4 protocol, IPv6 next header */
#define VRRP_TTL	    255	 /* TTL and hop limit, RFC 9568 5.1.1.3 */
#define VRRP_DSCP	    0xc0 /* TOS, traffic class: CS6 */
#define VRRP_GROUP_IN	    "224.0.0.18"
#define VRRP_GROUP_IN6	    "ff02::12"
#define VRRP_ADDRESSES_MAX  255 /* the count is one byte */
#define VRRP_AUTH_LEN	    8	/* version 2's authentication data */
/* The largest message: header, 255 IPv6 addresses; the MTU may allow less. */
#define VRRP_MESSAGE_MAX    (8 + VRRP_ADDRESSES_MAX * 16)
#define VRRP_PRIORITY_OWNER 255
#define VRRP_PRIORITY_LEAVE 0

/* What the IP layer said about a received packet. */
struct vrrp_ip {
	uint8_t family; /* AF_INET or AF_INET6 */
	struct addr source;
	struct addr destination;
	int ttl;	  /* TTL or hop limit; -1 when not known */
	unsigned ifindex; /* where it came in */
};

#define VRRP_SUM_PLAIN	1u /* right without pseudo-header (9568, v2) */
#define VRRP_SUM_PSEUDO 2u /* right with it (5798; IPv6 always) */

/* A decoded advert. `list` points into the packet's bytes. */
struct vrrp_advert {
	uint8_t version; /* 0 when the packet ended before */
	uint8_t vrid;	 /* 0 when the packet ended before */
	uint8_t priority;
	uint8_t family;
	uint8_t count; /* addresses in list */
	uint8_t sums;  /* VRRP_SUM_* that are right */
	unsigned ifindex;
	uint64_t interval; /* ns */
	struct addr source;
	struct addr destination;
	bool unicast;	     /* sent to destination alone, not to the group */
	int ttl;	     /* TTL or hop limit; to the group it is VRRP_TTL */
	const uint8_t *list; /* count * addr_len(family) bytes */
};

/*
 * Decodes the VRRP message (without IP header) of len bytes. Anything may be
 * in it. Also when the packet is to be dropped, *advert has source, family and
 * ifindex, and version and vrid if the packet was long enough: the drop can be
 * counted for the instance that was meant.
 */
enum vrrp_drop vrrp_decode(struct vrrp_advert *, const void *packet, size_t len,
    const struct vrrp_ip *);

/*
 * Whether the instance accepts the advert. own is the source of this router's
 * own adverts for the instance (family 0: none yet). sender is what the sender
 * is (strangers.h): VRRP_OK or why its adverts do not count. *notes gets
 * VRRP_NOTE_* bits when the result is VRRP_OK, else 0.
 */
enum vrrp_drop vrrp_accept(const struct vrrp_advert *,
    const struct conf_instance *, const struct addr *own, enum vrrp_drop sender,
    unsigned *notes);

/* Whether it lists an advertised address of the instance. */
bool vrrp_shares_address(
    const struct vrrp_advert *, const struct conf_instance *);

/* The i-th address listed; i < count. */
void vrrp_advert_address(const struct vrrp_advert *, size_t i, struct addr *);

/*
 * Writes the addresses that an instance lists in its adverts: in the file's
 * order, but for IPv6 a link-local one first (RFC 9568 5.2.9). Returns how
 * many, 0 when there are more than max.
 */
size_t vrrp_list(const struct conf_instance *, struct addr *list, size_t max);

/* An advert to be sent. */
struct vrrp_send {
	uint8_t version;
	uint8_t family; /* of list, source and destination */
	uint8_t vrid;
	uint8_t priority;
	uint64_t interval;	     /* ns; rounded down to cs (v3) or s (v2) */
	enum conf_checksum checksum; /* v3 over IPv4 only */
	struct addr source;
	struct addr destination; /* unset: the group */
	const struct addr *list;
	size_t count; /* 1 to VRRP_ADDRESSES_MAX */
};

/* The group to send to: 224.0.0.18 or ff02::12. */
void vrrp_group(uint8_t family, struct addr *);

/*
 * Writes the message; returns its length, 0 when it does not fit size or is
 * not one that may be sent (no or mixed addresses, IPv6 in version 2, an
 * interval of 0 or too long).
 */
size_t vrrp_encode(void *buf, size_t size, const struct vrrp_send *);
/* The length that such a message has, in bytes. */
size_t vrrp_encoded_len(uint8_t version, uint8_t family, size_t count);

#endif
