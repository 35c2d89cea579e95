/* SPDX-License-Identifier: ISC */
/* The wanted IPVS table, a service at a time; see desired.h. Pure. */
#include "desired/desired.h"

#include <netinet/in.h>

#include <string.h>

#include "clock.h"

#define X(id, text) [DUTY_##id] = text,
static const char *const duty_names[] = {DUTY_TABLE(X)};
#undef X
#define X(id, text) [OVERRIDE_##id] = text,
static const char *const override_names[] = {OVERRIDE_TABLE(X)};
#undef X

const char *
duty_name(enum duty duty)
{
	return (unsigned)duty < DUTY_MAX ? duty_names[duty] : "invalid";
}

const char *
override_name(enum override override)
{
	return (unsigned) override < OVERRIDE_MAX ? override_names[override] :
						    "invalid";
}

enum duty
desired_duty(const struct desired_input *in, uint32_t id)
{
	const struct conf_instance *instance = conf_instance(in->conf, id);

	if (instance == NULL || !instance->member)
		return DUTY_NONE;
	if (id < in->duty_count && in->duty[id] >= DUTY_GAINING)
		return DUTY_MASTER;
	return DUTY_BACKUP;
}

enum health
desired_health(const struct desired_input *in, const struct conf_server *server)
{
	enum health all = HEALTH_UP, one;

	for (uint32_t i = 0; i < server->probe_count; i++) {
		one = HEALTH_UNKNOWN;
		if (server->probes[i] < in->health_count)
			one = in->health[server->probes[i]];
		if (one == HEALTH_DOWN)
			return HEALTH_DOWN;
		if (one != HEALTH_UP)
			all = HEALTH_UNKNOWN;
	}
	if (all == HEALTH_UNKNOWN && server->id < in->was_count)
		return in->was[server->id];
	return all;
}

static bool
is_drained(const struct desired_input *in, const struct conf_server *server)
{
	enum override override = OVERRIDE_NONE;

	if (server->id < in->override_count)
		override = in->override[server->id];
	if (override == OVERRIDE_NONE)
		return server->state == SERVER_DRAINED;
	return override == OVERRIDE_DRAINED;
}

static bool
server_is_local(const struct conf_server *server)
{
	return server->local && server->forward == FORWARD_DIRECT;
}

enum eligible
desired_eligible(const struct desired_input *in,
    const struct conf_service *service, const struct conf_server *server)
{
	enum health health = desired_health(in, server);

	if (health == HEALTH_DOWN || server->weight == 0 ||
	    is_drained(in, server))
		return ELIGIBLE_NO;
	if (health == HEALTH_UNKNOWN && !service->start_up)
		return ELIGIBLE_UNKNOWN;
	return ELIGIBLE_YES;
}

bool
desired_is_local(const struct conf_service *service)
{
	for (uint32_t i = 0; i < service->server_count; i++)
		if (server_is_local(&service->servers[i]))
			return true;
	return false;
}

/* By these schedulers all directors choose the same server for a flow. */
static bool
is_consistent(const struct conf_service *service)
{
	return strcmp(service->scheduler, "mh") == 0 ||
	    strcmp(service->scheduler, "sh") == 0;
}

bool
desired_serves_itself(
    const struct desired_input *in, const struct conf_service *service)
{
	const struct conf_server *server;

	if (is_consistent(service))
		return false;
	for (uint32_t i = 0; i < service->server_count; i++) {
		server = &service->servers[i];
		if (server_is_local(server) &&
		    desired_eligible(in, service, server) == ELIGIBLE_YES)
			return true;
	}
	return false;
}

/*
 * Whether a server that is down stays in the table with weight 0. Weight 0 only
 * keeps new connections away: a flow of UDP goes on for as long as the client
 * sends, and so does each client that persists unless the kernel ends that at
 * weight 0. These would stay with the dead server. Source hashing and Maglev
 * give each server a share by its place, so a server that leaves the table
 * moves connections of others.
 */
static bool
keeps_down(const struct desired_input *in, const struct conf_service *service)
{
	const struct conf_option *expire = &in->conf->ipvs
						.expire_quiescent_template;

	if (service->protocol == PROTOCOL_UDP)
		return false;
	if (service->persistence != 0)
		return is_consistent(service) && expire->set &&
		    expire->value != 0;
	return is_consistent(service) ||
	    service->when_down == WHEN_DOWN_WEIGHT_ZERO;
}

