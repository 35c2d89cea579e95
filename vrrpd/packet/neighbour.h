/* SPDX-License-Identifier: ISC */
/*
 * What others say of addresses: ARP (RFC 826) and neighbour advertisements
 * (RFC 4861 4.4), by which a router sees that somebody else has an address
 * which it holds. Pure, as packet.h.
 */
#ifndef VRRPD_PACKET_NEIGHBOUR_H
#define VRRPD_PACKET_NEIGHBOUR_H

#include <net/ethernet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet/packet.h"

#define NEIGHBOUR_MAC_STRLEN 18

struct neighbour {
	struct addr addr;
	uint8_t mac[ETHER_ADDR_LEN];
};

/*
 * Reads an ARP packet (family AF_INET) or an ICMPv6 message (AF_INET6) of any
 * content. False: it is none that tells who has which address, or its hop limit
 * shows that a router has passed it on.
 */
bool neighbour_decode(
    struct neighbour *, const void *, size_t len, const struct vrrp_ip *);

/* "02:00:00:00:00:01"; returns buf. */
const char *neighbour_mac_format(
    const uint8_t mac[ETHER_ADDR_LEN], char buf[NEIGHBOUR_MAC_STRLEN]);

#endif
