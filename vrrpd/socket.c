/* SPDX-License-Identifier: ISC */
/*
 * Raw sockets for protocol 112 over IPv4 and IPv6, raw ICMPv6 and two packet
 * sockets. Their filters do not depend on the configuration and are locked, so
 * a taken-over vrrpd cannot turn them into a listener.
 */
#include "socket.h"

#include <sys/socket.h>

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "log_change.h"
#include "packet/packet.h"
#include "socket_filter.h"
#include "socket_set.h"

#define RECEIVE_BUFFER (1 << 20)

static void
option(int fd, int level, int name, int value, const char *what)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)) == -1)
		fatal("socket: %s", what);
}

static int
open_one(int family, int type, int protocol, const char *what)
{
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (fd == -1)
		fatal("socket: %s", what);
	return fd;
}

static int
open_vrrp4(enum reach reach, const char *what)
{
	int fd = open_one(AF_INET, SOCK_RAW, VRRP_PROTOCOL, what);

	socket_filter_vrrp4(fd, reach);
	option(fd, IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO");
	return fd;
}

static void
open_near4(struct sockets *sockets)
{
	int fd = open_vrrp4(NEAR, "VRRP over IPv4");

	option(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER, "SO_RCVBUF");
	option(fd, IPPROTO_IP, IP_TOS, VRRP_DSCP, "IP_TOS");
	option(fd, IPPROTO_IP, IP_TTL, VRRP_TTL, "IP_TTL");
	option(fd, IPPROTO_IP, IP_MULTICAST_TTL, VRRP_TTL, "IP_MULTICAST_TTL");
	option(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0, "IP_MULTICAST_LOOP");
	sockets->vrrp4 = fd;
}

/* It only sends: what IPv4 does not send from a source that has gone, but in
 * a packet whose header is ours. */
static void
open_farewell4(struct sockets *sockets)
{
	int fd = open_one(AF_INET, SOCK_RAW, VRRP_PROTOCOL, "IPv4 header");

	socket_filter_nothing(fd);
	option(fd, IPPROTO_IP, IP_HDRINCL, 1, "IP_HDRINCL");
	option(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0, "IP_MULTICAST_LOOP");
	sockets->farewell4 = fd;
}

static int
open_vrrp6(enum reach reach, const char *what)
{
	int fd = open_one(AF_INET6, SOCK_RAW, VRRP_PROTOCOL, what);

	socket_filter_vrrp6(fd, reach);
	option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
	option(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, "IPV6_RECVHOPLIMIT");
	/* vrrp_encode() writes the checksum and vrrp_decode() checks it: the
	 * kernel must do neither. */
	option(fd, IPPROTO_IPV6, IPV6_CHECKSUM, -1, "IPV6_CHECKSUM");
	return fd;
}

static void
open_near6(struct sockets *sockets)
{
	int fd = open_vrrp6(NEAR, "VRRP over IPv6");

	option(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER, "SO_RCVBUF");
	option(fd, IPPROTO_IPV6, IPV6_TCLASS, VRRP_DSCP, "IPV6_TCLASS");
	option(
	    fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, VRRP_TTL, "IPV6_UNICAST_HOPS");
	option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, VRRP_TTL,
	    "IPV6_MULTICAST_HOPS");
	option(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0, "IPV6_MULTICAST_LOOP");
	/* A source that has just gone may still say priority 0. */
	option(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1, "IPV6_FREEBIND");
	sockets->vrrp6 = fd;
}

/* Two sockets that send announcements, and hear those of others. */
static void
open_announce(struct sockets *sockets)
{
	const struct sockaddr_ll arp = {
	    .sll_family = AF_PACKET,
	    .sll_protocol = htons(ETH_P_ARP),
	};
	int fd;

	fd = open_one(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, "ICMPv6");
	socket_filter_neighbour_advert(fd);
	option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
	option(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, "IPV6_RECVHOPLIMIT");
	option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, VRRP_TTL,
	    "IPV6_MULTICAST_HOPS");
	option(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0, "IPV6_MULTICAST_LOOP");
	sockets->icmp6 = fd;
	/*
	 * Until it is bound it receives nothing. Binding it anew needs no
	 * capability, but the filter would still let ARP alone pass.
	 */
	fd = open_one(AF_PACKET, SOCK_DGRAM, 0, "packet");
	socket_filter_arp(fd);
	if (bind(fd, (const struct sockaddr *)&arp, sizeof(arp)) == -1)
		fatal("socket: bind to ARP");
	sockets->packet = fd;
}

