/* SPDX-License-Identifier: ISC */
/*
 * Our copy of the kernel's interfaces and addresses, over rtnetlink: read by
 * dumps, kept by notifications and by what the kernel accepts.
 */
#ifndef IPVSD_KERNEL_ADDR_NL_H
#define IPVSD_KERNEL_ADDR_NL_H

#include "kernel/addr_nl_msg.h"
#include "kernel/claim.h"

struct live_ifaces {
	struct live_iface *list;
	uint32_t count;
	uint32_t size;
};

struct addr_nl {
	struct netlink commands;
	struct netlink dumps;
	struct netlink events;
	struct live_ifaces ifaces;
	struct live_addresses addresses;
	struct live_ifaces new_ifaces; /* of the dump under way */
	struct live_addresses new_addresses;
	struct claims claims;
	bool ifaces_done;
	bool ifaces_changed; /* for the owner to see and clear */
	bool addresses_changed;
};

/* Opens the sockets. -1 with errno. */
int addr_nl_open(struct addr_nl *);
void addr_nl_close(struct addr_nl *);

/* Begins to read everything anew. -1 with errno. */
int addr_nl_dump(struct addr_nl *);
/* Goes on for about so many ns. 1: more is to come, 0: the copy is new, -1. */
int addr_nl_dump_step(struct addr_nl *, uint64_t slice);
/* Takes the notifications that wait, for about so many ns. 1: more may wait,
 * 0: none, -1: some were lost (dump) or the socket fails. */
int addr_nl_events(struct addr_nl *, uint64_t slice);

/* NULL: there is none. */
struct live_iface *addr_nl_iface(const struct addr_nl *, const char *name);
struct live_address *addr_nl_find(
    const struct addr_nl *, const struct desired_address *);

/* The copy follows what the kernel has accepted. */
void addr_nl_accepted(struct addr_nl *, const struct desired_address *,
    uint32_t ifindex, uint64_t now);
void addr_nl_removed(
    struct addr_nl *, const struct desired_address *, uint32_t ifindex);

#endif
