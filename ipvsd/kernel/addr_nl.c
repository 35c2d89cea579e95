/* SPDX-License-Identifier: ISC */
/* See addr_nl.h. */
#include "kernel/addr_nl.h"

#include <linux/rtnetlink.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "grow.h"

int
addr_nl_open(struct addr_nl *nl)
{
	memset(nl, 0, sizeof(*nl));
	if (netlink_open(&nl->commands, NETLINK_ROUTE) == -1 ||
	    netlink_open(&nl->dumps, NETLINK_ROUTE) == -1 ||
	    netlink_iface_open(&nl->events) == -1) {
		addr_nl_close(nl);
		return -1;
	}
	return 0;
}

void
addr_nl_close(struct addr_nl *nl)
{
	netlink_close(&nl->commands);
	netlink_close(&nl->dumps);
	netlink_close(&nl->events);
	free(nl->ifaces.list);
	free(nl->addresses.list);
	free(nl->new_ifaces.list);
	free(nl->new_addresses.list);
	claim_free(&nl->claims);
	memset(nl, 0, sizeof(*nl));
}

static struct live_iface *
iface_by_index(const struct live_ifaces *ifaces, uint32_t index)
{
	for (uint32_t i = 0; i < ifaces->count; i++)
		if (ifaces->list[i].index == index)
			return &ifaces->list[i];
	return NULL;
}

struct live_iface *
addr_nl_iface(const struct addr_nl *nl, const char *name)
{
	for (uint32_t i = 0; i < nl->ifaces.count; i++)
		if (strcmp(nl->ifaces.list[i].name, name) == 0)
			return &nl->ifaces.list[i];
	return NULL;
}

struct live_address *
addr_nl_find(const struct addr_nl *nl, const struct desired_address *wanted)
{
	return live_address_find(&nl->addresses, wanted);
}

static struct live_address *
find_exact(
    const struct live_addresses *addresses, const struct live_address *like)
{
	uint32_t place = live_address_place(addresses, like);

	if (place == addresses->count ||
	    live_address_cmp(&addresses->list[place], like) != 0)
		return NULL;
	return &addresses->list[place];
}

static void
put_iface(struct live_ifaces *ifaces, const struct live_iface *iface)
{
	struct live_iface *place = iface_by_index(ifaces, iface->index);

	if (place == NULL) {
		ifaces->list = grow(ifaces->list, ifaces->count, &ifaces->size,
		    sizeof(*ifaces->list));
		place = &ifaces->list[ifaces->count++];
	}
	*place = *iface;
}

static void
put_address(
    struct live_addresses *addresses, const struct live_address *address)
{
	struct live_address *old = find_exact(addresses, address);
	uint32_t place;

	if (old != NULL) {
		*old = *address;
		return;
	}
	addresses->list = grow(addresses->list, addresses->count,
	    &addresses->size, sizeof(*addresses->list));
	place = live_address_place(addresses, address);
	memmove(&addresses->list[place + 1], &addresses->list[place],
	    (addresses->count++ - place) * sizeof(*address));
	addresses->list[place] = *address;
}

static void
drop_address(struct live_addresses *addresses, struct live_address *address)
{
	size_t place = (size_t)(address - addresses->list);

	memmove(address, address + 1,
	    (--addresses->count - place) * sizeof(*address));
}

/* What a message tells, with the interface's name, whether the address is ours
 * and when we renewed it. False: it is of no interface that is known. */
static bool
read_address(const struct addr_nl *nl, const struct live_ifaces *ifaces,
    const struct nlmsghdr *header, struct live_address *address)
{
	const struct live_iface *iface;
	const struct live_address *old;
	struct netlink_address told;

	if (!netlink_read_address(header, &told) ||
	    (iface = iface_by_index(ifaces, told.ifindex)) == NULL)
		return false;
	memset(address, 0, sizeof(*address));
	address->addr = told.addr;
	address->prefix = told.prefix;
	address->scope = told.scope;
	address->ifindex = told.ifindex;
	memcpy(address->interface, iface->name, sizeof(address->interface));
	memcpy(address->label, told.label, sizeof(address->label));
	address->ours = told.proto == ADDR_PROTO ||
	    claim_has(&nl->claims, address->interface, &address->addr,
		address->prefix);
	if ((old = find_exact(&nl->addresses, address)) != NULL)
		address->renewed = old->renewed;
	return true;
}

static void
dumped(const struct nlmsghdr *header, void *arg)
{
	struct live_address address;
	struct addr_nl *nl = arg;
	struct live_iface iface;

	if (header->nlmsg_type == RTM_NEWLINK) {
		if (addr_nl_read_iface(header, &iface))
			put_iface(&nl->new_ifaces, &iface);
	} else if (header->nlmsg_type == RTM_NEWADDR) {
		if (read_address(nl, &nl->new_ifaces, header, &address))
			put_address(&nl->new_addresses, &address);
	}
}

