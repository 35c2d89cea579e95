/* SPDX-License-Identifier: ISC */
/* The sockets, shared by socket.c and socket_send.c; see socket.h. */
#ifndef VRRPD_SOCKET_SET_H
#define VRRPD_SOCKET_SET_H

#include <sys/socket.h>

#include "socket.h"

#define GROUP4	    UINT32_C(0xe0000012) /* 224.0.0.18 */
#define GROUP6_HIGH UINT32_C(0xff020000) /* ff02::12 */
#define GROUP6_LOW  UINT32_C(0x00000012)

struct sockets {
	int vrrp4;     /* hears the group and neighbours, and sends */
	int far4;      /* hears who is routers away */
	int farewell4; /* sends VRRP with an IPv4 header of ours */
	int vrrp6;     /* as for IPv4 */
	int far6;
	int icmp6;
	int packet;
	int outgoing; /* hears what leaves this host, while it is bound */
	struct event *event4;
	struct event *event_far4;
	struct event *event6;
	struct event *event_far6;
	struct event *event_arp;
	struct event *event_icmp6;
	struct event *event_outgoing;
	bool hear_far;
	struct socket_handlers handlers;
	void *arg;
	uint8_t buffer[SOCKET_PACKET_MAX];
};

/* A control message buffer that is aligned as a cmsghdr must be. */
union control {
	struct cmsghdr header;
	uint8_t bytes[256];
};

#endif
