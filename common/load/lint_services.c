/* SPDX-License-Identifier: ISC */
/* Judges services and servers: what the kernel would refuse or ignore. */

#include <string.h>

#include "load/finding.h"
#include "load/lint_checks.h"
#include "load/lint_services.h"
#include "load/probes.h"
#include "load/ynode.h"

#define FEW_SERVERS 16u /* compared rather than hashed */

struct endpoint_key {
	struct addr addr;
	uint8_t protocol;
	uint16_t port;
};

static void
lint_endpoints(struct conf_source *s, struct names *seen,
    const struct src_service *service, uint32_t index)
{
	const struct src_endpoint *endpoint;
	struct endpoint_key *key;
	char buf[ADDR_PORT_STRLEN];
	uint32_t i, before, other;

	for (i = 0; i < service->endpoints.count; i++) {
		endpoint = VEC_AT(&service->endpoints, struct src_endpoint, i);
		if (endpoint->head.bad)
			continue;
		if (endpoint->addr.family != service->c.addr.family)
			conf_find(s, LINT_MIXED_FAMILIES, endpoint->head.at,
			    "%s is of another family than the first address, "
			    "use a service for each",
			    addr_port_format(
				&endpoint->addr, endpoint->port, buf));
		key = source_alloc(s, sizeof(*key));
		key->addr = endpoint->addr;
		key->protocol = (uint8_t)service->c.protocol;
		key->port = endpoint->port;
		before = seen->count;
		other = names_put(seen, key, sizeof(*key), index);
		if (seen->count == before)
			conf_find(s, LINT_SERVICE_TWICE, endpoint->head.at,
			    "%s %s is service %s's already",
			    conf_protocol_name(service->c.protocol),
			    addr_port_format(
				&endpoint->addr, endpoint->port, buf),
			    VEC_AT(&s->root.services, struct src_service, other)
				->c.name);
	}
}

struct server_key {
	struct addr addr;
	uint16_t port;
};

static bool
is_same(const struct src_server *a, const struct src_server *b)
{
	return !a->head.bad && a->c.port == b->c.port &&
	    addr_equal(&a->c.addr, &b->c.addr);
}

static void
lint_twice(struct conf_source *s, struct names *seen,
    const struct src_service *service, uint32_t index)
{
	const struct src_server *server, *list = service->servers.items;
	struct server_key *key;
	char buf[ADDR_PORT_STRLEN];
	uint32_t i, before;
	bool twice = false;

	server = &list[index];
	if (service->servers.count > FEW_SERVERS) {
		key = source_alloc(s, sizeof(*key));
		key->addr = server->c.addr;
		key->port = server->c.port;
		before = seen->count;
		names_put(seen, key, sizeof(*key), 0);
		twice = seen->count == before;
	} else {
		for (i = 0; i < index && !twice; i++)
			twice = is_same(&list[i], server);
	}
	if (twice)
		conf_find(s, LINT_SERVER_TWICE, server->head.at,
		    "%s is in this service already",
		    addr_port_format(&server->c.addr, server->c.port, buf));
}

static void
lint_direct_port(struct conf_source *s, const struct src_service *service,
    const struct src_server *server)
{
	const struct src_endpoint *e = service->endpoints.items;
	uint32_t i;

	if (server->c.forward != FORWARD_DIRECT || server->c.port == 0)
		return;
	for (i = 0; i < service->endpoints.count; i++) {
		if (e[i].head.bad || e[i].port == server->c.port)
			continue;
		conf_find(s, LINT_DIRECT_PORT,
		    ynode_place(server->head.at, "port"),
		    "forward: direct leaves the port as it is, %u, so that %u "
		    "cannot be; use nat",
		    e[i].port, server->c.port);
		return;
	}
}

