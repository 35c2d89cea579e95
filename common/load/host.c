/* SPDX-License-Identifier: ISC */
/* This host: its name, its addresses, and which node it is. */

#include <sys/stat.h>
#include <sys/types.h>

#include <netinet/in.h>

#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "load/finding.h"
#include "load/host.h"
#include "load/ynode.h"
#include "vrf.h"

static bool
sysctl_is_on(const char *path)
{
	FILE *file;
	int c;

	if ((file = fopen(path, "re")) == NULL)
		return false;
	c = fgetc(file);
	fclose(file);
	return c == '1';
}

/* A kernel without VRFs does not have it. */
static bool
is_vrf_deaf(void)
{
	FILE *file = fopen("/proc/sys/net/ipv4/raw_l3mdev_accept", "re");
	int c;

	if (file == NULL)
		return false;
	c = fgetc(file);
	fclose(file);
	return c == '0';
}

static void
in_vrf(const char *name, void *arg)
{
	struct conf_source *s = arg;

	names_put_text(&s->host.in_vrf, source_text(s, name, strlen(name)), 0);
}

/* Without /proc that cannot be seen, and is no reason for a warning. */
static bool
has_ip_vs(void)
{
	struct stat st;

	return stat("/proc/net/ip_vs", &st) == 0 ||
	    stat("/proc/net/dev", &st) == -1;
}

static void
read_interfaces(struct conf_source *s)
{
	struct ifaddrs *list, *ifa;
	struct addr *addr;
	uint32_t count = 0;
	uint16_t port;

	if (getifaddrs(&list) == -1)
		return;
	for (ifa = list; ifa != NULL; ifa = ifa->ifa_next)
		count++;
	s->host.addresses = source_alloc(s, (count + 1) * sizeof(*addr));
	for (ifa = list; ifa != NULL; ifa = ifa->ifa_next) {
		/* The name of an IPv4 address is its label. */
		if (ifa->ifa_addr == NULL ||
		    ifa->ifa_addr->sa_family == AF_PACKET)
			names_put_text(&s->host.interfaces,
			    source_text(
				s, ifa->ifa_name, strlen(ifa->ifa_name)),
			    0);
		addr = &s->host.addresses[s->host.address_count];
		if (ifa->ifa_addr != NULL &&
		    addr_from_sockaddr(addr, &port, ifa->ifa_addr,
			ifa->ifa_addr->sa_family == AF_INET ?
			    sizeof(struct sockaddr_in) :
			    sizeof(struct sockaddr_in6)))
			s->host.address_count++;
	}
	freeifaddrs(list);
}

void
conf_host_read(struct conf_source *s)
{
	char *name = source_alloc(s, 256);

	if (gethostname(name, 255) == -1)
		name[0] = '\0';
	s->host.name = name;
	s->host.forward4 = sysctl_is_on("/proc/sys/net/ipv4/ip_forward");
	s->host.forward6 = sysctl_is_on(
	    "/proc/sys/net/ipv6/conf/all/forwarding");
	s->host.ip_vs = has_ip_vs();
	s->host.vrf_deaf = is_vrf_deaf();
	if (s->host.vrf_deaf)
		vrf_members(in_vrf, s);
	read_interfaces(s);
}

/* By name: whole, or up to the first dot. */
static uint32_t
node_by_host_name(struct conf_source *s)
{
	char name[256];
	uint32_t index = names_get_text(&s->nodes, s->host.name);

	if (index != NAMES_NONE)
		return index;
	snprintf(name, sizeof(name), "%s", s->host.name);
	name[strcspn(name, ".")] = '\0';
	return names_get_text(&s->nodes, name);
}

static bool
is_on_host(const struct conf_source *s, const struct addr *addr)
{
	uint32_t i;

	for (i = 0; i < s->host.address_count; i++) {
		if (addr_equal(addr, &s->host.addresses[i]))
			return true;
	}
	return false;
}

static bool
has_local_address(const struct conf_source *s, const struct conf_node *node)
{
	uint32_t i;

	for (i = 0; i < node->addresses.count; i++) {
		if (is_on_host(s, &node->addresses.list[i]))
			return true;
	}
	return false;
}

/* Whether the node that was asked for is this host. A loopback address says
 * nothing, because every host has it. */
static bool
is_here(struct conf_source *s, const struct conf_node *node)
{
	const struct conf_addrs *addresses = &node->addresses;
	uint32_t i, index = node_by_host_name(s);

	if (index != NAMES_NONE)
		return strcmp(VEC_AT(&s->root.nodes, struct src_node, index)
				  ->c.name,
			   node->name) == 0;
	for (i = 0; i < addresses->count; i++) {
		if (!address_is_loopback(&addresses->list[i]) &&
		    is_on_host(s, &addresses->list[i]))
			return true;
	}
	return false;
}

static uint32_t
node_by_address(const struct conf_source *s)
{
	uint32_t i;

	for (i = 0; i < s->root.nodes.count; i++) {
		if (has_local_address(
			s, &VEC_AT(&s->root.nodes, struct src_node, i)->c))
			return i;
	}
	return NAMES_NONE;
}

static void
report_unknown(struct conf_source *s, const char *node)
{
	char list[400] = "";
	size_t len = 0;
	uint32_t i;

	/* Also one that is too long, an error of its own. */
	for (i = 0; i < s->root.nodes.count && len < sizeof(list) - 80; i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len,
		    "%s%.64s", i > 0 ? ", " : "",
		    VEC_AT(&s->root.nodes, struct src_node, i)->c.name);
	if (i < s->root.nodes.count)
		snprintf(list + len, sizeof(list) - len, ", ...");
	if (node != NULL)
		conf_find(s, LINT_SELF, ynode_place(s->root.head.at, "nodes"),
		    "%.64s is none of the nodes: %s", node, list);
	else
		conf_find(s, LINT_SELF, ynode_place(s->root.head.at, "nodes"),
		    "this host, %.64s, is none of the nodes by its name or "
		    "addresses, say which with -N: %s",
		    s->host.name, list);
}

void
conf_self(struct conf_source *s, const char *node)
{
	struct src_node *self;
	uint32_t index;

	s->root.c.self = "";
	if (s->root.nodes.count == 0)
		return;
	if (node != NULL)
		index = names_get_text(&s->nodes, node);
	else if ((index = node_by_host_name(s)) == NAMES_NONE)
		index = node_by_address(s);
	if (index == NAMES_NONE) {
		report_unknown(s, node);
		return;
	}
	self = VEC_AT(&s->root.nodes, struct src_node, index);
	self->c.self = true;
	s->host.here = node == NULL || is_here(s, &self->c);
	s->root.c.self = self->c.name;
}
