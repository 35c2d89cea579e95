/* SPDX-License-Identifier: ISC */
/*
 * Judges a configuration by what the host has that it is for: interfaces and
 * the kernel's modules. Both may come later, so these are warnings.
 */

#include <stdio.h>
#include <string.h>

#include "load/finding.h"
#include "load/lint_host.h"
#include "load/ynode.h"

/* What is judged, and the interfaces that were named already. */
struct judge {
	struct conf_source *s;
	struct names said;
};

/* "eth0, eth1": as many of the host's as have room, without lo. */
static const char *
list_interfaces(const struct names *names, char *buf, size_t size)
{
	const char *name;
	size_t len = 0;
	uint32_t i;

	buf[0] = '\0';
	for (i = 0; i < names->size && len < size - 24; i++) {
		name = names->slots[i].key;
		if (name != NULL && strcmp(name, "lo") != 0)
			len += (size_t)snprintf(buf + len, size - len, "%s%s",
			    len > 0 ? ", " : "", name);
	}
	return len > 0 ? buf : "lo alone";
}

static void
lint_interface(struct judge *j, const struct ynode *at, const char *name)
{
	const struct names *known = &j->s->host.interfaces;
	const char *like;
	uint32_t before = j->said.count;
	char list[200];

	if (name == NULL || names_get_text(known, name) != NAMES_NONE)
		return;
	like = names_like(known, name);
	names_put_text(&j->said, name, 0);
	if (j->said.count == before)
		return;
	if (like != NULL)
		conf_find(j->s, LINT_INTERFACE_MISSING, at,
		    "this host has no interface \"%s\", did you mean \"%s\"?",
		    name, like);
	else
		conf_find(j->s, LINT_INTERFACE_MISSING, at,
		    "this host has no interface \"%s\", it has %s", name,
		    list_interfaces(known, list, sizeof(list)));
}

/* vrrpd's sockets are bound to no VRF. Who hears nobody would be a second
 * master, so ipvsd gives him no term. */
static void
lint_vrf(struct judge *j, const struct by_node *by_node)
{
	const struct by_node_entry *entry = source_by_node(
	    by_node, j->s->root.c.self);
	uint32_t before = j->said.count;

	if (entry == NULL ||
	    names_get_text(&j->s->host.in_vrf, entry->text) == NAMES_NONE)
		return;
	names_put_text(&j->said, entry->text, 0);
	if (j->said.count != before)
		conf_find(j->s, LINT_VRF_UNHEARD, entry->at,
		    "%s is in a VRF, and no advert is heard there: sysctl -w "
		    "net.ipv4.raw_l3mdev_accept=1",
		    entry->text);
}

static void
lint_by_node(struct judge *j, const struct by_node *by_node)
{
	const struct by_node_entry *entry;

	entry = source_by_node(by_node, j->s->root.c.self);
	if (entry != NULL)
		lint_interface(j, entry->at, entry->text);
}

static void
lint_addresses(struct judge *j, const struct vec *addresses)
{
	const struct src_address *address;
	uint32_t i;

	for (i = 0; i < addresses->count; i++) {
		address = VEC_AT(addresses, struct src_address, i);
		if (!address->head.bad && address->c.interface != NULL)
			lint_interface(j,
			    ynode_place(address->head.at, "interface"),
			    address->c.interface);
	}
}

/* Whether this host is one of the instance's. */
static bool
is_mine(const struct conf_source *s, uint32_t index)
{
	return index != UINT32_MAX && !source_instance(s, index)->head.bad &&
	    source_member(source_instance(s, index), s->root.c.self) != NULL;
}

static void
lint_interfaces(struct judge *j)
{
	const struct conf_source *s = j->s;
	const struct src_instance *instance;
	bool director = false;
	uint32_t i;

	for (i = 0; i < s->root.instances.count; i++) {
		if (!is_mine(s, i))
			continue;
		director = true;
		instance = source_instance(s, i);
		lint_by_node(j, &instance->interface);
		if (j->s->host.vrf_deaf)
			lint_vrf(j, &instance->interface);
		lint_addresses(j, &instance->addresses);
		lint_addresses(j, &instance->more);
	}
	if (director && s->root.ipvs.c.sync.enabled)
		lint_by_node(j, &s->root.ipvs.sync_interface);
}

/* A director balances: without the module it has no services. */
static void
lint_module(struct conf_source *s)
{
	const struct src_endpoint *endpoint;
	const struct src_service *service;
	uint32_t i;

	for (i = 0; i < s->root.services.count; i++) {
		service = VEC_AT(&s->root.services, struct src_service, i);
		endpoint = service->endpoints.items;
		if (service->head.bad || !is_mine(s, endpoint->instance))
			continue;
		conf_find(s, LINT_MODULE_MISSING, service->head.at,
		    "this host is a director, and its kernel has no ip_vs: "
		    "modprobe ip_vs");
		return;
	}
}

void
conf_lint_host(struct conf_source *s)
{
	struct judge judge = {.s = s};

	if (!s->host.here)
		return;
	if (s->host.interfaces.count > 0)
		lint_interfaces(&judge);
	if (!s->host.ip_vs)
		lint_module(s);
	names_free(&judge.said);
}