static void
open_outgoing(struct sockets *sockets)
{
	int fd = open_one(AF_PACKET, SOCK_DGRAM, 0, "packet");

	socket_filter_outgoing(fd);
	sockets->outgoing = fd;
}

bool
socket_hear_outgoing(struct sockets *sockets, bool hear)
{
	/* Only what hears all protocols hears what leaves; ETH_P_LOOPBACK is
	 * heard by nobody, and the filter lets none of it pass. */
	const struct sockaddr_ll link = {
	    .sll_family = AF_PACKET,
	    .sll_protocol = htons(hear ? ETH_P_ALL : ETH_P_LOOPBACK),
	};

	return bind(sockets->outgoing, (const struct sockaddr *)&link,
		   sizeof(link)) == 0;
}

struct sockets *
socket_open(void)
{
	struct sockets *sockets = calloc(1, sizeof(*sockets));

	if (sockets == NULL)
		fatal("socket: calloc");
	open_near4(sockets);
	sockets->far4 = open_vrrp4(FAR, "VRRP over IPv4 from afar");
	open_farewell4(sockets);
	open_near6(sockets);
	sockets->far6 = open_vrrp6(FAR, "VRRP over IPv6 from afar");
	open_announce(sockets);
	open_outgoing(sockets);
	return sockets;
}

static void
ancillary(struct received *received, struct msghdr *msg)
{
	struct in_pktinfo info4;
	struct in6_pktinfo info6;
	struct cmsghdr *cmsg;
	int hops;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg != NULL;
	     cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level == IPPROTO_IP &&
		    cmsg->cmsg_type == IP_PKTINFO) {
			memcpy(&info4, CMSG_DATA(cmsg), sizeof(info4));
			received->ip.ifindex = (unsigned)info4.ipi_ifindex;
		} else if (cmsg->cmsg_level == IPPROTO_IPV6 &&
		    cmsg->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info6, CMSG_DATA(cmsg), sizeof(info6));
			received->ip.ifindex = info6.ipi6_ifindex;
			addr_from_in6(
			    &received->ip.destination, &info6.ipi6_addr);
		} else if (cmsg->cmsg_level == IPPROTO_IPV6 &&
		    cmsg->cmsg_type == IPV6_HOPLIMIT) {
			memcpy(&hops, CMSG_DATA(cmsg), sizeof(hops));
			received->ip.ttl = hops;
		}
	}
}

/* Steps over the IPv4 header, which the kernel has checked. */
static bool
strip_ip4(struct received *received)
{
	struct ip ip;
	size_t header;

	if (received->len < sizeof(ip))
		return false;
	memcpy(&ip, received->data, sizeof(ip));
	header = (size_t)ip.ip_hl * 4;
	if (header < sizeof(ip) || header > received->len)
		return false;
	received->ip.ttl = ip.ip_ttl;
	addr_from_in(&received->ip.source, &ip.ip_src);
	addr_from_in(&received->ip.destination, &ip.ip_dst);
	received->data += header;
	received->len -= header;
	return true;
}

/* Where a packet socket's packet came in. */
static unsigned
link_of(const struct sockaddr_storage *from)
{
	struct sockaddr_ll link;

	memcpy(&link, from, sizeof(link));
	return (unsigned)link.sll_ifindex;
}

/* A packet socket's packet: ARP, or VRRP that leaves. */
static void
receive_frame(struct sockets *sockets, int fd, struct received *received)
{
	received->ip.family = AF_INET;
	if (fd == sockets->packet)
		sockets->handlers.neighbour(received, sockets->arg);
	else
		sockets->handlers.outgoing(received, sockets->arg);
}

