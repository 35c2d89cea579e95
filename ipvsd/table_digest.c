/* SPDX-License-Identifier: ISC */
/* See table_digest.h. Pure. */
#include "table_digest.h"

#include <stdlib.h>

#include "desired.h"
#include "digest.h"

static void
digest_number(uint64_t *digest, uint32_t number)
{
	*digest = fnv1a64_u32(*digest, number);
}

static void
digest_addr(uint64_t *digest, const struct addr *addr, uint16_t port)
{
	digest_number(digest, addr->family);
	*digest = fnv1a64(*digest, addr->bytes, addr_len(addr->family));
	digest_number(digest, port);
}

static void
digest_service(uint64_t *digest, const struct ipvs_service *service)
{
	const struct ipvs_dest *dest;

	digest_addr(digest, &service->key.addr, service->key.port);
	digest_number(digest, service->key.protocol);
	digest_number(digest, service->key.fwmark);
	*digest = fnv1a64_string(*digest, service->sched.name);
	digest_number(digest, service->sched.flags & IPVS_FLAGS);
	if (service->sched.flags & IP_VS_SVC_F_PERSISTENT) {
		digest_number(digest, service->sched.timeout);
		digest_number(digest, service->sched.prefix);
	}
	digest_number(digest, service->count);
	for (uint32_t i = 0; i < service->count; i++) {
		dest = &service->dests[i];
		digest_addr(digest, &dest->addr, dest->port);
		digest_number(digest, dest->forward);
		digest_number(digest, dest->weight);
		digest_number(digest, dest->upper);
		digest_number(digest, dest->lower);
	}
}

/*
 * The table of a director that is no real server itself, is master and has
 * every server up: nothing in it depends on the host.
 */
static struct ipvs_service *
configured_service(const struct conf *conf,
    const struct conf_service *service)
{
	struct desired_input in = {.conf = conf};
	struct conf_service plain = *service;
	struct ipvs_service *wanted;

	plain.director = true;
	plain.start_up = true;
	plain.servers = calloc(service->server_count + 1,
	    sizeof(*plain.servers));
	if (plain.servers == NULL)
		return NULL;
	for (uint32_t i = 0; i < service->server_count; i++) {
		plain.servers[i] = service->servers[i];
		plain.servers[i].local = false;
		plain.servers[i].probe_count = 0;
	}
	wanted = desired_service(&in, &plain);
	free(plain.servers);
	return wanted;
}

uint64_t
digest_configured(const struct conf *conf)
{
	struct ipvs_service *service;
	struct ipvs_table table;
	uint64_t digest = FNV1A64_INIT;

	ipvs_table_init(&table);
	for (uint32_t i = 0; i < conf->service_count; i++) {
		service = configured_service(conf, &conf->services[i]);
		if (service != NULL)
			ipvs_table_append(&table, service);
	}
	ipvs_table_sort(&table);
	for (uint32_t i = 0; i < table.count; i++)
		digest_service(&digest, table.services[i]);
	ipvs_table_clear(&table);
	return digest != 0 ? digest : 1;
}

static bool
is_ours(const struct ipvs_table *ours, const struct ipvs_key *key)
{
	return ipvs_table_find(ours, key) != NULL;
}

uint64_t
digest_live(const struct conf *conf, const struct ipvs_table *live)
{
	struct ipvs_table ours;
	uint64_t digest = FNV1A64_INIT;
	struct ipvs_key key;

	ipvs_table_init(&ours);
	for (uint32_t i = 0; i < conf->service_count; i++) {
		desired_key(&conf->services[i], &key);
		ipvs_table_append(&ours, ipvs_service_new(&key));
	}
	ipvs_table_sort(&ours);
	for (uint32_t i = 0; i < live->count; i++)
		if (is_ours(&ours, &live->services[i]->key))
			digest_service(&digest, live->services[i]);
	ipvs_table_clear(&ours);
	return digest != 0 ? digest : 1;
}
