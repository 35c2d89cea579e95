/* SPDX-License-Identifier: ISC */
/* The sockets' filters, see socket_filter.h. */
#include "socket_filter.h"

#include <sys/socket.h>

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/icmp6.h>

#include "log.h"
#include "packet/packet.h"
#include "socket_set.h"

#define ARP_IP4		UINT32_C(0x00010800) /* hardware, protocol */
#define ARP_LEN		28
#define IP4_TTL		8 /* offsets in the IP headers */
#define IP4_PROTOCOL	9
#define IP4_DESTINATION 16
#define IP6_NEXT_HEADER 6
#define IP6_HOP_LIMIT	7
#define IP6_DESTINATION 24
#define MULTICAST4	UINT32_C(0xe0000000) /* from here on */
#define MULTICAST6	UINT32_C(0xff000000)
#define VRRP_V2_ADVERT	0x21 /* the first byte, RFC 9568 5.2.1 */
#define VRRP_V3_ADVERT	0x31

static void
filter(int fd, struct sock_filter *code, size_t len)
{
	struct sock_fprog program = {(unsigned short)len, code};
	const int locked = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		sizeof(program)) == -1)
		fatal("socket: filter");
	if (setsockopt(
		fd, SOL_SOCKET, SO_LOCK_FILTER, &locked, sizeof(locked)) == -1)
		fatal("socket: lock filter");
}

void
socket_filter_nothing(int fd)
{
	struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};

	filter(fd, code, sizeof(code) / sizeof(code[0]));
}

/* A raw IPv4 socket's filter sees the IP header. */
void
socket_filter_vrrp4(int fd, enum reach reach)
{
	const uint8_t group = reach == NEAR ? 7 : 8;
	const uint8_t full = reach == NEAR ? 0 : 5;
	const uint8_t less = reach == NEAR ? 5 : 0;
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, IP4_DESTINATION),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, GROUP4, group, 0),
	    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, MULTICAST4, 7, 0),
	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, IP4_TTL),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, VRRP_TTL, full, less),
	    BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
	    BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, VRRP_V2_ADVERT, 1, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, VRRP_V3_ADVERT, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};

	filter(fd, code, sizeof(code) / sizeof(code[0]));
}

/* A raw IPv6 socket's filter sees the payload; SKF_NET_OFF leads to the
 * header. */
void
socket_filter_vrrp6(int fd, enum reach reach)
{
	const uint32_t header = (uint32_t)SKF_NET_OFF;
	const uint32_t to = header + IP6_DESTINATION;
	const uint8_t group = reach == NEAR ? 5 : 6;
	const uint8_t full = reach == NEAR ? 0 : 3;
	const uint8_t less = reach == NEAR ? 3 : 0;
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, to),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, GROUP6_HIGH, 0, 6),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, to + 4),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 10),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, to + 8),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 8),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, to + 12),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, GROUP6_LOW, group, 6),
	    /* to this host; the first word is still loaded */
	    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, MULTICAST6, 5, 0),
	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, header + IP6_HOP_LIMIT),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, VRRP_TTL, full, less),
	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, VRRP_V3_ADVERT, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};

	filter(fd, code, sizeof(code) / sizeof(code[0]));
}

/* Of ARP what is of Ethernet and IPv4: the filter sees its header. */
void
socket_filter_arp(int fd)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARP_IP4, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, ARP_LEN),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};

	filter(fd, code, sizeof(code) / sizeof(code[0]));
}

void
socket_filter_neighbour_advert(int fd)
{
	struct icmp6_filter one;
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_ADVERT, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};

	filter(fd, code, sizeof(code) / sizeof(code[0]));
	ICMP6_FILTER_SETBLOCKALL(&one);
	ICMP6_FILTER_SETPASS(ND_NEIGHBOR_ADVERT, &one);
	if (setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &one, sizeof(one)) ==
	    -1)
		fatal("socket: ICMP6_FILTER");
}

/*
 * VRRP over IPv4 and IPv6 that leaves this host. A program that sends adverts
 * keeps them from the host's own raw sockets (IP_MULTICAST_LOOP), as we do.
 */
void
socket_filter_outgoing(int fd)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS,
		(uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 8),
	    BPF_STMT(BPF_LD | BPF_H | BPF_ABS,
		(uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 2),
	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, IP4_PROTOCOL),
	    BPF_JUMP(BPF_JMP | BPF_JA, 2, 0, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 0, 3),
	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, IP6_NEXT_HEADER),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, VRRP_PROTOCOL, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};

	filter(fd, code, sizeof(code) / sizeof(code[0]));
}
