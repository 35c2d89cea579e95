/* SPDX-License-Identifier: ISC */
/*
 * The fixed set of raw sockets. They are opened before the capability is
 * dropped, whatever the configuration says, and nothing else ever needs it.
 * The interface and the source address are chosen for each packet.
 */
#ifndef VRRPD_SOCKET_H
#define VRRPD_SOCKET_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "packet/packet.h"

/* 255 IPv6 addresses, or an IPv4 header with options and 255 addresses. */
#define SOCKET_PACKET_MAX 4608
/* Packets read from one socket before the loop looks elsewhere. */
#define SOCKET_READS_MAX  64
/* And of what may be much, and of which something may be lost: ARP, neighbour
 * advertisements, VRRP from beyond the next router. */
#define SOCKET_READS_FEW  16

/* A packet as it came. The data is the sockets' own and valid during the
 * call. */
struct received {
	struct vrrp_ip ip;
	bool truncated; /* longer than SOCKET_PACKET_MAX */
	/* From the VRRP, ARP or ICMPv6 header on; of what leaves this host,
	 * from the IP header on. */
	const uint8_t *data;
	size_t len;
};

typedef void (*socket_receive_fn)(const struct received *, void *arg);

struct sockets;

/* Opens all, before priv_drop(). Fatal on failure. */
struct sockets *socket_open(void);
/* Who gets what is read. */
struct socket_handlers {
	socket_receive_fn receive; /* a VRRP packet */
	/* An ARP packet (family AF_INET) or a neighbour advertisement. */
	socket_receive_fn neighbour;
	/* A VRRP packet that leaves this host; of ip only ifindex is set. */
	socket_receive_fn outgoing;
};
/* Reads from now on. Fatal on failure. */
void socket_start(struct sockets *, struct event_base *,
    const struct socket_handlers *, void *arg);
/*
 * Whether VRRP packets that leave this host are heard, our own among them. Each
 * packet of the host costs a little more meanwhile, so this is for seconds. In
 * the beginning they are not. False with errno: that cannot be done.
 */
bool socket_hear_outgoing(struct sockets *, bool hear);
/* Whether VRRP from beyond the next router is read. While nobody wants it, it
 * costs nothing: at the start it is not. Fatal on failure. */
void socket_hear_far(struct sockets *, bool);
/* Reads at most SOCKET_READS_MAX packets a socket of VRRP, of those from afar
 * SOCKET_READS_FEW, without going through the loop. True when more may wait;
 * from afar more may always wait. */
bool socket_drain(struct sockets *);

/*
 * The senders: false with errno when the kernel did not take the packet.
 * ifindex 0: the kernel's routes say by which interface.
 *
 * Sends a VRRP packet to a host or group of the source's family.
 */
bool socket_send_advert(struct sockets *, unsigned ifindex,
    const struct addr *source, const struct addr *to, const void *packet,
    size_t len);
/* The same when the source was this host's a moment ago. */
bool socket_send_farewell(struct sockets *, unsigned ifindex,
    const struct addr *source, const struct addr *to, const void *packet,
    size_t len);
/* Broadcasts an ARP packet in an Ethernet frame. */
bool socket_send_arp(
    struct sockets *, unsigned ifindex, const void *payload, size_t len);
/* Multicasts an ICMPv6 packet to all nodes (ff02::1) with hop limit 255. The
 * kernel adds the checksum. */
bool socket_send_icmp6(struct sockets *, unsigned ifindex,
    const struct addr *source, const void *packet, size_t len);

#endif
