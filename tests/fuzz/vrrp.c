/* SPDX-License-Identifier: ISC */
/*
 * A packet of protocol 112 and what the IP layer said of it (the first bytes):
 * decoded, accepted by instances of either version, its addresses read. The
 * same bytes are ARP or a neighbour advertisement, too.
 */
#include <sys/socket.h>

#include <string.h>

#include "fuzz.h"
#include "packet/neighbour.h"
#include "packet/packet.h"

#define HEAD 36 /* family and TTL, two addresses, settings */

static void
accept_for(const struct vrrp_advert *advert, uint8_t version, bool strict,
    const struct addr *own)
{
	struct conf_instance instance = {0};
	struct addr addr;
	unsigned notes = ~0u;

	instance.version = version;
	instance.vrid = advert->vrid;
	instance.interval = 1000;
	instance.strict = strict;
	instance.family = advert->family;
	if (vrrp_accept(advert, &instance, own, VRRP_OK, &notes) == VRRP_OK)
		MUST(advert->version == version && advert->vrid != 0);
	else
		MUST(notes == 0);
	for (size_t i = 0; i < advert->count; i++)
		vrrp_advert_address(advert, i, &addr);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vrrp_ip ip = {.ifindex = 2};
	struct vrrp_advert advert;
	struct neighbour neighbour;
	uint8_t *packet;

	if (size < HEAD)
		return 0;
	ip.family = data[0] & 1 ? AF_INET6 : AF_INET;
	ip.ttl = data[0] & 2 ? data[1] : 255;
	ip.source.family = ip.family;
	memcpy(ip.source.bytes, data + 2, addr_len(ip.family));
	if (data[0] & 4) {
		ip.destination.family = ip.family;
		memcpy(ip.destination.bytes, data + 18, addr_len(ip.family));
	} else {
		vrrp_group(ip.family, &ip.destination);
	}
	packet = malloc(size - HEAD);
	MUST(packet != NULL || size == HEAD);
	memcpy(packet, data + HEAD, size - HEAD);
	if (vrrp_decode(&advert, packet, size - HEAD, &ip) == VRRP_OK) {
		MUST(advert.count * addr_len(ip.family) <= size - HEAD);
		for (uint8_t version = 2; version <= 3; version++) {
			accept_for(&advert, version, data[34] & 1, &ip.source);
			accept_for(
			    &advert, version, data[34] & 1, &ip.destination);
		}
	}
	(void)neighbour_decode(&neighbour, packet, size - HEAD, &ip);
	free(packet);
	return 0;
}
