/* SPDX-License-Identifier: ISC */
/*
 * The table of the host's interfaces and their addresses. It knows no socket:
 * iface_msg.c reads the kernel's messages into it, and rtnetlink.c gets those
 * and says when the table is whole. The table owns all that is in it; a
 * pointer to an interface or an address is good until the next message.
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
	bool arp;      /* answers and asks ARP (not IFF_NOARP) */
	uint8_t mac[ETHER_ADDR_LEN];
	uint32_t mtu; /* bytes */
	TAILQ_HEAD(, iface_addr) addrs;
	uint32_t seen; /* number of the dump that told it last */
};

struct ifaces;

/* An empty table. Fatal without memory. */
struct ifaces *iface_new(void);
/* Whether a whole dump has been read: what is not in the table is not there. */
bool iface_known(const struct ifaces *);

/* NULL: there is none. */
struct iface *iface_by_index(const struct ifaces *, unsigned index);
struct iface *iface_by_name(const struct ifaces *, const char *name);
const struct iface_addr *iface_address(
    const struct ifaces *, unsigned index, const struct addr *);

/* The interface of this index with this name, made if it is not there yet.
 * NULL without memory (logged). */
struct iface *iface_set(struct ifaces *, unsigned index, const char *name);
void iface_remove(struct ifaces *, unsigned index);
/* True when the address is new or `usable` changed. Without memory (logged)
 * and on an unknown interface nothing changes. */
bool iface_addr_set(struct ifaces *, unsigned index, const struct addr *,
    uint8_t prefix, bool usable);
/* True when the address was there. */
bool iface_addr_remove(
    struct ifaces *, unsigned index, const struct addr *, uint8_t prefix);

/* A dump begins. */
void iface_mark(struct ifaces *);
/* The dump is complete: what it did not tell is removed. True when that was
 * something, or when this was the first dump. */
bool iface_sweep(struct ifaces *);

#endif
