/* SPDX-License-Identifier: ISC */
/* Services: whose their addresses are, their servers, what is by default. */

#include <string.h>

#include "conf/words.h"
#include "load/bind.h"
#include "load/finding.h"
#include "load/probes.h"
#include "load/services.h"
#include "load/ynode.h"

static bool
is_named(const struct src_service *service, const struct src_instance *instance)
{
	return service->vrrp != NULL &&
	    (strcmp(service->vrrp, instance->c.name) == 0 ||
		strcmp(service->vrrp, instance->base) == 0);
}

static bool
lists_address(const struct src_instance *instance, const struct addr *addr)
{
	const struct vec *lists[] = {&instance->addresses, &instance->more};
	const struct src_address *address;
	uint32_t list, i;

	for (list = 0; list < 2; list++) {
		for (i = 0; i < lists[list]->count; i++) {
			address = VEC_AT(lists[list], struct src_address, i);
			if (addr_equal(&address->c.addr, addr))
				return true;
		}
	}
	return false;
}

/*
 * The index of the instance that has the address, or NAMES_NONE. Several may
 * have a link-local one: then it is the one that the service names, else the
 * first, and *others is true.
 */
static uint32_t
holder_of(const struct conf_source *s, const struct src_service *service,
    const struct addr *addr, bool *others)
{
	uint32_t i, index = names_get(&s->addresses, addr, sizeof(*addr));

	*others = false;
	if (index == NAMES_NONE || !addr_is_per_link(addr))
		return index;
	for (i = 0; i < s->root.instances.count; i++) {
		if (i == index || !lists_address(source_instance(s, i), addr))
			continue;
		*others = true;
		if (is_named(service, source_instance(s, i)))
			return i;
	}
	return index;
}

/* Which instance an endpoint belongs to; `vrrp` need not say it. */
static void
resolve_endpoint(struct conf_source *s, const struct src_service *service,
    struct src_endpoint *endpoint)
{
	const struct src_instance *instance;
	char buf[ADDR_STRLEN];
	uint32_t index;
	bool others;

	endpoint->instance = UINT32_MAX;
	if (endpoint->head.bad)
		return;
	addr_format(&endpoint->addr, buf);
	index = holder_of(s, service, &endpoint->addr, &others);
	if (index == NAMES_NONE) {
		conf_find(s, LINT_SERVICE_ADDRESS, endpoint->head.at,
		    "%s is an address of no vrrp instance", buf);
		return;
	}
	endpoint->instance = index;
	instance = source_instance(s, index);
	if (service->vrrp == NULL && others)
		conf_find(s, LINT_SERVICE_ADDRESS, endpoint->head.at,
		    "%s is an address of vrrp %s and of others, say which by "
		    "`vrrp`",
		    buf, instance->c.name);
	else if (service->vrrp != NULL && !is_named(service, instance))
		conf_find(s, LINT_SERVICE_ADDRESS, endpoint->head.at,
		    "%s is not an address of vrrp %s but of %s", buf,
		    service->vrrp, instance->c.name);
}

/* Whether the instance is known. False: an error that says why is reported. */
static bool
vrrp_is_good(struct conf_source *s, const struct src_service *service)
{
	const struct src_instance *instance;
	uint32_t index;

	if (service->vrrp == NULL)
		return s->instances_whole;
	index = names_get_text(&s->instances, service->vrrp);
	if (index == NAMES_NONE)
		index = names_get_text(&s->bases, service->vrrp);
	if (index == NAMES_NONE) {
		conf_unknown(s, ynode_place(service->head.at, "vrrp"),
		    "vrrp instance", service->vrrp, &s->instances);
		return false;
	}
	instance = source_instance(s, index);
	return !instance->head.bad && !instance->head.partial;
}

static void
resolve_endpoints(struct conf_source *s, struct src_service *service)
{
	struct src_endpoint *endpoint;
	bool good = vrrp_is_good(s, service), same = true;
	uint32_t i;

	service->c.addr.family = AF_UNSPEC;
	for (i = 0; i < service->endpoints.count; i++) {
		endpoint = VEC_AT(&service->endpoints, struct src_endpoint, i);
		endpoint->instance = UINT32_MAX;
		if (good)
			resolve_endpoint(s, service, endpoint);
		same = same &&
		    endpoint->instance ==
			VEC_AT(&service->endpoints, struct src_endpoint, 0)
			    ->instance;
		if (service->c.addr.family == AF_UNSPEC && !endpoint->head.bad)
			service->c.addr = endpoint->addr;
	}
	if (service->endpoints.count == 0) {
		if (!service->head.bad)
			conf_error(s, service->head.at,
			    "`address` or `addresses` is missing in service");
		service->head.bad = true;
		return;
	}
	endpoint = service->endpoints.items;
	if (service->head.bad || endpoint->instance == UINT32_MAX)
		return;
	/* The canonical form names it where there is one for all. */
	service->vrrp = same ? source_instance(s, endpoint->instance)->c.name :
			       NULL;
}

