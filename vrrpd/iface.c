/* SPDX-License-Identifier: ISC */
/* The table of interfaces and addresses, see iface.h. */
#include "iface.h"

#include <linux/if_addr.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "net/netlink_iface.h"

#define BUCKETS	     256
#define ADDR_BUCKETS 1024
#define ANY_PREFIX   (-1)

LIST_HEAD(iface_list, iface);
LIST_HEAD(addr_list, iface_addr);

struct ifaces {
	struct iface_list all;
	struct iface_list by_index[BUCKETS];
	struct iface_list by_name[BUCKETS];
	struct addr_list by_addr[ADDR_BUCKETS];
	uint64_t moves; /* of all interfaces, so far */
	uint32_t dump;	/* number of the last dump that began */
	bool known;	/* one was complete */
};

static unsigned
hash_bytes(const void *data, size_t len, uint32_t hash)
{
	const uint8_t *bytes = data;

	/* FNV-1a */
	hash ^= 2166136261u;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash;
}

struct ifaces *
iface_new(void)
{
	struct ifaces *ifaces = calloc(1, sizeof(*ifaces));

	if (ifaces == NULL)
		fatal("iface: calloc");
	return ifaces;
}

bool
iface_known(const struct ifaces *ifaces)
{
	return ifaces->known;
}

static void
addr_free(struct iface *iface, struct iface_addr *addr)
{
	TAILQ_REMOVE(&iface->addrs, addr, entry);
	LIST_REMOVE(addr, hash);
	free(addr);
}

static void
iface_free(struct iface *iface)
{
	struct iface_addr *addr;

	while ((addr = TAILQ_FIRST(&iface->addrs)) != NULL)
		addr_free(iface, addr);
	LIST_REMOVE(iface, entry);
	LIST_REMOVE(iface, index_hash);
	LIST_REMOVE(iface, name_hash);
	free(iface);
}

struct iface *
iface_by_index(const struct ifaces *ifaces, unsigned index)
{
	struct iface *iface;

	LIST_FOREACH(iface, &ifaces->by_index[index % BUCKETS], index_hash) {
		if (iface->index == index)
			return iface;
	}
	return NULL;
}

struct iface *
iface_by_name(const struct ifaces *ifaces, const char *name)
{
	struct iface *iface;
	unsigned bucket = hash_bytes(name, strlen(name), 0) % BUCKETS;

	LIST_FOREACH(iface, &ifaces->by_name[bucket], name_hash) {
		if (strcmp(iface->name, name) == 0)
			return iface;
	}
	return NULL;
}

static unsigned
addr_bucket(unsigned index, const struct addr *addr)
{
	return hash_bytes(addr->bytes, addr_len(addr->family), index) %
	    ADDR_BUCKETS;
}

/* The kernel may hold one address twice, with different prefix lengths. */
static struct iface_addr *
addr_find(const struct ifaces *ifaces, unsigned index,
    const struct addr *wanted, int prefix)
{
	struct iface_addr *addr;

	LIST_FOREACH(addr, &ifaces->by_addr[addr_bucket(index, wanted)], hash) {
		if (addr->ifindex == index && addr_equal(&addr->addr, wanted) &&
		    (prefix == ANY_PREFIX || prefix == addr->prefix))
			return addr;
	}
	return NULL;
}

const struct iface_addr *
iface_address(
    const struct ifaces *ifaces, unsigned index, const struct addr *wanted)
{
	return addr_find(ifaces, index, wanted, ANY_PREFIX);
}

const struct iface *
iface_with(const struct ifaces *ifaces, const struct addr *addr)
{
	const struct iface *iface;

	LIST_FOREACH(iface, &ifaces->all, entry) {
		if (iface_address(ifaces, iface->index, addr) != NULL)
			return iface;
	}
	return NULL;
}

/* Whether the first `prefix` bits of both are equal. */
static bool
same_network(const struct addr *a, const struct addr *b, unsigned prefix)
{
	unsigned whole = prefix / 8, rest = prefix % 8;

	return a->family == b->family && prefix <= addr_max_prefix(a->family) &&
	    memcmp(a->bytes, b->bytes, whole) == 0 &&
	    (rest == 0 ||
		(a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest) == 0);
}

bool
iface_is_on_link(const struct iface *iface, const struct addr *addr)
{
	const struct iface_addr *own;

	TAILQ_FOREACH(own, &iface->addrs, entry) {
		if (same_network(&own->addr, addr, own->prefix))
			return true;
	}
	return false;
}

static void
set_name(struct ifaces *ifaces, struct iface *iface, const char *name)
{
	size_t len = strnlen(name, sizeof(iface->name) - 1);
	unsigned bucket;

	memset(iface->name, 0, sizeof(iface->name));
	memcpy(iface->name, name, len);
	bucket = hash_bytes(iface->name, len, 0) % BUCKETS;
	LIST_INSERT_HEAD(&ifaces->by_name[bucket], iface, name_hash);
}

/* The interface of this index with this name, made if it is not there yet.
 * NULL without memory (logged). */