/* What the kernel refuses as a server, or never sends a packet to. */
static void
lint_server_address(struct conf_source *s, const struct src_server *server)
{
	const struct addr *addr = &server->c.addr;
	const char *what = address_misfit(addr);
	char buf[ADDR_STRLEN], misfit[MISFIT_STRLEN];

	addr_format(addr, buf);
	if (address_is_loopback(addr)) {
		what = NULL;
		if (server->c.forward == FORWARD_NAT)
			what = "a loopback address, and nothing from outside "
			       "gets there by forward: nat";
		else
			conf_find(s, LINT_SERVER_LOOPBACK, server->head.at,
			    "%s is each director itself, there is no other "
			    "server at it",
			    buf);
	} else if (addr_is_per_link(addr)) {
		what = "link-local, and the kernel takes no such server";
	} else if (what == NULL) {
		what = networks_misfit(&s->networks, addr, misfit);
	}
	if (what != NULL)
		conf_find(s, LINT_SERVER_ADDRESS, server->head.at,
		    "%s cannot be a server: it is %s", buf, what);
}

static void
lint_server(struct conf_source *s, const struct src_service *service,
    const struct src_server *server)
{
	const struct conf_server *c = &server->c;
	const struct src_endpoint *e = service->endpoints.items;
	char buf[ADDR_STRLEN];
	uint32_t i;

	if (c->addr.family != service->c.addr.family)
		conf_find(s, LINT_SERVER_FAMILY, server->head.at,
		    "%s is not of the family of the service's address",
		    addr_format(&c->addr, buf));
	lint_server_address(s, server);
	for (i = 0; i < service->endpoints.count; i++) {
		if (!addr_equal(&c->addr, &e[i].addr))
			continue;
		conf_find(s, LINT_SERVER_VIRTUAL, server->head.at,
		    "%s is the service's own address",
		    addr_format(&c->addr, buf));
		break;
	}
	if (c->min_connections > 0 && c->min_connections >= c->max_connections)
		conf_find(s, LINT_CONNECTIONS,
		    ynode_place(server->head.at, "min_connections"),
		    "min_connections, %u, must be less than max_connections, "
		    "%u",
		    c->min_connections, c->max_connections);
	lint_direct_port(s, service, server);
}

/* NAT needs forwarding where this host is a director. Said once a family. */
static void
lint_nat(struct conf_source *s, const struct src_service *service,
    const struct src_server *server)
{
	const struct src_endpoint *e = service->endpoints.items;
	bool *on = service->c.addr.family == AF_INET ? &s->host.forward4 :
						       &s->host.forward6;

	if (*on || !s->host.here || server->c.forward != FORWARD_NAT ||
	    e->instance == UINT32_MAX ||
	    source_member(source_instance(s, e->instance), s->root.c.self) ==
		NULL)
		return;
	*on = true;
	conf_find(s, LINT_NAT_FORWARDING, server->head.at,
	    "forward: nat needs %s = 1 on this host, which is a director",
	    service->c.addr.family == AF_INET ? "net.ipv4.ip_forward" :
						"net.ipv6.conf.all.forwarding");
}

static void
lint_colocated(struct conf_source *s, const struct src_service *service,
    const struct src_server *server, bool *said)
{
	const struct src_endpoint *e = service->endpoints.items;
	const struct src_node *node;
	uint32_t index;

	index = names_get(
	    &s->node_addresses, &server->c.addr, sizeof(server->c.addr));
	if (*said || index == NAMES_NONE || e->instance == UINT32_MAX)
		return;
	node = VEC_AT(&s->root.nodes, struct src_node, index);
	if (source_member(source_instance(s, e->instance), node->c.name) ==
	    NULL)
		return;
	*said = true;
	conf_find(s, LINT_COLOCATED, server->head.at,
	    "node %s is director and real server of service %s", node->c.name,
	    service->c.name);
}

static void
lint_servers(struct conf_source *s, const struct src_service *service)
{
	const struct src_server *server;
	struct names seen = {NULL, 0, 0};
	bool colocated = false;
	uint32_t i;

	for (i = 0; i < service->servers.count; i++) {
		server = VEC_AT(&service->servers, struct src_server, i);
		conf_lint_inline_checks(s, &server->checks);
		if (server->head.bad)
			continue;
		lint_twice(s, &seen, service, i);
		lint_server(s, service, server);
		lint_nat(s, service, server);
		lint_colocated(s, service, server, &colocated);
	}
	names_free(&seen);
	if (service->servers.count == 0)
		conf_find(s, LINT_NO_SERVERS,
		    ynode_place(service->head.at, "servers"),
		    "service %s has no servers", service->c.name);
}

