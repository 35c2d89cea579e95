/* SPDX-License-Identifier: ISC */
/*
 * rtnetlink's messages about interfaces and addresses, as structs. A message
 * of any content is safe; one that cannot be read is to be ignored.
 */
#ifndef COMMON_NET_NETLINK_IFACE_H
#define COMMON_NET_NETLINK_IFACE_H

#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "net/netlink.h"

/* IFA_PROTO, which older headers do not have. */
#define NETLINK_IFA_PROTO 11

/* An interface. inet_conf points into the message that was read. */
struct netlink_iface {
	uint32_t index;
	uint32_t flags; /* IFF_* */
	char name[IFNAMSIZ];
	bool in_vrf;
	bool ethernet; /* mac is valid */
	uint8_t mac[ETHER_ADDR_LEN];
	uint32_t mtu;		  /* bytes; 0: not told */
	uint32_t event;		  /* IFLA_EVENT_*; 0: not told */
	struct nlattr *inet_conf; /* IFLA_INET_CONF; NULL: not told */
};

/* An address of an interface. */
struct netlink_address {
	struct addr addr; /* the host's, where a link has two ends */
	uint8_t prefix;
	uint8_t scope;	/* RT_SCOPE_* */
	uint8_t proto;	/* IFAPROT_*; 0: not told, or by nobody */
	uint32_t flags; /* IFA_F_* */
	uint32_t ifindex;
	char label[IFNAMSIZ]; /* "": none */
};

/* A socket that hears of each interface and address. -1 with errno. */
int netlink_iface_open(struct netlink *);
/* Asks for a dump: RTM_GETLINK or RTM_GETADDR. -1 with errno. */
int netlink_iface_dump(struct netlink *, int type);

/* RTM_NEWLINK or RTM_DELLINK. False: it does not name an interface, or is about
 * a bridge's port. */
bool netlink_read_iface(const struct nlmsghdr *, struct netlink_iface *);
/* RTM_NEWADDR or RTM_DELADDR. False: it has no address of IPv4 or IPv6. */
bool netlink_read_address(const struct nlmsghdr *, struct netlink_address *);

#endif
