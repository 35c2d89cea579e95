/* SPDX-License-Identifier: ISC */
/* Digests of services and tables; see table_digest.h. Pure. */
#include "desired/table_digest.h"

#include <stdlib.h>

#include "desired/desired.h"
#include "digest.h"
#include "grow.h"

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

uint64_t
digest_service(const struct ipvs_service *service)
{
	uint64_t value = FNV1A64_INIT, *digest = &value;
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
#define X(member, attribute, size, bits) \
	digest_number(digest, dest->conf.member);
		IPVS_DEST_CONF(X)
#undef X
	}
	value = digest_mix(value);
	return value != 0 ? value : 1;
}

/*
 * The service as a master has it that is no real server itself and for which
 * every server is up. So nothing in it depends on the host.
 */
uint64_t
digest_configured_service(const struct conf_service *service)
{
	struct conf conf = {.instance_count = 0};
	struct desired_input in = {.conf = &conf};
	struct conf_service plain = *service;
	struct ipvs_service *wanted;
	uint64_t digest;

	plain.director = true;
	plain.start_up = true;
	plain.servers = xcalloc(service->server_count, sizeof(*plain.servers));
	for (uint32_t i = 0; i < service->server_count; i++) {
		plain.servers[i] = service->servers[i];
		plain.servers[i].local = false;
		plain.servers[i].probe_count = 0;
	}
	wanted = desired_service(&in, &plain);
	free(plain.servers);
	digest = digest_service(wanted);
	ipvs_service_free(wanted);
	return digest;
}

uint64_t
digest_of_sum(uint64_t sum)
{
	uint64_t digest = digest_mix(fnv1a64(FNV1A64_INIT, &sum, sizeof(sum)));

	return digest != 0 ? digest : 1;
}