static bool
is_hashed(const struct src_service *service)
{
	return strcmp(service->c.scheduler, "mh") == 0 ||
	    strcmp(service->c.scheduler, "sh") == 0;
}

static void
resolve_flags(struct conf_source *s, struct src_service *service)
{
	const struct ynode *at = ynode_place(service->head.at, "flags");
	const struct conf_flag *flag;

	for (flag = conf_flags; flag->text != NULL; flag++) {
		if ((service->flags & 1u << (16 + (flag - conf_flags))) == 0)
			continue;
		if (flag->scheduler == NULL ?
			!is_hashed(service) :
			strcmp(flag->scheduler, service->c.scheduler) != 0)
			conf_error(s, at, "flags: %s is not for scheduler %s",
			    flag->text, service->c.scheduler);
	}
	service->c.flags = service->flags &
	    (CONF_FLAG_FALLBACK | CONF_FLAG_PORT);
	if (!(service->flags & CONF_FLAG_NO_FALLBACK)) {
		if (is_hashed(service))
			service->c.flags |= CONF_FLAG_FALLBACK;
	} else if (service->c.flags & CONF_FLAG_FALLBACK) {
		conf_error(s, at,
		    "flags: no-fallback and %s-fallback exclude each other",
		    service->c.scheduler);
	}
}

static void
resolve_persistence(struct conf_source *s, struct src_service *service)
{
	const struct ynode *at = ynode_value(service->head.at, "persistence");

	if (at != NULL && !service->head.bad && service->c.persistence == 0)
		conf_find(s, LINT_PERSISTENCE, ynode_place(at, "timeout"),
		    "a timeout of 0s is none, leave persistence out");
	if (service->c.persistence_prefix != 0)
		return;
	if (ynode_value(at, "prefix") != NULL && !service->head.bad)
		conf_find(s, LINT_PERSISTENCE, ynode_value(at, "prefix"),
		    "prefix 0 would keep all clients on one server");
	service->c.persistence_prefix = addr_max_prefix(service->c.addr.family);
}

/* The single form of a key and its list exclude each other. */
static void
exclude(struct conf_source *s, const struct src_head *head,
    const struct conf_schema *schema, const char *one, const char *list)
{
	if (bind_given(head, schema, one) && bind_given(head, schema, list))
		conf_error(s, ynode_place(head->at, list),
		    "`%s` and `%s` exclude each other, use one", one, list);
}

/* An option of the kernel that what is configured needs, unless it is given. */
static void
imply(struct conf_option *option)
{
	if (option->set)
		return;
	option->set = true;
	option->value = 1;
}

static void
resolve_defaults(struct conf_source *s, struct src_service *service)
{
	const struct conf_schema *schema = &conf_schema_service;

	exclude(s, &service->head, schema, "address", "addresses");
	exclude(s, &service->head, schema, "check", "checks");
	resolve_persistence(s, service);
	resolve_flags(s, service);
	if (is_hashed(service)) {
		if (!bind_given(&service->head, schema, "when_down"))
			service->c.when_down = WHEN_DOWN_WEIGHT_ZERO;
		if (service->c.protocol == PROTOCOL_TCP)
			imply(&s->root.ipvs.c.sloppy_tcp);
		/* A client must not persist to a dead server, which stays. */
		if (service->c.persistence != 0)
			imply(&s->root.ipvs.c.expire_quiescent_template);
	}
}

static bool
is_listed(const struct vec *checks, uint32_t index)
{
	const struct src_check *list = checks->items;
	uint32_t i;

	for (i = 0; i < index && list[index].ref != NULL; i++) {
		if (list[i].ref != NULL &&
		    strcmp(list[i].ref, list[index].ref) == 0)
			return true;
	}
	return false;
}

static void
resolve_checks(struct conf_source *s, struct vec *checks)
{
	struct src_check *check;
	uint32_t i, index;

	for (i = 0; i < checks->count; i++) {
		check = VEC_AT(checks, struct src_check, i);
		if (check->head.bad)
			continue;
		if (is_listed(checks, i))
			conf_error(s, check->head.at,
			    "check %s is in the list already", check->ref);
		if (check->ref == NULL) {
			conf_define_check(s, check);
			continue;
		}
		index = names_get_text(&s->checks, check->ref);
		if (index == NAMES_NONE)
			conf_unknown(
			    s, check->head.at, "check", check->ref, &s->checks);
		else
			VEC_AT(&s->root.checks, struct src_check, index)
			    ->used = true;
	}
}

