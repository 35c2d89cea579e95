/* SPDX-License-Identifier: ISC */
/* Judges virtual routers: what the RFCs, the kernel and peers would refuse. */

#include <string.h>

#include "load/finding.h"
#include "load/lint_vrrp.h"
#include "load/ynode.h"

/* RFC 9568 5.2.6 counts addresses in 8 bits; an advert fits 1500 bytes:
 * 40 of IPv6, 8 of VRRP, 16 an address. IPv4 ends at the count first. */
#define ADVERT_IPV4_MAX 255u
#define ADVERT_IPV6_MAX 90u
#define OWNER_PRIORITY	255u

static void
lint_interval(struct conf_source *s, const struct src_instance *instance)
{
	const struct ynode *at = ynode_place(instance->head.at, "interval");
	uint32_t interval = instance->c.interval;

	if (instance->c.version == 2) {
		if (interval < 1000 || interval % 1000 != 0)
			conf_find(s, LINT_INTERVAL_V2, at,
			    "version 2 counts whole seconds, allowed is 1s to "
			    "255s");
	} else if (interval > 40950 || interval % 10 != 0) {
		conf_find(s, LINT_INTERVAL_V3, at,
		    "version 3 counts hundredths of a second, allowed is 10ms "
		    "to 40950ms in steps of 10ms");
	}
}

static void
lint_priorities(struct conf_source *s, const struct src_instance *instance)
{
	const struct src_priority *list = instance->nodes.list;
	const struct src_priority *first[256] = {NULL};
	uint32_t i;

	for (i = 0; i < instance->nodes.count; i++) {
		if (first[list[i].priority] == NULL)
			first[list[i].priority] = &list[i];
		else
			conf_find(s, LINT_PRIORITY_TWICE, list[i].at,
			    "%s has priority %u as %s has, who is master must "
			    "not hang on addresses",
			    list[i].node, list[i].priority,
			    first[list[i].priority]->node);
	}
}

/* Priority 255 and owning the address are the same (RFC 9568 5.2.4). */
static void
lint_owner(struct conf_source *s, const struct src_instance *instance,
    const struct src_address *address)
{
	const struct src_priority *list = instance->nodes.list;
	uint32_t owner, i;
	char buf[ADDR_STRLEN];

	owner = names_get(
	    &s->node_addresses, &address->c.addr, sizeof(address->c.addr));
	addr_format(&address->c.addr, buf);
	for (i = 0; i < instance->nodes.count; i++) {
		if (list[i].priority == OWNER_PRIORITY &&
		    list[i].index != owner)
			conf_find(s, LINT_OWNER_ADDRESS, list[i].at,
			    "priority 255 means that the addresses are %s's "
			    "own, but %s is not",
			    list[i].node, buf);
		if (list[i].priority != OWNER_PRIORITY &&
		    list[i].index == owner)
			conf_find(s, LINT_OWNER_PRIORITY, list[i].at,
			    "%s is %s's own address, its priority must be "
			    "255",
			    buf, list[i].node);
	}
}

/* A label starts with the interface it is on, on every node. */
static void
lint_label(struct conf_source *s, const struct src_instance *instance,
    const struct src_address *address)
{
	const struct ynode *at = ynode_place(address->head.at, "label");
	const char *label = address->c.label, *interface;
	const struct by_node_entry *entry;
	size_t len;
	uint32_t i;

	if (label == NULL)
		return;
	if (address->c.addr.family != AF_INET) {
		conf_find(s, LINT_LABEL, at, "only IPv4 addresses have labels");
		return;
	}
	for (i = 0; i < instance->nodes.count; i++) {
		entry = source_by_node(
		    &instance->interface, instance->nodes.list[i].node);
		interface = address->c.interface;
		if (interface == NULL && entry != NULL)
			interface = entry->text;
		if (interface == NULL)
			continue;
		len = strlen(interface);
		if (strncmp(label, interface, len) == 0 && label[len] == ':')
			continue;
		conf_find(s, LINT_LABEL, at,
		    "on node %s a label must start with \"%s:\"",
		    instance->nodes.list[i].node, interface);
		return;
	}
}

static void
lint_misfits(struct conf_source *s, const struct vec *addresses)
{
	const struct src_address *address;
	const char *what;
	char buf[ADDR_STRLEN], misfit[MISFIT_STRLEN];
	uint32_t i;

	for (i = 0; i < addresses->count; i++) {
		address = VEC_AT(addresses, struct src_address, i);
		if (address->head.bad)
			continue;
		what = address_misfit(&address->c.addr);
		if (what == NULL)
			what = address_network_misfit(
			    &address->c.addr, address->c.prefix, misfit);
		if (what == NULL)
			what = networks_misfit(
			    &s->networks, &address->c.addr, misfit);
		if (what != NULL)
			conf_find(s, LINT_VIRTUAL_ADDRESS, address->head.at,
			    "%s is not an address that a host may have: it is "
			    "%s",
			    addr_format(&address->c.addr, buf), what);
	}
}

