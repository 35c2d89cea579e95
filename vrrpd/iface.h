/* SPDX-License-Identifier: ISC */
/*
 * The table of the host's interfaces and their addresses. It knows no socket:
 * rtnetlink.c tells it what the kernel says, and when the table is whole. The
 * table owns all that is in it; a pointer to an interface or an address is good
 * until the next message.
 */
#ifndef VRRPD_IFACE_H
#define VRRPD_IFACE_H

#include <sys/queue.h>

#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "addr.h"

struct iface_addr {
	TAILQ_ENTRY(iface_addr) entry; /* of the interface, kernel's order */
	LIST_ENTRY(iface_addr) hash;
	struct addr addr;
	unsigned ifindex;
	uint8_t prefix;
	bool usable;   /* as a source: not tentative, not failed DAD */
	uint32_t seen; /* number of the dump that told it last */
};

struct iface {
	LIST_ENTRY(iface) index_hash;
	LIST_ENTRY(iface) name_hash;
	LIST_ENTRY(iface) entry;
	unsigned index;
	char name[IFNAMSIZ];
	bool up;       /* IFF_UP */
	bool running;  /* IFF_RUNNING: carrier and operational */
	bool ethernet; /* mac is valid */
	bool in_vrf;
	bool arp; /* answers and asks ARP (not IFF_NOARP) */
	uint8_t mac[ETHER_ADDR_LEN];
	uint32_t mtu;	/* bytes */
	uint64_t moved; /* when neighbours had to learn of it anew: which of
			   all such events; 0: never */
	TAILQ_HEAD(, iface_addr) addrs;
	uint32_t seen; /* number of the dump that told it last */
};

struct ifaces;
struct netlink_address;
struct netlink_iface;

/* An empty table. Fatal without memory. */
struct ifaces *iface_new(void);
/* Whether a whole dump has been read: what is not in the table is not there. */
bool iface_known(const struct ifaces *);

/* NULL: there is none. */
struct iface *iface_by_index(const struct ifaces *, unsigned index);
struct iface *iface_by_name(const struct ifaces *, const char *name);
const struct iface_addr *iface_address(
    const struct ifaces *, unsigned index, const struct addr *);

/* The first interface that has the address; NULL: none. Looks at all. */
const struct iface *iface_with(const struct ifaces *, const struct addr *);
/* Whether the address is in a network of the interface. */
bool iface_is_on_link(const struct iface *, const struct addr *);

/* The kernel told of an interface: it is there, as told, or gone. True when
 * that is something new. Without memory (logged) nothing changes. */
bool iface_told(struct ifaces *, const struct netlink_iface *);
void iface_gone(struct ifaces *, unsigned index);
/* The same of an address; a renewed lifetime is nothing new. One of an unknown
 * interface is passed over. */
bool iface_address_told(struct ifaces *, const struct netlink_address *);
bool iface_address_gone(struct ifaces *, const struct netlink_address *);

/* A dump begins. */
void iface_mark(struct ifaces *);
/* The dump is complete: what it did not tell is removed. True when that was
 * something, or when this was the first dump. */
bool iface_sweep(struct ifaces *);

#endif
