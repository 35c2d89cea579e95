/* SPDX-License-Identifier: ISC */
/* Sends adverts and announcements, see socket.h. */
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>

#include "packet/packet.h"
#include "socket_set.h"

/* The pointer in struct iovec is not const, but sendmsg only reads. */
static struct iovec
piece(const void *data, size_t len)
{
	return (struct iovec){(void *)(uintptr_t)data, len};
}

/* Sends what msg->msg_iov has. */
static bool
transmit(int fd, struct msghdr *msg, struct sockaddr *to, socklen_t to_len)
{
	size_t len = 0;
	ssize_t sent;

	for (size_t i = 0; i < msg->msg_iovlen; i++)
		len += msg->msg_iov[i].iov_len;
	msg->msg_name = to;
	msg->msg_namelen = to_len;
	sent = sendmsg(fd, msg, MSG_NOSIGNAL);
	return sent != -1 && (size_t)sent == len;
}

static bool
transmit4(int fd, unsigned ifindex, const struct addr *source,
    const struct addr *destination, struct iovec *pieces, size_t count)
{
	struct in_pktinfo info = {.ipi_ifindex = (int)ifindex};
	struct sockaddr_in to = {.sin_family = AF_INET};
	union control control = {0};
	struct msghdr msg = {
	    .msg_iov = pieces,
	    .msg_iovlen = count,
	    .msg_control = &control,
	    .msg_controllen = CMSG_SPACE(sizeof(info)),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	memcpy(&to.sin_addr, destination->bytes, sizeof(to.sin_addr));
	memcpy(&info.ipi_spec_dst, source->bytes, 4);
	cmsg->cmsg_level = IPPROTO_IP;
	cmsg->cmsg_type = IP_PKTINFO;
	cmsg->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(cmsg), &info, sizeof(info));
	return transmit(fd, &msg, (struct sockaddr *)&to, sizeof(to));
}

static bool
transmit6(int fd, unsigned ifindex, const struct addr *source,
    const struct addr *destination, const void *data, size_t len)
{
	struct in6_pktinfo info = {.ipi6_ifindex = ifindex};
	struct sockaddr_in6 to = {.sin6_family = AF_INET6};
	union control control = {0};
	struct iovec iov = piece(data, len);
	struct msghdr msg = {
	    .msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = CMSG_SPACE(sizeof(info)),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	memcpy(&to.sin6_addr, destination->bytes, sizeof(to.sin6_addr));
	to.sin6_scope_id = ifindex;
	memcpy(&info.ipi6_addr, source->bytes, 16);
	cmsg->cmsg_level = IPPROTO_IPV6;
	cmsg->cmsg_type = IPV6_PKTINFO;
	cmsg->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(cmsg), &info, sizeof(info));
	return transmit(fd, &msg, (struct sockaddr *)&to, sizeof(to));
}

bool
socket_send_advert(struct sockets *sockets, unsigned ifindex,
    const struct addr *source, const struct addr *to, const void *packet,
    size_t len)
{
	struct iovec iov = piece(packet, len);

	if (source->family == AF_INET)
		return transmit4(sockets->vrrp4, ifindex, source, to, &iov, 1);
	return transmit6(sockets->vrrp6, ifindex, source, to, packet, len);
}

bool
socket_send_farewell(struct sockets *sockets, unsigned ifindex,
    const struct addr *source, const struct addr *to, const void *packet,
    size_t len)
{
	/* The kernel writes the length, the checksum and an identification. */
	struct ip header = {
	    .ip_v = IPVERSION,
	    .ip_hl = sizeof(header) / 4,
	    .ip_tos = VRRP_DSCP,
	    .ip_ttl = VRRP_TTL,
	    .ip_p = VRRP_PROTOCOL,
	};
	struct iovec pieces[] = {
	    piece(&header, sizeof(header)), piece(packet, len)};

	if (source->family == AF_INET6)
		return socket_send_advert(
		    sockets, ifindex, source, to, packet, len);
	memcpy(&header.ip_src, source->bytes, sizeof(header.ip_src));
	memcpy(&header.ip_dst, to->bytes, sizeof(header.ip_dst));
	return transmit4(sockets->farewell4, ifindex, source, to, pieces, 2);
}

bool
socket_send_arp(
    struct sockets *sockets, unsigned ifindex, const void *payload, size_t len)
{
	struct sockaddr_ll to = {
	    .sll_family = AF_PACKET,
	    .sll_protocol = htons(ETH_P_ARP),
	    .sll_ifindex = (int)ifindex,
	    .sll_halen = ETHER_ADDR_LEN,
	};
	struct iovec iov = piece(payload, len);
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	memset(to.sll_addr, 0xff, ETHER_ADDR_LEN);
	return transmit(
	    sockets->packet, &msg, (struct sockaddr *)&to, sizeof(to));
}

bool
socket_send_icmp6(struct sockets *sockets, unsigned ifindex,
    const struct addr *source, const void *packet, size_t len)
{
	static const struct addr all_nodes = {
	    AF_INET6, {0xff, 0x02, [15] = 0x01}};

	return transmit6(
	    sockets->icmp6, ifindex, source, &all_nodes, packet, len);
}
