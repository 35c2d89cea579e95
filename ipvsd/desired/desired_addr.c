/* SPDX-License-Identifier: ISC */
/* Wanted addresses and synchronisation daemons; see desired.h. Pure. */
#include "desired/desired.h"

#include <linux/rtnetlink.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

static struct desired_address *
add(struct desired_addresses *out, const struct addr *addr, uint32_t instance,
    const char *interface)
{
	struct desired_address *address;

	out->list = grow(out->list, out->count, &out->size, sizeof(*out->list));
	address = &out->list[out->count++];
	memset(address, 0, sizeof(*address));
	address->addr = *addr;
	address->instance = instance;
	(void)snprintf(
	    address->interface, sizeof(address->interface), "%s", interface);
	return address;
}

/* Whether another node owns the address. */
static bool
is_anothers(const struct conf *conf, const struct addr *addr)
{
	const struct conf_node *node;

	for (uint32_t i = 0; i < conf->node_count; i++) {
		node = &conf->nodes[i];
		for (uint32_t j = 0; j < node->addresses.count; j++)
			if (addr_equal(&node->addresses.list[j], addr))
				return !node->self;
	}
	return false;
}

static void
add_instance(const struct conf *conf, const struct conf_instance *instance,
    struct desired_addresses *out)
{
	const struct conf_address *from;
	struct desired_address *address;

	for (uint32_t i = 0; i < instance->address_count; i++) {
		from = &instance->addresses[i];
		address = add(out, &from->addr, instance->id, from->interface);
		address->prefix = from->prefix;
		address->scope = from->scope;
		address->lifetime = true;
		address->is_anothers = is_anothers(conf, &from->addr);
		if (from->label != NULL && from->addr.family == AF_INET)
			(void)snprintf(address->label, sizeof(address->label),
			    "%s", from->label);
	}
}

/* Whether the address is among the first `count`, those of instances. */
static bool
on_interface(const struct desired_addresses *out, uint32_t count,
    const struct addr *addr)
{
	for (uint32_t i = 0; i < count; i++)
		if (addr_equal(&out->list[i].addr, addr))
			return true;
	return false;
}

static int
address_order(const void *a, const void *b)
{
	const struct desired_address *left = a, *right = b;

	return addr_cmp(&left->addr, &right->addr);
}

/* Several services may share an address: keeps one of each, from `first` on. */
static void
unique_from(struct desired_addresses *out, uint32_t first)
{
	uint32_t kept = first;

	if (out->count == first)
		return;
	qsort(out->list + first, out->count - first, sizeof(*out->list),
	    address_order);
	for (uint32_t i = first; i < out->count; i++) {
		if (i > first &&
		    addr_equal(&out->list[i].addr, &out->list[kept - 1].addr))
			continue;
		out->list[kept++] = out->list[i];
	}
	out->count = kept;
}

void
desired_addresses(const struct desired_input *in, struct desired_addresses *out)
{
	const struct conf_service *service;
	struct desired_address *address;
	uint32_t interfaces;

	out->count = 0;
	out->real_server = false;
	for (uint32_t i = 0; i < in->conf->instance_count; i++)
		if (desired_duty(in, in->conf->instances[i].id) == DUTY_MASTER)
			add_instance(in->conf, &in->conf->instances[i], out);
	interfaces = out->count;
	for (uint32_t i = 0; i < in->conf->service_count; i++) {
		service = &in->conf->services[i];
		if (!desired_is_local(service))
			continue;
		/* Also for a master, which may become a backup any time. */
		out->real_server = true;
		if (on_interface(out, interfaces, &service->addr))
			continue;
		address = add(out, &service->addr, service->instance, "lo");
		/* A wider prefix on lo would make the subnet local. */
		address->prefix = addr_max_prefix(service->addr.family);
		address->scope = RT_SCOPE_UNIVERSE;
	}
	unique_from(out, interfaces);
}

void
desired_addresses_clear(struct desired_addresses *out)
{
	free(out->list);
	memset(out, 0, sizeof(*out));
}

static void
daemon_from(
    const struct conf_sync *sync, uint32_t state, struct ipvs_daemon *daemon)
{
	daemon->state = state;
	(void)snprintf(daemon->interface, sizeof(daemon->interface), "%s",
	    sync->interface == NULL ? "" : sync->interface);
	daemon->id = sync->id;
	daemon->port = sync->port;
	daemon->group = sync->group;
}

void
desired_daemons(const struct desired_input *in, struct ipvs_daemon out[2])
{
	const struct conf_sync *sync = &in->conf->ipvs.sync;
	bool master, backup, director = false;

	memset(out, 0, 2 * sizeof(*out));
	if (!sync->enabled)
		return;
	if (sync->instance == UINT32_MAX) {
		for (uint32_t i = 0; i < in->conf->instance_count; i++)
			director |= in->conf->instances[i].member;
		master = backup = director;
	} else {
		master = desired_duty(in, sync->instance) == DUTY_MASTER;
		backup = desired_duty(in, sync->instance) == DUTY_BACKUP;
	}
	if (master)
		daemon_from(sync, IP_VS_STATE_MASTER, &out[0]);
	if (backup)
		daemon_from(sync, IP_VS_STATE_BACKUP, &out[1]);
}
