/* SPDX-License-Identifier: ISC */
/*
 * The host's interfaces and their addresses as rtnetlink tells them: a dump
 * at start (and whenever notifications were lost), then notifications.
 */
#ifndef VRRPD_IFACE_H
#define VRRPD_IFACE_H

#include <sys/queue.h>

#include <event2/event.h>
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
	uint32_t seen; /* the dump that last told it */
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
	uint32_t mtu;
	TAILQ_HEAD(, iface_addr) addrs;
	uint32_t seen;
};

struct ifaces;

/* Opens rtnetlink, before priv_drop(); fatal on failure. */
struct ifaces *iface_open(void);
/*
 * Begins the dump. changed is called after any batch that changed something
 * (a renewed lifetime is no change), and once when the first dump is whole.
 */
void iface_start(struct ifaces *, struct event_base *,
    void (*changed)(void *arg), void *arg);
/* Whether the first dump is whole. */
bool iface_known(const struct ifaces *);
/* Reads what waits, now; whether more may wait. */
bool iface_drain(struct ifaces *);

struct iface *iface_by_index(const struct ifaces *, unsigned index);
struct iface *iface_by_name(const struct ifaces *, const char *name);
const struct iface_addr *iface_address(
    const struct ifaces *, unsigned index, const struct addr *);

/* --- iface_msg.c hands these what it reads --- */

struct iface *iface_set(struct ifaces *, unsigned index, const char *name);
void iface_remove(struct ifaces *, unsigned index);
/* True when it is new or its use changed. */
bool iface_addr_set(struct ifaces *, unsigned index, const struct addr *,
    uint8_t prefix, bool usable);
bool iface_addr_remove(
    struct ifaces *, unsigned index, const struct addr *, uint8_t prefix);
/* A dump begins: what it does not tell is removed by iface_sweep(). */
void iface_mark(struct ifaces *);
bool iface_sweep(struct ifaces *);

/* --- iface_msg.c: true when something changed --- */
struct nlmsghdr;
/* RTM_NEWLINK or RTM_DELLINK; RTM_NEWADDR or RTM_DELADDR. */
bool iface_read_link(struct ifaces *, struct nlmsghdr *);
bool iface_read_address(struct ifaces *, struct nlmsghdr *);

/* --- rtnetlink.c --- */
struct rtnl;
struct rtnl *rtnl_open(struct ifaces *);
void rtnl_start(
    struct rtnl *, struct event_base *, void (*changed)(void *), void *arg);
bool rtnl_known(const struct rtnl *);
bool rtnl_read(struct rtnl *);

#endif
