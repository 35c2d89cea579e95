/* SPDX-License-Identifier: ISC */
/* ARP and neighbour advertisements, see neighbour.h. */
#include "packet/neighbour.h"

#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <stdio.h>
#include <string.h>

#define ARP_LEN	    28
#define ARP_SENDER  8 /* its hardware address, then the other one */
#define OPTION_UNIT 8 /* bytes in which an option's length counts */

/* Ethernet, IPv4, and how long their addresses are; then the operation, of
 * which any tells who has which address. */
static bool
decode_arp(struct neighbour *neighbour, const uint8_t *bytes, size_t len)
{
	static const uint8_t kind[] = {0, ARPHRD_ETHER, ETHERTYPE_IP >> 8,
	    ETHERTYPE_IP & 0xff, ETHER_ADDR_LEN, 4};

	if (len < ARP_LEN || memcmp(bytes, kind, sizeof(kind)) != 0)
		return false;
	memcpy(neighbour->mac, bytes + ARP_SENDER, ETHER_ADDR_LEN);
	addr_from_in(&neighbour->addr, bytes + ARP_SENDER + ETHER_ADDR_LEN);
	return true;
}

/* The target's hardware address among the options; a good one has it. */
static bool
find_mac(struct neighbour *neighbour, const uint8_t *options, size_t len)
{
	size_t size;

	for (; len >= OPTION_UNIT; options += size, len -= size) {
		size = (size_t)options[1] * OPTION_UNIT;
		if (size == 0 || size > len)
			return false;
		if (options[0] != ND_OPT_TARGET_LINKADDR)
			continue;
		memcpy(neighbour->mac, options + 2, ETHER_ADDR_LEN);
		return size == OPTION_UNIT;
	}
	return false;
}

static bool
decode_advert(struct neighbour *neighbour, const uint8_t *bytes, size_t len,
    const struct vrrp_ip *ip)
{
	struct nd_neighbor_advert advert;

	if (len < sizeof(advert) || ip->ttl != VRRP_TTL)
		return false;
	memcpy(&advert, bytes, sizeof(advert));
	if (advert.nd_na_type != ND_NEIGHBOR_ADVERT || advert.nd_na_code != 0)
		return false;
	addr_from_in6(&neighbour->addr, &advert.nd_na_target);
	return find_mac(
	    neighbour, bytes + sizeof(advert), len - sizeof(advert));
}

bool
neighbour_decode(struct neighbour *neighbour, const void *bytes, size_t len,
    const struct vrrp_ip *ip)
{
	memset(neighbour, 0, sizeof(*neighbour));
	return ip->family == AF_INET ? decode_arp(neighbour, bytes, len) :
				       decode_advert(neighbour, bytes, len, ip);
}

const char *
neighbour_mac_format(
    const uint8_t mac[ETHER_ADDR_LEN], char buf[NEIGHBOUR_MAC_STRLEN])
{
	snprintf(buf, NEIGHBOUR_MAC_STRLEN, "%02x:%02x:%02x:%02x:%02x:%02x",
	    mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return buf;
}
