/* SPDX-License-Identifier: ISC */
/* Instances: their nodes, interfaces and sources; ipvs.sync. */

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "load/bind.h"
#include "load/finding.h"
#include "load/resolve.h"
#include "load/ynode.h"

/* spread's members share what was written once: say it once. */
static bool
is_repeated(const struct conf_source *s, uint32_t i)
{
	return i > 0 &&
	    source_instance(s, i)->head.at ==
	    source_instance(s, i - 1)->head.at;
}

static void
resolve_nodes(
    struct conf_source *s, struct src_instance *instance, bool repeated)
{
	struct src_priority *p;
	uint32_t i, j;

	for (i = 0; i < instance->nodes.count; i++) {
		p = &instance->nodes.list[i];
		p->index = names_get_text(&s->nodes, p->node);
		if (p->index == NAMES_NONE) {
			instance->head.bad = true;
			if (!repeated)
				conf_unknown(
				    s, p->at, "node", p->node, &s->nodes);
		}
		for (j = 0; j < i && !repeated; j++) {
			if (strcmp(instance->nodes.list[j].node, p->node) != 0)
				continue;
			conf_error(s, p->at, "node %s is in the list already",
			    p->node);
			instance->head.bad = true;
		}
	}
}

/* A map by node has nodes of the instance alone, and all where it must. */
static void
resolve_by_node(struct conf_source *s, const struct src_instance *instance,
    const struct ynode *map, const char *key, const struct by_node *by_node,
    bool all)
{
	const struct by_node_entry *entry;
	const char *node;
	uint32_t i;

	for (i = 0; i < by_node->count; i++) {
		entry = &by_node->list[i];
		if (entry->node == NULL)
			return;
		if (names_get_text(&s->nodes, entry->node) == NAMES_NONE)
			conf_unknown(
			    s, entry->at, "node", entry->node, &s->nodes);
		else if (source_member(instance, entry->node) == NULL)
			conf_error(s, entry->at,
			    "%s: %s is not one of the nodes of vrrp %s", key,
			    entry->node, instance->base);
	}
	for (i = 0; all && i < instance->nodes.count; i++) {
		node = instance->nodes.list[i].node;
		if (source_by_node(by_node, node) == NULL)
			conf_error(s, ynode_place(map, key),
			    "%s: no value for node %s", key, node);
	}
}

/* The same where one value for all nodes makes no sense. */
static void
resolve_peers(struct conf_source *s, const struct src_instance *instance,
    const struct ynode *map, const char *key, const struct by_node *by_node)
{
	if (by_node->count > 0 && by_node->list[0].node == NULL)
		conf_error(s, by_node->list[0].at,
		    "%s: a map by node is expected", key);
	else
		resolve_by_node(s, instance, map, key, by_node, false);
}

/*
 * Who sends to each node knows whom he hears: strangers are refused, whatever
 * is the default.
 */
static void
resolve_unicast(
    struct conf_source *s, struct src_instance *instance, bool repeated)
{
	const struct ynode *at = ynode_value(instance->head.at, "unicast");

	if (!instance->c.unicast)
		return;
	if (instance->c.strangers == STRANGERS_ACCEPT &&
	    bind_given(&instance->head, &conf_schema_instance, "strangers") &&
	    !repeated)
		conf_error(s, ynode_place(instance->head.at, "strangers"),
		    "with `unicast` strangers are always refused");
	instance->c.strangers = STRANGERS_REFUSE;
	if (instance->head.bad || repeated)
		return;
	resolve_peers(s, instance, at, "peers", &instance->unicast_peers);
	resolve_peers(s, instance, at, "sources", &instance->unicast_sources);
}

/* A link-local address is one host's on one interface; the rest is 0. */
struct link_key {
	struct addr addr;
	uint32_t node; /* index in root.nodes */
	char interface[IFNAMSIZ];
};

/*
 * Enters a link-local address for each node's interface. Gives the index of the
 * instance that has it on one of these already, else its own.
 */
static uint32_t
enter_link_local(struct conf_source *s, uint32_t index,
    const struct src_instance *instance, const struct src_address *address)
{
	const struct src_priority *list = instance->nodes.list;
	const struct by_node_entry *entry;
	const char *interface;
	struct link_key *key;
	uint32_t i, other, first = index;

	for (i = 0; i < instance->nodes.count; i++) {
		entry = source_by_node(&instance->interface, list[i].node);
		interface = address->c.interface;
		if (interface == NULL && entry != NULL)
			interface = entry->text;
		if (interface == NULL)
			continue;
		key = source_alloc(s, sizeof(*key));
		key->addr = address->c.addr;
		key->node = list[i].index;
		snprintf(key->interface, IFNAMSIZ, "%s", interface);
		other = names_put(&s->link_local, key, sizeof(*key), index);
		if (first == index)
			first = other;
	}
	return first;
}

static void
enter_address(struct conf_source *s, uint32_t index,
    const struct src_instance *instance, const struct src_address *address)
{
	bool per_link = addr_is_per_link(&address->c.addr);
	const struct names *seen = per_link ? &s->link_local : &s->addresses;
	uint32_t before = seen->count, other;
	char buf[ADDR_STRLEN];

	other = names_put(
	    &s->addresses, &address->c.addr, sizeof(address->c.addr), index);
	if (per_link)
		other = enter_link_local(s, index, instance, address);
	networks_add(&s->networks, &address->c.addr, address->c.prefix,
	    source_alloc(s, sizeof(struct network)));
	addr_format(&address->c.addr, buf);
	if (other != index)
		conf_find(s, LINT_ADDRESS_TWICE, address->head.at,
		    "%s is an address of vrrp %s already", buf,
		    source_instance(s, other)->c.name);
	else if (seen->count == before)
		conf_find(s, LINT_ADDRESS_TWICE, address->head.at,
		    "%s is in this instance already", buf);
}