static bool
has_address(const struct conf_node *node, const struct addr *addr)
{
	uint32_t i;

	for (i = 0; i < node->addresses.count; i++) {
		if (addr_equal(&node->addresses.list[i], addr))
			return true;
	}
	return false;
}

/* A node's first address of the family, link-local only when there is no
 * other; NULL: none. */
static const struct addr *
address_of(const struct conf_node *node, uint8_t family)
{
	const struct addr *addr, *found = NULL;
	uint32_t i;

	for (i = 0; i < node->addresses.count; i++) {
		addr = &node->addresses.list[i];
		if (addr->family != family)
			continue;
		if (found == NULL || addr_is_per_link(found))
			found = addr;
	}
	return found;
}

/* A host's name has a place in `nodes` at the most. */
static void
unknown_server(struct conf_source *s, const struct src_server *server)
{
	const struct ynode *at = ynode_place(server->head.at, "node");
	char buf[QUOTED_MAX];

	if (names_like(&s->nodes, server->c.node) != NULL)
		conf_unknown(s, at, "node", server->c.node, &s->nodes);
	else
		conf_error(s, at,
		    "unknown node \"%s\", names are not resolved: wanted is "
		    "an address or the name of one of `nodes`",
		    conf_quoted(server->c.node, buf));
}

static void
resolve_node(struct conf_source *s, const struct src_service *service,
    struct src_server *server)
{
	const struct src_node *node;
	const struct addr *addr;
	uint32_t index;
	char buf[ADDR_STRLEN];

	index = names_get_text(&s->nodes, server->c.node);
	server->head.bad = true;
	if (index == NAMES_NONE) {
		unknown_server(s, server);
		return;
	}
	node = VEC_AT(&s->root.nodes, struct src_node, index);
	if (node->head.bad)
		return;
	if (server->c.addr.family != AF_UNSPEC) {
		server->head.bad = !has_address(&node->c, &server->c.addr);
		if (server->head.bad)
			conf_error(s, server->head.at,
			    "%s is not an address of node %s",
			    addr_format(&server->c.addr, buf), node->c.name);
		return;
	}
	if ((addr = address_of(&node->c, service->c.addr.family)) != NULL) {
		server->c.addr = *addr;
		server->head.bad = false;
		return;
	}
	conf_find(s, LINT_SERVER_FAMILY, server->head.at,
	    "node %s has no %s address, as the service has", node->c.name,
	    service->c.addr.family == AF_INET ? "IPv4" : "IPv6");
}

/* One port for all of its addresses, or 0. */
static uint16_t
common_port(const struct src_service *service)
{
	const struct src_endpoint *e = service->endpoints.items;
	uint32_t i;

	if (service->endpoints.count == 0)
		return 0;
	for (i = 1; i < service->endpoints.count; i++) {
		if (e[i].port != e[0].port)
			return 0;
	}
	return e[0].port;
}

static void
resolve_servers(struct conf_source *s, struct src_service *service)
{
	const struct conf_schema *schema = &conf_schema_server;
	struct src_server *server;
	uint16_t port = common_port(service);
	uint32_t i;

	for (i = 0; i < service->servers.count; i++) {
		server = VEC_AT(&service->servers, struct src_server, i);
		if (server->head.bad)
			continue;
		if (!bind_given(&server->head, schema, "forward"))
			server->c.forward = service->forward;
		if (server->c.port == 0)
			server->c.port = port;
		exclude(s, &server->head, schema, "check", "checks");
		resolve_checks(s, &server->checks);
		if (service->c.addr.family == AF_UNSPEC)
			server->head.bad = true;
		else if (server->c.node != NULL)
			resolve_node(s, service, server);
		else if (server->c.addr.family == AF_UNSPEC) {
			conf_error(s, server->head.at,
			    "`node` or `address` is missing in server");
			server->head.bad = true;
		}
	}
}

void
conf_services(struct conf_source *s)
{
	struct src_service *service;
	uint32_t i;

	for (i = 0; i < s->root.checks.count; i++)
		conf_define_check(
		    s, VEC_AT(&s->root.checks, struct src_check, i));
	for (i = 0; i < s->root.services.count; i++) {
		service = VEC_AT(&s->root.services, struct src_service, i);
		resolve_endpoints(s, service);
		resolve_checks(s, &service->checks);
		resolve_defaults(s, service);
		resolve_servers(s, service);
	}
}