/* The servers of a UDP service have UDP ports, and checks ask by TCP. */
static void
lint_udp_check(struct conf_source *s, const struct src_service *service)
{
	const struct src_check *element, *check;
	uint32_t i;

	if (service->c.protocol != PROTOCOL_UDP)
		return;
	for (i = 0; i < service->checks.count; i++) {
		element = VEC_AT(&service->checks, struct src_check, i);
		if (element->ref != NULL &&
		    names_get_text(&s->checks, element->ref) == NAMES_NONE)
			continue;
		check = conf_check_of(s, element);
		if (check->head.bad || check->c.port != 0)
			continue;
		conf_find(s, LINT_UDP_CHECK, element->head.at,
		    "a %s check without a port of its own asks the servers' "
		    "port by TCP, not UDP",
		    conf_check_type_name(check->c.type));
	}
}

/* A slow start raises a weight in steps: not every scheduler suits that. */
static void
lint_slow_start(struct conf_source *s, const struct src_service *service)
{
	static const char *const unweighted[] = {"rr", "lc", "dh"};
	const struct ynode *at = ynode_place(service->head.at, "slow_start");
	const char *scheduler = service->c.scheduler;
	size_t i;

	if (service->c.slow_start == 0)
		return;
	if (strcmp(scheduler, "mh") == 0 || strcmp(scheduler, "sh") == 0)
		conf_find(s, LINT_SLOW_START, at,
		    "scheduler %s gives shares of its clients by weight, so "
		    "that each step moves some to another server",
		    scheduler);
	for (i = 0; i < sizeof(unweighted) / sizeof(unweighted[0]); i++)
		if (strcmp(scheduler, unweighted[i]) == 0)
			conf_find(s, LINT_SLOW_START, at,
			    "scheduler %s does not look at weights: this does "
			    "nothing",
			    scheduler);
}

static void
lint_service(struct conf_source *s, const struct src_service *service)
{
	const struct ynode *at = service->head.at;
	uint8_t longest = addr_max_prefix(service->c.addr.family);

	if (service->c.persistence > 0 &&
	    service->c.persistence_prefix > longest)
		conf_find(s, LINT_PERSISTENCE,
		    ynode_place(ynode_value(at, "persistence"), "prefix"),
		    "prefix %u is too long for the address, allowed is 1 to %u",
		    service->c.persistence_prefix, longest);
	if (service->c.one_packet && service->c.protocol != PROTOCOL_UDP)
		conf_find(s, LINT_ONE_PACKET, ynode_place(at, "one_packet"),
		    "only for protocol: udp");
	lint_slow_start(s, service);
	lint_udp_check(s, service);
	conf_lint_inline_checks(s, &service->checks);
}

void
conf_lint_services(struct conf_source *s)
{
	const struct src_service *service;
	struct names endpoints = {NULL, 0, 0};
	uint64_t services = 0, servers = 0;
	uint32_t i;

	for (i = 0; i < s->root.services.count; i++) {
		service = VEC_AT(&s->root.services, struct src_service, i);
		services += service->endpoints.count;
		servers += (uint64_t)service->endpoints.count *
		    service->servers.count;
		if (service->head.bad)
			continue;
		lint_endpoints(s, &endpoints, service, i);
		lint_service(s, service);
		lint_servers(s, service);
	}
	names_free(&endpoints);
	if (services > CONF_SERVICES_MAX)
		conf_error(s, NULL, "%llu services, allowed are %u",
		    (unsigned long long)services, CONF_SERVICES_MAX);
	if (servers > CONF_SERVERS_MAX)
		conf_error(s, NULL, "%llu servers in all, allowed are %u",
		    (unsigned long long)servers, CONF_SERVERS_MAX);
}
