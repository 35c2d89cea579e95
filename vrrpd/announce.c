/* SPDX-License-Identifier: ISC */
/* Gratuitous ARP and unsolicited neighbour advertisements, see announce.h. */
#include "announce.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <string.h>

#include "clock.h"
#include "iface.h"
#include "socket.h"
#include "turn.h"
#include "vrrpd.h"

/* Frames between two looks at the clock. */
#define STRIDE	     16
/* An option in units of 8 bytes: type, length, six bytes of address. */
#define OPTION_UNITS 1

/* The ARP payload for Ethernet and IPv4, RFC 826. */
struct arp_ether {
	uint16_t hardware;
	uint16_t protocol;
	uint8_t hardware_len;
	uint8_t protocol_len;
	uint16_t operation;
	uint8_t sender_mac[ETHER_ADDR_LEN];
	uint8_t sender[4];
	uint8_t target_mac[ETHER_ADDR_LEN];
	uint8_t target[4];
} __attribute__((packed));

struct neighbour_advert {
	struct nd_neighbor_advert advert;
	uint8_t option_type;
	uint8_t option_units;
	uint8_t mac[ETHER_ADDR_LEN];
} __attribute__((packed));

static bool
gratuitous_arp(
    struct vrrpd *vrrpd, const struct iface *iface, const struct addr *addr)
{
	struct arp_ether arp = {
	    .hardware = htons(ARPHRD_ETHER),
	    .protocol = htons(ETHERTYPE_IP),
	    .hardware_len = ETHER_ADDR_LEN,
	    .protocol_len = 4,
	    .operation = htons(ARPOP_REQUEST),
	};

	memcpy(arp.sender_mac, iface->mac, ETHER_ADDR_LEN);
	memcpy(arp.target_mac, iface->mac, ETHER_ADDR_LEN);
	memcpy(arp.sender, addr->bytes, 4);
	memcpy(arp.target, addr->bytes, 4);
	return socket_send_arp(vrrpd->sockets, iface->index, &arp, sizeof(arp));
}

/*
 * The source is "an address assigned to the interface from which the
 * advertisement is sent" (RFC 4861 4.4): the address itself.
 */
static bool
unsolicited_advert(
    struct vrrpd *vrrpd, const struct iface *iface, const struct addr *addr)
{
	struct neighbour_advert packet = {
	    .option_type = ND_OPT_TARGET_LINKADDR,
	    .option_units = OPTION_UNITS,
	};

	packet.advert.nd_na_type = ND_NEIGHBOR_ADVERT;
	packet.advert.nd_na_flags_reserved = ND_NA_FLAG_ROUTER |
	    ND_NA_FLAG_OVERRIDE;
	memcpy(&packet.advert.nd_na_target, addr->bytes, 16);
	memcpy(packet.mac, iface->mac, ETHER_ADDR_LEN);
	return socket_send_icmp6(
	    vrrpd->sockets, iface->index, addr, &packet, sizeof(packet));
}

static void
announce_address(struct instance *instance, const struct conf_address *address)
{
	struct vrrpd *vrrpd = instance->vrrpd;
	const struct iface *iface;
	char text[ADDR_STRLEN];
	bool sent;

	iface = iface_by_name(vrrpd->ifaces, address->interface);
	/* On lo and on what is no Ethernet nobody needs to be told. */
	if (iface == NULL || !iface->running || !iface->ethernet || !iface->arp)
		return;
	sent = address->addr.family == AF_INET ?
	    gratuitous_arp(vrrpd, iface, &address->addr) :
	    unsolicited_advert(vrrpd, iface, &address->addr);
	if (sent)
		return;
	instance->send_errors++;
	log_debug("vrrp %s: announce %s on %s: %s", instance->conf->name,
	    addr_format(&address->addr, text), iface->name, strerror(errno));
}

/* Announces the next STRIDE addresses; whether any is left. */
static bool
announce_stride(struct instance *instance)
{
	const struct conf_instance *conf = instance->conf;

	for (int i = 0; i < STRIDE; i++) {
		if (instance->announce_at >= conf->address_count)
			return false;
		announce_address(
		    instance, &conf->addresses[instance->announce_at++]);
	}
	return instance->announce_at < conf->address_count;
}

void
announce_cancel(struct instance *instance)
{
	if (!instance->announcing)
		return;
	TAILQ_REMOVE(&instance->vrrpd->announcing, instance, announcing_entry);
	instance->announcing = false;
}

void
announce_begin(struct instance *instance)
{
	/* Frames of a burst may all be due while the first is on its way. */
	if (instance->announcing) {
		if (instance->announce_more < instance->conf->garp.count)
			instance->announce_more++;
		return;
	}
	instance->announce_at = 0;
	instance->announce_more = 0;
	if (!announce_stride(instance))
		return;
	instance->announcing = true;
	TAILQ_INSERT_TAIL(
	    &instance->vrrpd->announcing, instance, announcing_entry);
	turn_schedule(instance->vrrpd);
}

/* Goes on with an instance; whether it is done. */
static bool
go_on(struct instance *instance)
{
	if (instance->fsm.state != FSM_STATE_MASTER)
		return true;
	if (announce_stride(instance))
		return false;
	instance->announce_at = 0;
	return instance->announce_more-- == 0;
}

bool
announce_step(struct vrrpd *vrrpd, uint64_t deadline)
{
	struct instance *instance;

	while ((instance = TAILQ_FIRST(&vrrpd->announcing)) != NULL) {
		if (go_on(instance))
			announce_cancel(instance);
		if (clock_monotonic() >= deadline)
			break;
	}
	return !TAILQ_EMPTY(&vrrpd->announcing);
}
