/* SPDX-License-Identifier: ISC */
/* Sorted tables of services and destinations; see ipvs_table.h. Pure. */
#include "desired/ipvs_table.h"

#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

int
ipvs_key_cmp(const struct ipvs_key *a, const struct ipvs_key *b)
{
	int order;

	if (a->fwmark != b->fwmark)
		return a->fwmark < b->fwmark ? -1 : 1;
	if ((order = addr_cmp(&a->addr, &b->addr)) != 0)
		return order;
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	return (int)a->protocol - (int)b->protocol;
}

const char *
ipvs_key_format(const struct ipvs_key *key, char buf[IPVS_KEY_STRLEN])
{
	char text[ADDR_PORT_STRLEN];

	if (key->fwmark != 0)
		(void)snprintf(buf, IPVS_KEY_STRLEN, "mark %u %s", key->fwmark,
		    key->addr.family == AF_INET6 ? "inet6" : "inet");
	else
		(void)snprintf(buf, IPVS_KEY_STRLEN, "%s %s",
		    key->protocol == IPPROTO_TCP     ? "tcp" :
			key->protocol == IPPROTO_UDP ? "udp" :
						       "sctp",
		    addr_port_format(&key->addr, key->port, text));
	return buf;
}

int
ipvs_dest_cmp(const struct ipvs_dest *a, const struct ipvs_dest *b)
{
	int order = addr_cmp(&a->addr, &b->addr);

	return order != 0 ? order : (int)a->port - (int)b->port;
}

bool
ipvs_dest_conf_equal(
    const struct ipvs_dest_conf *a, const struct ipvs_dest_conf *b)
{
#define X(member, attribute, size, bits) \
	if (a->member != b->member)      \
		return false;
	IPVS_DEST_CONF(X)
#undef X
	return true;
}

bool
ipvs_sched_equal(const struct ipvs_sched *a, const struct ipvs_sched *b)
{
	if (strcmp(a->name, b->name) != 0 ||
	    (a->flags & IPVS_FLAGS) != (b->flags & IPVS_FLAGS))
		return false;
	if (!(a->flags & IP_VS_SVC_F_PERSISTENT))
		return true;
	return a->timeout == b->timeout && a->prefix == b->prefix;
}

struct ipvs_service *
ipvs_service_new(const struct ipvs_key *key)
{
	struct ipvs_service *service = xcalloc(1, sizeof(*service));

	service->key = *key;
	return service;
}

void
ipvs_service_free(struct ipvs_service *service)
{
	if (service == NULL)
		return;
	ipvs_service_free(service->former);
	free(service->dests);
	free(service);
}

struct ipvs_dest *
ipvs_service_add(struct ipvs_service *service)
{
	struct ipvs_dest *dest;

	service->dests = grow(service->dests, service->count, &service->size,
	    sizeof(*service->dests));
	dest = &service->dests[service->count++];
	memset(dest, 0, sizeof(*dest));
	return dest;
}

static int
dest_order(const void *a, const void *b)
{
	return ipvs_dest_cmp(a, b);
}

void
ipvs_service_sort(struct ipvs_service *service)
{
	if (service->count > 1)
		qsort(service->dests, service->count, sizeof(*service->dests),
		    dest_order);
}

struct ipvs_dest *
ipvs_service_find(
    const struct ipvs_service *service, const struct addr *addr, uint16_t port)
{
	struct ipvs_dest wanted;

	if (service->count == 0)
		return NULL;
	memset(&wanted, 0, sizeof(wanted));
	wanted.addr = *addr;
	wanted.port = port;
	return bsearch(&wanted, service->dests, service->count,
	    sizeof(*service->dests), dest_order);
}

void
ipvs_service_remove(struct ipvs_service *service, struct ipvs_dest *dest)
{
	size_t at = (size_t)(dest - service->dests);

	memmove(dest, dest + 1, (--service->count - at) * sizeof(*dest));
}

void
ipvs_table_init(struct ipvs_table *table)
{
	memset(table, 0, sizeof(*table));
}

void
ipvs_table_clear(struct ipvs_table *table)
{
	for (uint32_t i = 0; i < table->count; i++)
		ipvs_service_free(table->services[i]);
	free(table->services);
	ipvs_table_init(table);
}

void
ipvs_table_append(struct ipvs_table *table, struct ipvs_service *service)
{
	table->services = grow(table->services, table->count, &table->size,
	    sizeof(struct ipvs_service *));
	table->services[table->count++] = service;
}

static int
service_order(const void *a, const void *b)
{
	const struct ipvs_service *const *left = a;
	const struct ipvs_service *const *right = b;

	return ipvs_key_cmp(&(*left)->key, &(*right)->key);
}

void
ipvs_table_sort(struct ipvs_table *table)
{
	if (table->count > 1)
		qsort(table->services, table->count,
		    sizeof(struct ipvs_service *), service_order);
}

/* The index of the first service whose key does not sort before this one. */
static uint32_t
table_place(const struct ipvs_table *table, const struct ipvs_key *key)
{
	uint32_t low = 0, high = table->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (ipvs_key_cmp(&table->services[middle]->key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
ipvs_table_insert(struct ipvs_table *table, struct ipvs_service *service)
{
	uint32_t at = table_place(table, &service->key);

	ipvs_table_append(table, NULL);
	memmove(&table->services[at + 1], &table->services[at],
	    (table->count - 1 - at) * sizeof(struct ipvs_service *));
	table->services[at] = service;
}

struct ipvs_service **
ipvs_table_slot(const struct ipvs_table *table, const struct ipvs_key *key)
{
	uint32_t at = table_place(table, key);

	if (at == table->count ||
	    ipvs_key_cmp(&table->services[at]->key, key) != 0)
		return NULL;
	return &table->services[at];
}

struct ipvs_service *
ipvs_table_find(const struct ipvs_table *table, const struct ipvs_key *key)
{
	struct ipvs_service **slot = ipvs_table_slot(table, key);

	return slot == NULL ? NULL : *slot;
}

void
ipvs_table_remove(struct ipvs_table *table, const struct ipvs_key *key)
{
	struct ipvs_service **slot = ipvs_table_slot(table, key);

	if (slot == NULL)
		return;
	ipvs_service_free(*slot);
	table->count--;
	memmove(slot, slot + 1,
	    (size_t)(table->services + table->count - slot) * sizeof(*slot));
}