static void
enter_addresses(
    struct conf_source *s, uint32_t index, struct vec *vec, bool advertised)
{
	struct src_address *address;
	uint32_t i;

	for (i = 0; i < vec->count; i++) {
		address = VEC_AT(vec, struct src_address, i);
		address->c.advertised = advertised;
		if (!address->head.bad)
			enter_address(
			    s, index, source_instance(s, index), address);
	}
}

static void
resolve_instance(struct conf_source *s, uint32_t index)
{
	struct src_instance *instance = VEC_AT(
	    &s->root.instances, struct src_instance, index);
	bool repeated = is_repeated(s, index);
	uint32_t i;

	resolve_nodes(s, instance, repeated);
	if (!instance->head.bad && !repeated) {
		resolve_by_node(s, instance, instance->head.at, "interface",
		    &instance->interface, true);
		resolve_by_node(s, instance, instance->head.at, "source",
		    &instance->source, false);
	}
	resolve_unicast(s, instance, repeated);
	if (instance->addresses.count == 0 && !instance->head.bad) {
		conf_error(s, instance->head.at,
		    "`addresses` (or `spread`) is missing in vrrp, at least "
		    "one is needed");
		instance->head.bad = true;
	}
	enter_addresses(s, index, &instance->addresses, true);
	enter_addresses(s, index, &instance->more, false);
	for (i = 0; i < instance->addresses.count; i++) {
		if (instance->c.family == AF_UNSPEC)
			instance->c.family = VEC_AT(
			    &instance->addresses, struct src_address, i)
						 ->c.addr.family;
	}
	instance->c.id = index;
}

/* Without an instance every director runs the daemons: each needs one. */
static void
resolve_sync_all(struct conf_source *s, const struct by_node *by_node)
{
	const struct src_instance *instance;
	const struct ynode *at;
	const char *node;
	uint32_t i, j;

	for (i = 0; i < by_node->count; i++) {
		node = by_node->list[i].node;
		if (node == NULL)
			return;
		if (names_get_text(&s->nodes, node) == NAMES_NONE)
			conf_unknown(
			    s, by_node->list[i].at, "node", node, &s->nodes);
	}
	at = ynode_place(
	    ynode_value(s->root.ipvs.head.at, "sync"), "interface");
	for (i = 0; i < s->root.nodes.count; i++) {
		node = VEC_AT(&s->root.nodes, struct src_node, i)->c.name;
		if (source_by_node(by_node, node) != NULL)
			continue;
		for (j = 0; j < s->root.instances.count; j++) {
			instance = source_instance(s, j);
			if (source_member(instance, node) != NULL)
				break;
		}
		if (j < s->root.instances.count)
			conf_error(s, at,
			    "interface: no value for node %s, a director",
			    node);
	}
}

static void
resolve_sync(struct conf_source *s)
{
	struct src_ipvs *ipvs = &s->root.ipvs;
	const struct ynode *map = ynode_value(ipvs->head.at, "sync");
	uint32_t index;

	if (!ipvs->c.sync.enabled)
		return;
	ipvs->c.sync.instance = UINT32_MAX;
	if (ipvs->sync_vrrp == NULL) {
		if (!ipvs->head.bad && ipvs->sync_interface.count > 0)
			resolve_sync_all(s, &ipvs->sync_interface);
		return;
	}
	index = names_get_text(&s->instances, ipvs->sync_vrrp);
	if (index == NAMES_NONE) {
		conf_unknown(s, ynode_value(map, "vrrp"), "vrrp instance",
		    ipvs->sync_vrrp, &s->instances);
		return;
	}
	ipvs->c.sync.instance = index;
	if (!source_instance(s, index)->head.bad)
		resolve_by_node(s, source_instance(s, index), map, "interface",
		    &ipvs->sync_interface, true);
}

static void
resolve_node(struct conf_source *s, const struct src_node *node, uint32_t index)
{
	const struct addr *addr;
	char buf[ADDR_STRLEN];
	uint32_t i, other;

	if (node->c.addresses.count == 0 && !node->head.bad)
		conf_error(s, node->head.at,
		    "node %s has no address, one at least is needed",
		    node->c.name);
	for (i = 0; i < node->c.addresses.count; i++) {
		addr = &node->c.addresses.list[i];
		if (addr->family == AF_UNSPEC)
			continue; /* an error already */
		other = names_put(
		    &s->node_addresses, addr, sizeof(*addr), index);
		if (other != index)
			conf_find(s, LINT_NODE_ADDRESS, node->head.at,
			    "%s is an address of node %s already",
			    addr_format(addr, buf),
			    VEC_AT(&s->root.nodes, struct src_node, other)
				->c.name);
	}
}

void
conf_resolve(struct conf_source *s)
{
	uint32_t i;

	for (i = 0; i < s->root.nodes.count; i++)
		resolve_node(s, VEC_AT(&s->root.nodes, struct src_node, i), i);
	s->instances_whole = !s->root.head.bad;
	for (i = 0; i < s->root.instances.count; i++) {
		resolve_instance(s, i);
		if (source_instance(s, i)->head.bad ||
		    source_instance(s, i)->head.partial)
			s->instances_whole = false;
	}
	resolve_sync(s);
}