static void
lint_families(struct conf_source *s, const struct src_instance *instance,
    const struct src_address *address)
{
	char buf[ADDR_STRLEN];

	if (address->c.addr.family == instance->c.family)
		return;
	conf_find(s, LINT_MIXED_FAMILIES, address->head.at,
	    "%s is of another family than the first address, use an instance "
	    "for each",
	    addr_format(&address->c.addr, buf));
}

static void
lint_advertised(struct conf_source *s, const struct src_instance *instance)
{
	const struct src_address *first = instance->addresses.items;
	bool six = instance->c.family == AF_INET6;
	uint32_t most = six ? ADVERT_IPV6_MAX : ADVERT_IPV4_MAX;
	char buf[ADDR_STRLEN];

	if (instance->addresses.count > most)
		conf_find(s, LINT_ADVERT_SIZE,
		    ynode_place(instance->head.at, "addresses"),
		    "%u addresses do not fit an advert, allowed are %u; hold "
		    "the rest by more_addresses",
		    instance->addresses.count, most);
	if (six && instance->c.version == 2)
		conf_find(s, LINT_V2_IPV6,
		    ynode_place(instance->head.at, "version"),
		    "version 2 has no IPv6, %s needs version 3",
		    addr_format(&first->c.addr, buf));
	else if (six && !addr_is_link_local(&first->c.addr))
		conf_find(s, LINT_LINK_LOCAL_FIRST, first->head.at,
		    "the first IPv6 address should be link-local (RFC 9568 "
		    "5.2.9), peers may refuse %s",
		    addr_format(&first->c.addr, buf));
}

static void
lint_addresses(struct conf_source *s, const struct src_instance *instance)
{
	const struct vec *lists[] = {&instance->addresses, &instance->more};
	const struct src_address *address;
	uint32_t list, i;

	lint_advertised(s, instance);
	for (list = 0; list < 2; list++) {
		for (i = 0; i < lists[list]->count; i++) {
			address = VEC_AT(lists[list], struct src_address, i);
			if (address->head.bad)
				continue;
			lint_label(s, instance, address);
			if (list > 0)
				continue;
			lint_families(s, instance, address);
			lint_owner(s, instance, address);
		}
	}
}

static void
lint_source(struct conf_source *s, const struct src_instance *instance)
{
	const struct by_node_entry *entry;
	const char *what;
	char buf[ADDR_STRLEN];
	uint32_t i;

	for (i = 0; i < instance->source.count; i++) {
		entry = &instance->source.list[i];
		addr_format(&entry->addr, buf);
		if (entry->addr.family != instance->c.family)
			conf_find(s, LINT_SOURCE, entry->at,
			    "source %s is not of the addresses' family", buf);
		else if (instance->c.family == AF_INET6 &&
		    !instance->c.unicast && !addr_is_link_local(&entry->addr))
			conf_find(s, LINT_SOURCE, entry->at,
			    "source %s is not link-local, as IPv6 wants it "
			    "(RFC 9568 5.1.2.1)",
			    buf);
		else if ((what = address_misfit(&entry->addr)) != NULL)
			conf_find(s, LINT_SOURCE, entry->at,
			    "source %s is not an address that a host may have: "
			    "it is %s",
			    buf, what);
	}
}

/* Whether adverts can go to the address: writes what is wrong if not. */
static bool
is_peer_address(struct conf_source *s, const struct src_instance *instance,
    const struct ynode *at, const struct addr *addr)
{
	const char *what = address_misfit(addr);
	char buf[ADDR_STRLEN];

	addr_format(addr, buf);
	if (addr->family != instance->c.family)
		conf_find(s, LINT_UNICAST_PEER, at,
		    "%s is not of the addresses' family", buf);
	else if (what != NULL)
		conf_find(s, LINT_UNICAST_PEER, at,
		    "%s is not an address that a host may have: it is %s", buf,
		    what);
	else if (names_get(&s->addresses, addr, sizeof(*addr)) != NAMES_NONE)
		conf_find(s, LINT_UNICAST_PEER, at,
		    "%s is a virtual address, who hears it is not always the "
		    "same",
		    buf);
	else
		return true;
	return false;
}

/* Each node is sent to at an address that no other is sent to at. */
static void
lint_peers(struct conf_source *s, const struct src_instance *instance)
{
	const struct src_priority *list = instance->nodes.list;
	struct names seen = {NULL, 0, 0};
	const struct by_node_entry *entry;
	const struct addr *to;
	char buf[ADDR_STRLEN];
	uint32_t i, other;

	for (i = 0; i < instance->nodes.count; i++) {
		to = source_unicast_to(s, instance, &list[i]);
		if (to == NULL) {
			conf_find(s, LINT_UNICAST_PEER, list[i].at,
			    "where to send adverts to %s? It has no %s address "
			    "in `nodes`, in `source` and in `unicast: {peers: "
			    "{%s: ADDRESS}}`",
			    list[i].node,
			    instance->c.family == AF_INET ? "IPv4" : "IPv6",
			    list[i].node);
			continue;
		}
		entry = source_by_node(&instance->unicast_peers, list[i].node);
		if (!is_peer_address(s, instance,
			entry != NULL ? entry->at : list[i].at, to))
			continue;
		other = names_put(&seen, to, sizeof(*to), i);
		if (other != i)
			conf_find(s, LINT_UNICAST_PEER, list[i].at,
			    "%s is where adverts to %s go as well",
			    addr_format(to, buf), list[other].node);
	}
	names_free(&seen);
}