int
addr_nl_dump(struct addr_nl *nl)
{
	nl->new_ifaces.count = nl->new_addresses.count = 0;
	nl->ifaces_done = false;
	return netlink_iface_dump(&nl->dumps, RTM_GETLINK);
}

static void
take_dump(struct addr_nl *nl)
{
	struct live_addresses addresses = nl->addresses;
	struct live_ifaces ifaces = nl->ifaces;

	nl->ifaces = nl->new_ifaces;
	nl->addresses = nl->new_addresses;
	nl->new_ifaces = ifaces;
	nl->new_addresses = addresses;
	nl->ifaces_changed = nl->addresses_changed = true;
}

int
addr_nl_dump_step(struct addr_nl *nl, uint64_t slice)
{
	uint64_t start = clock_monotonic();
	int more;

	do {
		if ((more = netlink_dump_step(&nl->dumps, dumped, nl)) == -1)
			return -1;
		if (more == 1)
			continue;
		if (nl->ifaces_done) {
			take_dump(nl);
			return 0;
		}
		nl->ifaces_done = true;
		if (netlink_iface_dump(&nl->dumps, RTM_GETADDR) == -1)
			return -1;
	} while (clock_monotonic() - start < slice);
	return 1;
}

static void
iface_event(struct addr_nl *nl, const struct nlmsghdr *header)
{
	struct live_address *address;
	struct live_iface iface, *old;

	if (!addr_nl_read_iface(header, &iface))
		return;
	old = iface_by_index(&nl->ifaces, iface.index);
	if (header->nlmsg_type == RTM_DELLINK) {
		if (old != NULL)
			*old = nl->ifaces.list[--nl->ifaces.count];
	} else {
		if (old != NULL && !iface.known) {
			memcpy(iface.settings, old->settings,
			    sizeof(iface.settings));
			iface.known = old->known;
		}
		if (old != NULL && old->flags == iface.flags &&
		    strcmp(old->name, iface.name) == 0) {
			*old = iface;
			return;
		}
		put_iface(&nl->ifaces, &iface);
	}
	for (uint32_t i = nl->addresses.count; i-- > 0;) {
		address = &nl->addresses.list[i];
		if (address->ifindex != iface.index)
			continue;
		if (header->nlmsg_type == RTM_DELLINK)
			drop_address(&nl->addresses, address);
		else
			memcpy(address->interface, iface.name,
			    sizeof(address->interface));
	}
	nl->ifaces_changed = true;
}

/* What ipvsd removes is not in the copy any more when the notification comes,
 * and the kernel removes what has outlived its lifetime. */
static void
removed_by_others(struct addr_nl *nl, const struct live_address *address)
{
	if (address->ours &&
	    (address->renewed == 0 ||
		clock_monotonic() - address->renewed <
		    ADDR_LIFETIME * NS_PER_SEC))
		claim_taken(&nl->claims, address->interface, &address->addr,
		    address->prefix);
}

static void
address_event(struct addr_nl *nl, const struct nlmsghdr *header)
{
	struct live_address address, *old;

	if (!read_address(nl, &nl->ifaces, header, &address))
		return;
	old = find_exact(&nl->addresses, &address);
	if (header->nlmsg_type == RTM_NEWADDR) {
		nl->addresses_changed |= old == NULL;
		put_address(&nl->addresses, &address);
	} else if (old != NULL) {
		removed_by_others(nl, old);
		nl->addresses_changed = true;
		drop_address(&nl->addresses, old);
	}
}

static void
event(const struct nlmsghdr *header, void *arg)
{
	struct addr_nl *nl = arg;

	switch (header->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		iface_event(nl, header);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		address_event(nl, header);
		break;
	}
}

int
addr_nl_events(struct addr_nl *nl, uint64_t slice)
{
	uint64_t start = clock_monotonic();
	int more;

	do
		more = netlink_receive(&nl->events, event, nl);
	while (more == 1 && clock_monotonic() - start < slice);
	return more;
}

/* --- what the kernel has accepted --- */

void
addr_nl_accepted(struct addr_nl *nl, const struct desired_address *from,
    uint32_t ifindex, uint64_t now)
{
	struct live_address address;

	memset(&address, 0, sizeof(address));
	address.addr = from->addr;
	address.prefix = from->prefix;
	address.scope = from->scope;
	address.ours = true;
	address.ifindex = ifindex;
	memcpy(address.interface, from->interface, sizeof(address.interface));
	memcpy(address.label, from->label, sizeof(address.label));
	address.renewed = now;
	put_address(&nl->addresses, &address);
	claim_add(&nl->claims, from->interface, &from->addr, from->prefix);
}

void
addr_nl_removed(
    struct addr_nl *nl, const struct desired_address *from, uint32_t ifindex)
{
	struct live_address like, *address;

	memset(&like, 0, sizeof(like));
	like.addr = from->addr;
	like.prefix = from->prefix;
	like.ifindex = ifindex;
	if ((address = find_exact(&nl->addresses, &like)) != NULL)
		drop_address(&nl->addresses, address);
	claim_remove(&nl->claims, from->interface, &from->addr, from->prefix);
}
