/* SPDX-License-Identifier: ISC */
/*
 * The fixed set of sockets: whatever the configuration says, these are opened
 * before the capability is dropped and no other ever needs one. Interfaces
 * and source addresses are chosen for each packet.
 */
#ifndef VRRPD_SOCKET_H
#define VRRPD_SOCKET_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "packet.h"

/* 255 IPv6 addresses, or an IPv4 header with options and 255 addresses. */
#define SOCKET_PACKET_MAX 4608
/* Packets read from one socket before the loop looks elsewhere. */
#define SOCKET_READS_MAX  64

/* A packet as it came; the bytes are valid during the call. */
struct received {
	struct vrrp_ip ip;
	bool truncated;	     /* longer than SOCKET_PACKET_MAX */
	const uint8_t *data; /* from the VRRP header on */
	size_t len;
};

typedef void (*socket_receive_fn)(const struct received *, void *arg);

struct sockets;

/* Opens all; fatal on failure. Before priv_drop(). */
struct sockets *socket_open(void);
/* Reads from now on. */
void socket_start(
    struct sockets *, struct event_base *, socket_receive_fn, void *arg);
/* Reads at most SOCKET_READS_MAX packets a socket, now; whether more wait. */
bool socket_drain(struct sockets *);

/*
 * Multicasts a VRRP packet to the group of the source's family. False with
 * errno when the kernel did not take it.
 */
bool socket_send_advert(struct sockets *, unsigned ifindex,
    const struct addr *source, const void *packet, size_t len);
/* Broadcasts the payload of an ARP frame. */
bool socket_send_arp(
    struct sockets *, unsigned ifindex, const void *payload, size_t len);
/* ICMPv6 to all nodes (ff02::1), hop limit 255; the kernel adds the checksum.
 */
bool socket_send_icmp6(struct sockets *, unsigned ifindex,
    const struct addr *source, const void *packet, size_t len);

/* --- group.c: membership of 224.0.0.18 and ff02::12 --- */

struct groups;

struct groups *group_new(void);
/*
 * Counted: each join is undone by a leave with the same interface, also when
 * that has gone meanwhile. False with errno when the kernel refuses.
 */
bool group_join(struct groups *, uint8_t family, unsigned ifindex);
void group_leave(struct groups *, uint8_t family, unsigned ifindex);

#endif