/*
 * A network address translator changes the addresses that a checksum with a
 * pseudo-header is made of.
 */
static void
lint_nat(struct conf_source *s, const struct src_instance *instance)
{
	const struct by_node *sources = &instance->unicast_sources;

	if (sources->count == 0)
		return;
	if (instance->c.family == AF_INET6)
		conf_find(s, LINT_UNICAST_NAT, sources->list[0].at,
		    "the checksum of IPv6 does not outlive a translation of "
		    "addresses: IPv6 has no `sources`");
	else if (instance->c.version == 3 &&
	    instance->c.checksum != CHECKSUM_RFC9568)
		conf_find(s, LINT_UNICAST_NAT, sources->list[0].at,
		    "`sources` needs `checksum: rfc9568`: that of RFC 5798 "
		    "does not outlive a translation of addresses");
	for (uint32_t i = 0; i < sources->count; i++) {
		const struct conf_addrs *addrs = &sources->list[i].addrs;

		for (uint32_t at = 0; at < addrs->count; at++)
			(void)is_peer_address(
			    s, instance, sources->list[i].at, &addrs->list[at]);
	}
}

static void
lint_unicast(struct conf_source *s, const struct src_instance *instance)
{
	if (!instance->c.unicast)
		return;
	if (instance->nodes.count < 2)
		conf_find(s, LINT_UNICAST_PEER,
		    ynode_place(instance->head.at, "unicast"),
		    "`unicast` with one node has nobody to send to");
	lint_peers(s, instance);
	lint_nat(s, instance);
}

/* Who refuses strangers must know every node by its address. */
static void
lint_strangers(struct conf_source *s, const struct src_instance *instance)
{
	const struct src_priority *node = instance->nodes.list;
	bool six = instance->c.family == AF_INET6;

	if (instance->c.strangers != STRANGERS_REFUSE || instance->c.unicast)
		return;
	for (uint32_t i = 0; i < instance->nodes.count; i++, node++) {
		if (source_adverts_from(s, instance, node).count > 0)
			continue;
		conf_find(s, LINT_STRANGERS_SOURCE, node->at,
		    "`strangers: refuse` would refuse %s, which has no %s "
		    "address in `nodes` and none in `source`",
		    node->node, six ? "link-local" : "IPv4");
	}
}

struct vrid_key {
	uint32_t node;
	uint8_t family;
	uint8_t vrid;
	char interface[18];
};

/* A vrid is of one instance on an interface, for each family (RFC 9568 1.6). */
static void
lint_vrid(struct conf_source *s, struct names *seen,
    const struct src_instance *instance)
{
	const struct by_node_entry *entry;
	struct vrid_key *key;
	uint32_t i, other;

	for (i = 0; i < instance->nodes.count; i++) {
		entry = source_by_node(
		    &instance->interface, instance->nodes.list[i].node);
		if (entry == NULL)
			continue;
		key = source_alloc(s, sizeof(*key));
		key->node = instance->nodes.list[i].index;
		key->family = instance->c.family;
		key->vrid = instance->c.vrid;
		memcpy(key->interface, entry->text, strlen(entry->text));
		other = names_put(seen, key, sizeof(*key), instance->c.id);
		if (other == instance->c.id)
			continue;
		conf_find(s, LINT_VRID_TWICE,
		    ynode_place(instance->head.at, "vrid"),
		    "vrid %u is vrrp %s's on %s of node %s already",
		    instance->c.vrid, source_instance(s, other)->c.name,
		    entry->text, instance->nodes.list[i].node);
		return;
	}
}

void
conf_lint_vrrp(struct conf_source *s)
{
	const struct src_instance *instance;
	struct names vrids = {NULL, 0, 0};
	uint32_t i;

	for (i = 0; i < s->root.instances.count; i++) {
		instance = source_instance(s, i);
		lint_misfits(s, &instance->addresses);
		lint_misfits(s, &instance->more);
		if (instance->head.bad)
			continue;
		lint_vrid(s, &vrids, instance);
		lint_addresses(s, instance);
		if (i > 0 &&
		    instance->head.at == source_instance(s, i - 1)->head.at)
			continue; /* spread: the same words again */
		lint_interval(s, instance);
		lint_priorities(s, instance);
		lint_source(s, instance);
		lint_strangers(s, instance);
		lint_unicast(s, instance);
	}
	names_free(&vrids);
}
