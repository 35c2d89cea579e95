/* SPDX-License-Identifier: ISC */
/*
 * What each of the sockets lets pass. A filter is locked as soon as it is put
 * on, and does not depend on the configuration. Fatal on failure.
 */
#ifndef VRRPD_SOCKET_FILTER_H
#define VRRPD_SOCKET_FILTER_H

/* Nothing: the socket only sends. */
void socket_filter_nothing(int fd);
/* What is sent to the groups of VRRP; a raw socket's. */
void socket_filter_group4(int fd);
void socket_filter_group6(int fd);
/* ARP of Ethernet and IPv4; a packet socket's. */
void socket_filter_arp(int fd);
/* Neighbour advertisements; a raw socket's of ICMPv6. */
void socket_filter_neighbour_advert(int fd);
/* VRRP that leaves this host; a packet socket's. */
void socket_filter_outgoing(int fd);

#endif