/* The configured weight, or less of it during slow start. */
static uint32_t
weight_in(const struct desired_input *in, const struct conf_service *service,
    const struct conf_server *server)
{
	if (service->slow_start == 0 || server->id >= in->ramp_count)
		return server->weight;
	return ramp_weight(&in->ramp[server->id], server->weight,
	    service->slow_start * NS_PER_MS, in->now);
}

/* The weight on a director that balances; false: it is not in the table. */
static bool
weight_as_master(const struct desired_input *in,
    const struct conf_service *service, const struct conf_server *server,
    uint32_t *weight)
{
	enum health health = desired_health(in, server);

	*weight = 0;
	if (health == HEALTH_DOWN ||
	    (health == HEALTH_UNKNOWN && !service->start_up))
		return keeps_down(in, service);
	if (!is_drained(in, server))
		*weight = weight_in(in, service, server);
	return true;
}

/*
 * The weight that a server has in this host's table; false: it is not in it. A
 * colocated backup gives itself its configured weight and the others 0.
 */
static bool
weight_now(const struct desired_input *in, const struct conf_service *service,
    const struct conf_server *server, bool colocated_backup, uint32_t *weight)
{
	if (!colocated_backup)
		return weight_as_master(in, service, server, weight);
	if (server_is_local(server)) {
		/*
		 * This host must serve what the master sends, also when its own
		 * checks or the configuration give it no new connections.
		 */
		*weight = server->weight > 0 ? server->weight : 1;
		return true;
	}
	if (!weight_as_master(in, service, server, weight))
		return false;
	*weight = 0;
	return true;
}

/*
 * Whether this host, a real server of the service, serves what it gets and does
 * not balance. If two directors balanced, each could send a connection to the
 * other until its hops are used up. So a host that gains serves by itself, if
 * it can, until the former master has stopped balancing.
 */
static bool
is_colocated_backup(
    const struct desired_input *in, const struct conf_service *service)
{
	uint32_t id = service->instance;

	if (!desired_is_local(service))
		return false;
	if (id < in->duty_count && in->duty[id] == DUTY_GAINING)
		return desired_serves_itself(in, service);
	return desired_duty(in, id) != DUTY_MASTER;
}

void
desired_key(const struct conf_service *service, struct ipvs_key *key)
{
	memset(key, 0, sizeof(*key));
	key->addr = service->addr;
	key->port = service->port;
	key->protocol = service->protocol == PROTOCOL_UDP ? IPPROTO_UDP :
							    IPPROTO_TCP;
}

void
desired_sched(const struct conf_service *service, struct ipvs_sched *sched)
{
	/* snprintf(3) would cost as much as the rest of this service. */
	memcpy(sched->name, service->scheduler,
	    strnlen(service->scheduler, sizeof(sched->name) - 1));
	sched->flags = service->flags & IPVS_FLAGS;
	if (service->one_packet)
		sched->flags |= IP_VS_SVC_F_ONEPACKET;
	sched->prefix = addr_max_prefix(service->addr.family);
	if (service->persistence == 0)
		return;
	sched->flags |= IP_VS_SVC_F_PERSISTENT;
	sched->timeout = service->persistence;
	if (service->persistence_prefix != 0)
		sched->prefix = service->persistence_prefix;
}

struct ipvs_service *
desired_service(
    const struct desired_input *in, const struct conf_service *service)
{
	const struct conf_server *server;
	struct ipvs_service *wanted;
	struct ipvs_dest *dest;
	struct ipvs_key key;
	uint32_t weight;
	bool colocated;

	if (!service->director)
		return NULL;
	desired_key(service, &key);
	wanted = ipvs_service_new(&key);
	desired_sched(service, &wanted->sched);
	colocated = is_colocated_backup(in, service);
	for (uint32_t i = 0; i < service->server_count; i++) {
		server = &service->servers[i];
		if (!weight_now(in, service, server, colocated, &weight))
			continue;
		dest = ipvs_service_add(wanted);
		dest->addr = server->addr;
		dest->port = server->port;
		dest->conf.forward = server->forward == FORWARD_NAT ?
		    IP_VS_CONN_F_MASQ :
		    IP_VS_CONN_F_DROUTE;
		dest->conf.weight = weight;
		dest->conf.upper = server->max_connections;
		dest->conf.lower = server->min_connections;
	}
	ipvs_service_sort(wanted);
	return wanted;
}
