/* SPDX-License-Identifier: ISC */
/* Adverts that leave this host, see outgoing.h. */
#include "packet/outgoing.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <string.h>

#include "packet/packet.h"

#define ADVERT_MIN    8 /* of both versions */
#define ADVERTISEMENT 1

/* The length of the IP header, 0: this is no packet of VRRP. */
static size_t
read_header(struct outgoing *outgoing, const uint8_t *packet, size_t len)
{
	struct ip6_hdr ip6;
	struct ip ip;

	if (len < sizeof(ip))
		return 0;
	memcpy(&ip, packet, sizeof(ip));
	if (ip.ip_v == 4) {
		outgoing->family = AF_INET;
		addr_from_in(&outgoing->source, &ip.ip_src);
		return ip.ip_p == VRRP_PROTOCOL && ip.ip_hl >= 5 ?
		    (size_t)ip.ip_hl * 4 :
		    0;
	}
	if (ip.ip_v != 6 || len < sizeof(ip6))
		return 0;
	memcpy(&ip6, packet, sizeof(ip6));
	outgoing->family = AF_INET6;
	addr_from_in6(&outgoing->source, &ip6.ip6_src);
	return ip6.ip6_nxt == VRRP_PROTOCOL ? sizeof(ip6) : 0;
}

bool
outgoing_decode(struct outgoing *outgoing, const uint8_t *packet, size_t len)
{
	size_t header;

	memset(outgoing, 0, sizeof(*outgoing));
	header = read_header(outgoing, packet, len);
	if (header == 0 || len < header + ADVERT_MIN ||
	    (packet[header] & 0x0f) != ADVERTISEMENT)
		return false;
	outgoing->vrid = packet[header + 1];
	outgoing->priority = packet[header + 2];
	return true;
}