/* Reads one packet and hands it on; false when there is none. */
static bool
receive_one(struct sockets *sockets, int fd)
{
	struct received received = {.ip = {.ttl = -1}};
	struct sockaddr_storage from;
	union control control;
	struct iovec iov = {sockets->buffer, sizeof(sockets->buffer)};
	struct msghdr msg = {
	    .msg_name = &from,
	    .msg_namelen = sizeof(from),
	    .msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(fd, &msg, 0);

	if (len == -1) {
		if (errno != EAGAIN && errno != EINTR)
			log_change_warnx(
			    "socket", "socket: receive: %s", strerror(errno));
		return false;
	}
	received.data = sockets->buffer;
	received.len = (size_t)len;
	received.truncated = (msg.msg_flags & MSG_TRUNC) != 0;
	if (fd == sockets->packet || fd == sockets->outgoing) {
		received.ip.ifindex = link_of(&from);
		receive_frame(sockets, fd, &received);
		return true;
	}
	ancillary(&received, &msg);
	if (!addr_from_sockaddr(&received.ip.source, NULL,
		(struct sockaddr *)&from, msg.msg_namelen))
		return true;
	received.ip.family = received.ip.source.family;
	if ((fd == sockets->vrrp4 || fd == sockets->far4) &&
	    !strip_ip4(&received))
		return true;
	if (fd == sockets->icmp6)
		sockets->handlers.neighbour(&received, sockets->arg);
	else
		sockets->handlers.receive(&received, sockets->arg);
	return true;
}

/* Reads so many packets at most. True when more may wait. */
static bool
read_some(struct sockets *sockets, int fd, int most)
{
	for (int i = 0; i < most; i++) {
		if (!receive_one(sockets, fd))
			return false;
	}
	return true;
}

static void
readable(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	(void)read_some(arg, fd, SOCKET_READS_MAX);
}

static void
few_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	(void)read_some(arg, fd, SOCKET_READS_FEW);
}

static struct event *
event_of(struct event_base *base, int fd, event_callback_fn callback,
    struct sockets *sockets)
{
	struct event *event = event_new(
	    base, fd, EV_READ | EV_PERSIST, callback, sockets);

	if (event == NULL)
		fatalx("socket: event");
	return event;
}

static void
listen_to(struct event *event, bool want)
{
	if ((want ? event_add(event, NULL) : event_del(event)) == -1)
		fatalx("socket: event");
}

void
socket_start(struct sockets *sockets, struct event_base *base,
    const struct socket_handlers *handlers, void *arg)
{
	sockets->handlers = *handlers;
	sockets->arg = arg;
	sockets->event4 = event_of(base, sockets->vrrp4, readable, sockets);
	sockets->event6 = event_of(base, sockets->vrrp6, readable, sockets);
	sockets->event_far4 = event_of(
	    base, sockets->far4, few_readable, sockets);
	sockets->event_far6 = event_of(
	    base, sockets->far6, few_readable, sockets);
	sockets->event_arp = event_of(
	    base, sockets->packet, few_readable, sockets);
	sockets->event_icmp6 = event_of(
	    base, sockets->icmp6, few_readable, sockets);
	sockets->event_outgoing = event_of(
	    base, sockets->outgoing, few_readable, sockets);
	listen_to(sockets->event4, true);
	listen_to(sockets->event6, true);
	listen_to(sockets->event_arp, true);
	listen_to(sockets->event_icmp6, true);
	listen_to(sockets->event_outgoing, true);
}

void
socket_hear_far(struct sockets *sockets, bool want)
{
	if (want == sockets->hear_far)
		return;
	sockets->hear_far = want;
	listen_to(sockets->event_far4, want);
	listen_to(sockets->event_far6, want);
}

bool
socket_drain(struct sockets *sockets)
{
	bool more = read_some(sockets, sockets->vrrp4, SOCKET_READS_MAX);

	if (sockets->hear_far) {
		(void)read_some(sockets, sockets->far4, SOCKET_READS_FEW);
		(void)read_some(sockets, sockets->far6, SOCKET_READS_FEW);
	}
	return read_some(sockets, sockets->vrrp6, SOCKET_READS_MAX) || more;
}
