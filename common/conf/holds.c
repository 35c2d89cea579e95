/* SPDX-License-Identifier: ISC */
/*
 * What a decoded object promises beyond its rows: families, that what it
 * refers to is there, and that what a daemon needs of it is set.
 */
#include "conf/holds.h"

#define V3_INTERVAL_MAX 40950 /* ms: RFC 9568 5.2.7, 12 bits of cs */

static bool
family_is_known(uint8_t family)
{
	return family == AF_INET || family == AF_INET6;
}

static bool
instance_holds(const struct conf_instance *instance, enum role role)
{
	const struct conf_address *address;
	uint32_t i;

	if (instance->key == 0 || instance->name[0] == '\0' ||
	    !family_is_known(instance->family) ||
	    (instance->member && instance->interface == NULL) ||
	    (instance->version == 3 && instance->interval > V3_INTERVAL_MAX))
		return false;
	if (role == ROLE_VRRPD &&
	    (!instance->member || instance->priority == 0 ||
		(instance->source.family != AF_UNSPEC &&
		    instance->source.family != instance->family)))
		return false;
	for (i = 0; i < instance->address_count; i++) {
		address = &instance->addresses[i];
		if (!family_is_known(address->addr.family) ||
		    address->prefix > addr_max_prefix(address->addr.family) ||
		    (address->advertised &&
			address->addr.family != instance->family))
			return false;
	}
	return instance->address_count > 0 && instance->addresses[0].advertised;
}

static bool
http_holds(const struct conf_probe *probe)
{
	const struct conf_http *http = &probe->http;

	for (uint32_t i = 0; i < http->status_count; i++)
		if (http->status[i].low > http->status[i].high)
			return false;
	for (uint32_t i = 0; i < http->header_count; i++)
		if (!conf_http_name_valid(http->headers[i].name) ||
		    !conf_http_value_valid(http->headers[i].value))
			return false;
	return http->path[0] == '/' && conf_http_word_valid(http->path) &&
	    (http->host == NULL || conf_http_word_valid(http->host));
}

/*
 * What each type of check needs of its own rows; NULL: nothing. A parser that
 * was taken over must not send what it likes through checkd.
 */
static bool (*const type_holds[CONF_CHECK_TYPES])(const struct conf_probe *) = {
    [CHECK_HTTP] = http_holds,
};

/* Only checkd has what is sent and expected. */
static bool
probe_holds(const struct conf_probe *probe, enum role role)
{
	if (probe->key == 0 || !family_is_known(probe->addr.family) ||
	    (probe->source.family != AF_UNSPEC &&
		probe->source.family != probe->addr.family) ||
	    probe->port == 0 || probe->timeout > probe->interval)
		return false;
	return role != ROLE_CHECKD || type_holds[probe->type] == NULL ||
	    type_holds[probe->type](probe);
}

static bool
server_holds(const struct conf *conf, const struct conf_service *service,
    const struct conf_server *server)
{
	uint32_t i;

	if (server->key == 0 || server->port == 0 ||
	    server->addr.family != service->addr.family)
		return false;
	for (i = 0; i < server->probe_count; i++) {
		if (conf_probe(conf, server->probes[i]) == NULL)
			return false;
	}
	return true;
}

static bool
service_holds(const struct conf *conf, const struct conf_service *service)
{
	const struct conf_instance *instance;
	uint32_t i;

	instance = conf_instance(conf, service->instance);
	if (service->name[0] == '\0' || instance == NULL ||
	    !family_is_known(service->addr.family) || service->port == 0 ||
	    service->director != instance->member ||
	    service->persistence_prefix > addr_max_prefix(service->addr.family))
		return false;
	for (i = 0; i < service->server_count; i++) {
		if (!server_holds(conf, service, &service->servers[i]))
			return false;
	}
	return true;
}

bool
conf_holds(const struct conf *conf, const struct conf_schema *schema,
    const void *element, enum role role)
{
	if (schema == &conf_schema_instance)
		return instance_holds(element, role);
	if (schema == &conf_schema_check)
		return probe_holds(element, role);
	if (schema == &conf_schema_service)
		return service_holds(conf, element);
	return true;
}

bool
conf_sync_holds(const struct conf *conf)
{
	const struct conf_sync *sync = &conf->ipvs.sync;

	if (!sync->enabled)
		return true;
	return sync->interface != NULL &&
	    (sync->instance == UINT32_MAX ||
		conf_instance(conf, sync->instance) != NULL);
}
