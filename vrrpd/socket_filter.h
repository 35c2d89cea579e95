/* SPDX-License-Identifier: ISC */
/*
 * What each of the sockets lets pass. A filter is locked as soon as it is put
 * on, and does not depend on the configuration. Fatal on failure.
 */
#ifndef VRRPD_SOCKET_FILTER_H
#define VRRPD_SOCKET_FILTER_H

/*
 * What a raw socket of VRRP hears. NEAR: all that is sent to the group; and
 * what is sent to this host alone and has its full TTL, so that no router has
 * forwarded it. FAR: what routers have. Both take to this host nothing but what
 * begins as an advert does: the whole Internet may send protocol 112, and must
 * not fill the queue that the neighbours' adverts wait in.
 */
enum reach { NEAR, FAR };

/* Nothing: the socket only sends. */
void socket_filter_nothing(int fd);
void socket_filter_vrrp4(int fd, enum reach);
void socket_filter_vrrp6(int fd, enum reach);
/* ARP of Ethernet and IPv4; a packet socket's. */
void socket_filter_arp(int fd);
/* Neighbour advertisements; a raw socket's of ICMPv6. */
void socket_filter_neighbour_advert(int fd);
/* VRRP that leaves this host; a packet socket's. */
void socket_filter_outgoing(int fd);

#endif
