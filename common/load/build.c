/* SPDX-License-Identifier: ISC */
/* What the daemons of this host see, from a source without errors. */

#include <string.h>

#include "load/bind.h"
#include "load/build.h"
#include "load/identity.h"
#include "load/probes.h"
#include "load/resolve.h"

static const struct conf_node *
self_node(const struct conf_source *s)
{
	return &VEC_AT(&s->root.nodes, struct src_node,
	    names_get_text(&s->nodes, s->root.c.self))
		    ->c;
}

static void
build_nodes(struct conf_source *s)
{
	struct conf *conf = &s->root.c;
	uint32_t i;

	conf->node_count = s->root.nodes.count;
	conf->nodes = source_alloc(s, conf->node_count * sizeof(*conf->nodes));
	for (i = 0; i < conf->node_count; i++)
		conf->nodes[i] = VEC_AT(&s->root.nodes, struct src_node, i)->c;
}

/* What checks may come from, and what they must not. */
static void
build_own(struct conf_source *s)
{
	struct conf *conf = &s->root.c;
	const struct conf_instance *instance = conf->instances;
	uint32_t i, j, count = 0;

	conf->own = self_node(s)->addresses;
	for (i = 0; i < conf->instance_count; i++)
		count += instance[i].address_count;
	conf->held = source_alloc(s, count * sizeof(*conf->held));
	for (i = 0; i < conf->instance_count; i++, instance++)
		for (j = 0; instance->member && j < instance->address_count;
		     j++)
			conf->held[conf->held_count++] = (struct conf_held){
			    instance->addresses[j].addr,
			    instance->addresses[j].interface};
}

static void
build_addresses(
    const struct vec *from, struct conf_instance *to, const char *interface)
{
	struct conf_address *address;
	uint32_t i;

	for (i = 0; i < from->count; i++) {
		address = &to->addresses[to->address_count++];
		*address = VEC_AT(from, struct src_address, i)->c;
		if (address->interface == NULL)
			address->interface = interface;
	}
}

static void
build_peers(struct conf_source *s, const struct src_instance *from,
    struct conf_instance *to)
{
	const struct src_priority *node = from->nodes.list;
	const struct addr *address;
	struct conf_peer *peer;

	to->peers = source_alloc(s, from->nodes.count * sizeof(*to->peers));
	for (uint32_t i = 0; i < from->nodes.count; i++, node++) {
		if (strcmp(node->node, s->root.c.self) == 0)
			continue;
		peer = &to->peers[to->peer_count++];
		peer->name = node->node;
		peer->sources = source_adverts_from(s, from, node);
		address = source_unicast_to(s, from, node);
		if (address != NULL)
			peer->to = *address;
	}
}

/* On a host that is no member the first node's interface stands in. */
static void
build_instance(struct conf_source *s, const struct src_instance *from,
    struct conf_instance *to)
{
	const struct src_priority *member;
	const struct addr *source;
	const char *interface;

	*to = from->c;
	member = source_member(from, s->root.c.self);
	interface = source_by_node(&from->interface,
	    member != NULL ? s->root.c.self : from->nodes.list[0].node)
			->text;
	if (member != NULL) {
		to->member = true;
		to->priority = member->priority;
		to->interface = interface;
		source = source_default(s, from, member);
		if (source != NULL)
			to->source = *source;
		build_peers(s, from, to);
	}
	to->addresses = source_alloc(s,
	    (from->addresses.count + from->more.count) *
		sizeof(*to->addresses));
	build_addresses(&from->addresses, to, interface);
	build_addresses(&from->more, to, interface);
}

static void
build_instances(struct conf_source *s)
{
	struct conf *conf = &s->root.c;
	uint32_t i;

	conf->instance_count = s->root.instances.count;
	conf->instances = source_alloc(
	    s, conf->instance_count * sizeof(*conf->instances));
	for (i = 0; i < conf->instance_count; i++)
		build_instance(s, source_instance(s, i), &conf->instances[i]);
}

static bool
is_local(const struct conf_source *s, const struct addr *addr)
{
	const struct conf_node *self = self_node(s);
	uint32_t i;

	for (i = 0; i < self->addresses.count; i++) {
		if (addr_equal(&self->addresses.list[i], addr))
			return true;
	}
	return false;
}

static void
build_servers(struct conf_source *s, const struct src_service *from,
    struct conf_service *to, uint32_t *server_id)
{
	struct conf_server *server;
	uint32_t i;

	to->server_count = from->servers.count;
	to->servers = source_alloc(s, to->server_count * sizeof(*server));
	for (i = 0; i < to->server_count; i++) {
		server = &to->servers[i];
		*server = VEC_AT(&from->servers, struct src_server, i)->c;
		server->id = (*server_id)++;
		if (server->port == 0)
			server->port = to->port;
		server->local = is_local(s, &server->addr);
	}
}

static void
build_services(struct conf_source *s)
{
	struct conf *conf = &s->root.c;
	const struct src_service *from;
	const struct src_endpoint *endpoint;
	struct conf_service *to;
	uint32_t i, j, id = 0, server_id = 0;

	for (i = 0; i < s->root.services.count; i++)
		conf->service_count += VEC_AT(
		    &s->root.services, struct src_service, i)
					   ->endpoints.count;
	conf->services = source_alloc(s, conf->service_count * sizeof(*to));
	s->service_from = source_alloc(s, conf->service_count * sizeof(id));
	for (i = 0; i < s->root.services.count; i++) {
		from = VEC_AT(&s->root.services, struct src_service, i);
		for (j = 0; j < from->endpoints.count; j++, id++) {
			endpoint = VEC_AT(
			    &from->endpoints, struct src_endpoint, j);
			to = &conf->services[id];
			*to = from->c;
			to->id = id;
			to->addr = endpoint->addr;
			to->port = endpoint->port;
			to->instance = endpoint->instance;
			to->director = conf->instances[to->instance].member;
			build_servers(s, from, to, &server_id);
			s->service_from[id] = i;
		}
	}
}

/* The kernel's connection synchronisation: on directors alone. */
static void
build_ipvs(struct conf_source *s)
{
	struct conf_ipvs *ipvs = &s->root.c.ipvs;
	const struct by_node_entry *entry;
	bool director = false;
	uint32_t i;

	*ipvs = s->root.ipvs.c;
	if (!ipvs->sync.enabled)
		return;
	for (i = 0; i < s->root.c.instance_count; i++) {
		if (s->root.c.instances[i].member &&
		    (ipvs->sync.instance == UINT32_MAX ||
			ipvs->sync.instance == i))
			director = true;
	}
	entry = source_by_node(&s->root.ipvs.sync_interface, s->root.c.self);
	if (!director || entry == NULL) {
		memset(&ipvs->sync, 0, sizeof(ipvs->sync));
		/* The row of the port has a range without 0. */
		ipvs->sync.port = s->root.ipvs.c.sync.port;
		return;
	}
	ipvs->sync.interface = entry->text;
}

void
conf_build(struct conf_source *s)
{
	build_nodes(s);
	build_instances(s);
	build_own(s);
	build_ipvs(s);
	build_services(s);
	conf_probes(s);
	conf_identify(s);
}