static struct iface *
iface_set(struct ifaces *ifaces, unsigned index, const char *name)
{
	struct iface *iface = iface_by_index(ifaces, index);

	if (iface == NULL) {
		if ((iface = calloc(1, sizeof(*iface))) == NULL) {
			log_warn("interface %s", name);
			return NULL;
		}
		iface->index = index;
		TAILQ_INIT(&iface->addrs);
		LIST_INSERT_HEAD(&ifaces->all, iface, entry);
		LIST_INSERT_HEAD(
		    &ifaces->by_index[index % BUCKETS], iface, index_hash);
		set_name(ifaces, iface, name);
	} else if (strcmp(iface->name, name) != 0) {
		LIST_REMOVE(iface, name_hash);
		set_name(ifaces, iface, name);
	}
	iface->seen = ifaces->dump;
	return iface;
}

/* Whether neighbours and switches look for it where it is no more: it has
 * another hardware address, or, as a bond, another port. */
static bool
has_moved(const struct iface *was, const struct netlink_iface *told)
{
	return told->event == IFLA_EVENT_NOTIFY_PEERS ||
	    told->event == IFLA_EVENT_BONDING_FAILOVER ||
	    (was->ethernet && told->ethernet &&
		memcmp(was->mac, told->mac, ETHER_ADDR_LEN) != 0);
}

bool
iface_told(struct ifaces *ifaces, const struct netlink_iface *told)
{
	struct iface *iface = iface_by_index(ifaces, told->index), was;

	memset(&was, 0, sizeof(was));
	if (iface != NULL)
		was = *iface;
	if ((iface = iface_set(ifaces, told->index, told->name)) == NULL)
		return false;
	iface->up = (told->flags & IFF_UP) != 0;
	iface->running = (told->flags & IFF_RUNNING) != 0;
	iface->in_vrf = told->in_vrf;
	iface->arp = (told->flags & IFF_NOARP) == 0;
	iface->ethernet = told->ethernet;
	if (told->ethernet)
		memcpy(iface->mac, told->mac, ETHER_ADDR_LEN);
	if (told->mtu != 0)
		iface->mtu = told->mtu;
	if (has_moved(&was, told))
		iface->moved = ++ifaces->moves;
	/* Many messages tell counters and the like alone. */
	return strcmp(was.name, iface->name) != 0 || was.up != iface->up ||
	    was.running != iface->running || was.mtu != iface->mtu ||
	    was.moved != iface->moved ||
	    memcmp(was.mac, iface->mac, ETHER_ADDR_LEN) != 0;
}

void
iface_gone(struct ifaces *ifaces, unsigned index)
{
	struct iface *iface = iface_by_index(ifaces, index);

	if (iface != NULL)
		iface_free(iface);
}

bool
iface_address_told(struct ifaces *ifaces, const struct netlink_address *told)
{
	struct iface *iface = iface_by_index(ifaces, told->ifindex);
	struct iface_addr *addr = addr_find(
	    ifaces, told->ifindex, &told->addr, told->prefix);
	bool usable = (told->flags & IFA_F_DADFAILED) == 0 &&
	    ((told->flags & IFA_F_TENTATIVE) == 0 ||
		(told->flags & IFA_F_OPTIMISTIC) != 0);
	bool changed = addr == NULL || addr->usable != usable;

	if (iface == NULL)
		return false;
	if (addr == NULL) {
		if ((addr = calloc(1, sizeof(*addr))) == NULL) {
			log_warn("interface %s: address", iface->name);
			return false;
		}
		addr->addr = told->addr;
		addr->prefix = told->prefix;
		addr->ifindex = iface->index;
		TAILQ_INSERT_TAIL(&iface->addrs, addr, entry);
		LIST_INSERT_HEAD(
		    &ifaces->by_addr[addr_bucket(iface->index, &addr->addr)],
		    addr, hash);
	}
	addr->usable = usable;
	addr->seen = ifaces->dump;
	return changed;
}

bool
iface_address_gone(struct ifaces *ifaces, const struct netlink_address *told)
{
	struct iface *iface = iface_by_index(ifaces, told->ifindex);
	struct iface_addr *addr = addr_find(
	    ifaces, told->ifindex, &told->addr, told->prefix);

	if (iface == NULL || addr == NULL)
		return false;
	addr_free(iface, addr);
	return true;
}

void
iface_mark(struct ifaces *ifaces)
{
	ifaces->dump++;
}

bool
iface_sweep(struct ifaces *ifaces)
{
	struct iface *iface, *next;
	struct iface_addr *addr, *next_addr;
	bool changed = !ifaces->known;

	ifaces->known = true;
	for (iface = LIST_FIRST(&ifaces->all); iface != NULL; iface = next) {
		next = LIST_NEXT(iface, entry);
		for (addr = TAILQ_FIRST(&iface->addrs); addr != NULL;
		     addr = next_addr) {
			next_addr = TAILQ_NEXT(addr, entry);
			if (addr->seen == ifaces->dump)
				continue;
			addr_free(iface, addr);
			changed = true;
		}
		if (iface->seen != ifaces->dump) {
			iface_free(iface);
			changed = true;
		}
	}
	return changed;
}
