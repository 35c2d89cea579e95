/* SPDX-License-Identifier: ISC */
/* Which object is which; see identity.h. */
#include "load/identity.h"

#include <string.h>

#include "conf/form.h"
#include "conf/words.h"
#include "digest.h"
#include "keys.h"
#include "load/encode_rows.h"
#include "log.h"

/* 64 headers of 4 KiB and a name each are the largest value. */
#define VALUE_SIZE ((size_t)1 << 19)

static size_t
value_of(const struct conf_row *row, const void *object, void *buf, size_t size)
{
	const struct conf_schema one = {.rows = row, .row_count = 1};

	return encode_object(&one, object, ROLE_CHECKD, buf, size);
}

static bool
is_default(const struct conf_row *row, const void *value, size_t len)
{
	uint8_t buf[ENCODED_DEFAULT];

	return encode_default(row, ROLE_CHECKD, buf) == len &&
	    memcmp(buf, value, len) == 0;
}

/* Words by their text: their numbers are this version's. */
static uint64_t
add_row(uint64_t digest, const struct conf_row *row, const void *object)
{
	static uint8_t value[VALUE_SIZE];
	const char *field = (const char *)object + row->offset;
	size_t len = value_of(row, object, value, sizeof(value));

	if (is_default(row, value, len))
		return digest;
	digest = fnv1a64_string(digest, form_row_name(row));
	if (row->type == T_WORD)
		return fnv1a64_string(digest,
		    conf_word_text(
			row->words, conf_get_number(field, row->size)));
	return fnv1a64(digest, value, len);
}

static uint64_t
add_rows(uint64_t digest, const struct conf_schema *schema, const void *object,
    uint8_t flags)
{
	const struct conf_row *row = schema->rows;

	for (uint16_t i = 0; i < schema->row_count; i++, row++) {
		if ((row->flags & flags) != flags ||
		    (row->roles & (1u << ROLE_CHECKD)) == 0)
			continue;
		if (row->type == T_GROUP)
			digest = add_rows(digest, row->sub,
			    (const char *)object + row->offset, 0);
		else
			digest = add_row(digest, row, object);
	}
	return digest;
}

uint64_t
identity_of_check(const struct conf_probe *check)
{
	return add_rows(FNV1A64_INIT, &conf_schema_check, check, ROW_TARGET);
}

static uint64_t
add_endpoint(uint64_t digest, const struct addr *addr, uint16_t port)
{
	digest = fnv1a64(digest, addr->bytes, addr_len(addr->family));
	return fnv1a64_u32(digest, port);
}

/*
 * Two probes of one target, which have other times, are told apart by their
 * order.
 */
static uint64_t
unique(struct keys *keys, uint64_t digest)
{
	uint64_t key = digest_mix(digest);

	while (!keys_put(keys, key, 0))
		key = digest_mix(key + 1);
	return key;
}

static struct keys *
keys_for(uint32_t count)
{
	struct keys *keys = keys_new(count);

	if (keys == NULL)
		fatalx("conf: out of memory");
	return keys;
}

static void
identify_instances(struct conf *conf)
{
	struct keys *keys = keys_for(conf->instance_count);
	struct conf_instance *instance;

	for (uint32_t i = 0; i < conf->instance_count; i++) {
		instance = &conf->instances[i];
		instance->key = unique(
		    keys, fnv1a64_string(FNV1A64_INIT, instance->name));
	}
	keys_free(keys);
}

/* The check's target is in the key already (probes.c). */
static void
identify_probes(struct conf *conf)
{
	struct keys *keys = keys_for(conf->probe_count);
	struct conf_probe *probe;

	for (uint32_t i = 0; i < conf->probe_count; i++) {
		probe = &conf->probes[i];
		probe->key = unique(
		    keys, add_endpoint(probe->key, &probe->addr, probe->port));
	}
	keys_free(keys);
}

/* They differ in what the key is of, so no table is asked. */
static void
identify_servers(struct conf *conf)
{
	struct conf_service *service;
	struct conf_server *server;
	uint64_t digest;

	for (uint32_t i = 0; i < conf->service_count; i++) {
		service = &conf->services[i];
		digest = fnv1a64_string(
		    FNV1A64_INIT, conf_protocol_name(service->protocol));
		digest = add_endpoint(digest, &service->addr, service->port);
		for (uint32_t j = 0; j < service->server_count; j++) {
			server = &service->servers[j];
			server->key = digest_mix(
			    add_endpoint(digest, &server->addr, server->port));
		}
	}
}

void
conf_identify(struct conf_source *s)
{
	struct conf *conf = &s->root.c;

	identify_instances(conf);
	identify_probes(conf);
	identify_servers(conf);
}
