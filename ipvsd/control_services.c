/* SPDX-License-Identifier: ISC */
/*
 * The command services. A row joins what is configured, what the kernel has,
 * what the checks found and what an operator has overridden.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "conf/schema.h"
#include "conf/words.h"
#include "control.h"
#include "ctl/ctl_rows.h"
#include "ctl/ctl_server.h"
#include "running/health.h"
#include "running/running.h"

/* ---- services ---- */

/* Of what the kernel does not have. */
static const struct ipvs_counters uncounted;

/* The counters of a service's row or a server's. */
#define PUT_COUNTERS(row, counters)                                       \
	do {                                                              \
		(row)->conns = ctl_number((counters)->conns);             \
		(row)->in_packets = ctl_number((counters)->in_packets);   \
		(row)->out_packets = ctl_number((counters)->out_packets); \
		(row)->in_bytes = ctl_number((counters)->in_bytes);       \
		(row)->out_bytes = ctl_number((counters)->out_bytes);     \
	} while (0)

/* "mh-fallback,mh-port": the flags of the service's scheduler that are set. */
static void
flags_text(const struct conf_service *service, char *buf, size_t size)
{
	size_t used = 0;
	int n;

	*buf = '\0';
	for (const struct conf_flag *flag = conf_flags; flag->text != NULL;
	     flag++) {
		if (flag->scheduler == NULL ||
		    strcmp(flag->scheduler, service->scheduler) != 0 ||
		    (service->flags & flag->bits) != flag->bits)
			continue;
		n = snprintf(buf + used, size - used, "%s%s",
		    used == 0 ? "" : ",", flag->text);
		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}

static const struct ipvs_service *
live_service(const struct ipvsd *ipvsd, const struct conf_service *service)
{
	struct ipvs_key key;

	desired_key(service, &key);
	return ipvs_table_find(kernel_table(ipvsd->kernel), &key);
}

static void
send_service(struct ctl_conn *conn, const struct ipvsd *ipvsd,
    const struct conf_service *service)
{
	const struct running *running = ipvsd->running;
	const struct ipvs_service *live = live_service(ipvsd, service);
	const struct conf_instance *instance = conf_instance(
	    running->conf, service->instance);
	char flags[128];
	struct ctl_row_service row = {
	    .service = ctl_text(service->name),
	    .id = ctl_number(service->id),
	    .protocol = ctl_text(conf_protocol_name(service->protocol)),
	    .address = ctl_addr(&service->addr),
	    .port = ctl_number(service->port),
	    .scheduler = ctl_text(service->scheduler),
	    .flags = ctl_text(flags),
	    .instance = ctl_text(instance == NULL ? NULL : instance->name),
	    .role = ctl_text(
		duty_name(desired_duty(&running->input, service->instance))),
	    .persistence_s = ctl_time(service->persistence),
	    .in_kernel = ctl_flag(live != NULL),
	};

	if (live != NULL && live->read != 0)
		row.read_ms = ctl_ago(live->read, clock_monotonic());
	flags_text(service, flags, sizeof(flags));
	PUT_COUNTERS(&row, live == NULL ? &uncounted : &live->counters);
	ctl_send(conn, &row);
}

/* The worse, the higher. */
static unsigned
badness(const struct running *running, uint32_t probe)
{
	switch (running->health[probe]) {
	case HEALTH_DOWN:
		return 3;
	case HEALTH_UNKNOWN:
		return 2;
	default:
		return running->verdicts[probe].reason != REASON_OK;
	}
}

/* The id of the server's worst probe, the first of several, CARRY_NONE: it has
 * none. Its verdict explains the server's health. */
static uint32_t
telling_probe(const struct running *running, const struct conf_server *server)
{
	uint32_t worst = CARRY_NONE, id;

	for (uint32_t i = 0; i < server->probe_count; i++) {
		id = server->probes[i];
		if (id < running->probe_count &&
		    (worst == CARRY_NONE ||
			badness(running, id) > badness(running, worst)))
			worst = id;
	}
	return worst;
}

/* Which check that is, how often in a row it must pass, and must fail. */
static void
put_limits(
    struct ctl_row_server *row, const struct running *running, uint32_t probe)
{
	const struct conf_probe *conf = probe == CARRY_NONE ?
	    NULL :
	    conf_probe(running->conf, probe);

	if (conf == NULL)
		return;
	row->probe = ctl_number(probe);
	row->rise = ctl_number(conf->rise);
	row->fall = ctl_number(conf->fall);
}

static void
put_health(struct ctl_row_server *row, const struct ipvsd *ipvsd,
    const struct conf_server *server)
{
	static const struct verdict none;
	const struct running *running = ipvsd->running;
	uint32_t probe = telling_probe(running, server);
	const struct verdict *verdict = &none;

	if (probe != CARRY_NONE)
		verdict = &running->verdicts[probe];
	row->health = ctl_text(
	    health_name(desired_health(&running->input, server)));
	row->reason = ctl_text(probe == CARRY_NONE ?
		"not checked" :
		reason_name((enum reason)verdict->reason));
	row->detail = ctl_number(verdict->detail);
	row->latency_us = ctl_number(verdict->latency);
	if (verdict->since != 0)
		row->since_ms = ctl_ago(verdict->since, clock_monotonic());
	else if (probe != CARRY_NONE &&
	    running->health[probe] != HEALTH_UNKNOWN)
		row->since_ms = ctl_ago(ipvsd->started, clock_monotonic());
	put_limits(row, running, probe);
	row->stale = ctl_flag(
	    probe != CARRY_NONE && health_stale(ipvsd, probe));
}

/* The server has less than its configured weight: which part, if slow start is
 * why. */
static void
put_slow_start(struct ctl_row_server *row, const struct running *running,
    const struct conf_server *server, uint32_t weight)
{
	if (server->id < running->input.ramp_count &&
	    running->ramp[server->id].since != 0)
		row->slow_start_percent = ctl_number(
		    (uint64_t)weight * 100 / server->weight);
}

/* The clients that come back to it: none to one of weight 0 where the kernel
 * then ends persistence. */
static uint32_t
persistent(const struct running *running, const struct ipvs_dest *live)
{
	const struct conf_option *expire = &running->conf->ipvs
						.expire_quiescent_template;

	if (live == NULL ||
	    (live->conf.weight == 0 && expire->set && expire->value != 0))
		return 0;
	return live->stats.persistent;
}

static void
send_server(struct ctl_conn *conn, const struct ipvsd *ipvsd,
    const struct conf_service *service, const struct conf_server *server)
{
	const struct running *running = ipvsd->running;
	const struct ipvs_service *in = live_service(ipvsd, service);
	const struct ipvs_dest *live = in == NULL ?
	    NULL :
	    ipvs_service_find(in, &server->addr, server->port);
	struct ctl_row_server row = {
	    .service = ctl_text(service->name),
	    .id = ctl_number(server->id),
	    .address = ctl_addr(&server->addr),
	    .port = ctl_number(server->port),
	    .node = ctl_text(server->node),
	    .forward = ctl_text(conf_forward_name(server->forward)),
	    .weight = ctl_number(live == NULL ? 0 : live->conf.weight),
	    .configured_weight = ctl_number(server->weight),
	    .in_kernel = ctl_flag(live != NULL),
	    .override = ctl_text(
		override_name((enum override)running->override[server->id])),
	    .active = ctl_number(live == NULL ? 0 : live->stats.active),
	    .inactive = ctl_number(live == NULL ? 0 : live->stats.inactive),
	    .persistent = ctl_number(persistent(running, live)),
	};

	if (server->max_connections != 0)
		row.max_connections = ctl_number(server->max_connections);
	if (live != NULL && live->conf.weight > 0 &&
	    live->conf.weight < server->weight)
		put_slow_start(&row, running, server, live->conf.weight);
	put_health(&row, ipvsd, server);
	PUT_COUNTERS(&row, live == NULL ? &uncounted : &live->stats.counters);
	ctl_send(conn, &row);
}

/* So many services are read one by one; more make a whole dump cheaper. */
#define READ_ALONE_MAX 64
/* So many services and servers that are not meant are passed over in a turn. */
#define LOOK_MAX       16384

/* A client that waits for a dump with counters. */
struct refresh {
	struct ipvsd *ipvsd;
	uint64_t client;
};

/* The dump is complete. The client may be gone. */
static void
refreshed(void *arg)
{
	struct refresh *refresh = arg;
	struct ctl_conn *conn = ctl_find(refresh->ipvsd->ctl, refresh->client);

	if (conn != NULL)
		ctl_resume(conn);
	free(refresh);
}

/*
 * What is shown is read first: one service, or all of them unless that was done
 * a moment ago. Without memory the last counters will do.
 */
static enum ctl_next
refresh_first(
    struct ipvsd *ipvsd, struct ctl_conn *conn, bool all, uint32_t index)
{
	struct refresh *refresh = calloc(1, sizeof(*refresh));

	if (refresh == NULL)
		return CTL_MORE;
	refresh->ipvsd = ipvsd;
	refresh->client = ctl_id(conn);
	if (!all) {
		kernel_refresh_service(
		    ipvsd->kernel, index, refreshed, refresh);
		return CTL_WAIT;
	}
	if (!kernel_recent(ipvsd->kernel, refreshed, refresh))
		return CTL_WAIT;
	free(refresh);
	return CTL_MORE;
}

static bool
is_meant(const struct override_target *target,
    const struct conf_service *service, const struct conf_server *server)
{
	return target == NULL || override_target_is(target, service, server);
}

/* Whether the target means a server of the service. No target means every
 * service, also one without servers. */
static bool
any_is_meant(
    const struct override_target *target, const struct conf_service *service)
{
	if (target == NULL)
		return true;
	if (!override_target_has(target, service))
		return false;
	for (uint32_t i = 0; i < service->server_count; i++)
		if (override_target_is(target, service, &service->servers[i]))
			return true;
	return false;
}

/*
 * Moves *at, an index + 1, to the next service that is meant, or behind the
 * last. False: there were so many others that the loop waits for it.
 */
static bool
find_meant(
    const struct conf *conf, const struct override_target *target, uint64_t *at)
{
	const struct conf_service *service;
	uint32_t looked = 0;

	for (; *at <= conf->service_count; ++*at) {
		service = &conf->services[*at - 1];
		if (service->director && any_is_meant(target, service))
			return true;
		looked += 1;
		if (target != NULL && override_target_has(target, service))
			looked += service->server_count;
		if (looked > LOOK_MAX) {
			++*at;
			return false;
		}
	}
	return true;
}

/* A service that the target means is read first. Of many, all are. */
static enum ctl_next
read_service(
    struct ctl_conn *conn, struct ipvsd *ipvsd, uint64_t number, uint32_t index)
{
	if (number > READ_ALONE_MAX + 1)
		return CTL_MORE;
	return refresh_first(ipvsd, conn, number > READ_ALONE_MAX, index);
}

/* Overrides of servers that are not in the configuration; *at is the place of
 * the next one. */
static enum ctl_next
send_absent(struct ctl_conn *conn, const struct ipvsd *ipvsd,
    const struct override_target *target, uint64_t *at, uint64_t *sent)
{
	const struct override_row *absent;
	struct ctl_row_override row;

	for (int i = 0; i < CTL_SLICE; i++) {
		absent = override_absent(ipvsd->overrides, at, target);
		if (absent == NULL)
			return CTL_DONE;
		row = (struct ctl_row_override){
		    .override = ctl_text(override_name(absent->override)),
		    .protocol = ctl_text(conf_protocol_name(absent->protocol)),
		    .address = ctl_addr(&absent->service),
		    .port = ctl_number(absent->service_port),
		    .server = ctl_addr(&absent->server),
		    .server_port = ctl_number(absent->server_port),
		    .node = ctl_text(absent->node),
		};
		ctl_send(conn, &row);
		++*sent;
	}
	return CTL_MORE;
}

/*
 * cursor: [0] 0 at first, then the service's index + 1; [1] 0 at first, 1 for
 * the service's own row, else the server's index + 2; after the services the
 * place of an override; [2] the generation that
 * the indices are of; [3] how many services were meant so far.
 */
static enum ctl_next
send_slice(struct ctl_conn *conn, struct ipvsd *ipvsd,
    const struct override_target *target)
{
	const struct conf *conf = ipvsd->running->conf;
	uint64_t *cursor = ctl_cursor(conn);
	const struct conf_service *service;
	const struct conf_server *server;

	for (int i = 0; i < CTL_SLICE; i++) {
		if (cursor[1] == 0 && !find_meant(conf, target, &cursor[0]))
			return CTL_MORE;
		if (cursor[0] > conf->service_count)
			return send_absent(
			    conn, ipvsd, target, &cursor[1], &cursor[3]);
		service = &conf->services[cursor[0] - 1];
		if (cursor[1] == 0) {
			cursor[1] = 1;
			cursor[3]++;
			if (target != NULL)
				return read_service(conn, ipvsd, cursor[3],
				    (uint32_t)cursor[0] - 1);
		} else if (cursor[1] == 1) {
			send_service(conn, ipvsd, service);
			cursor[1] = 2;
		} else if (cursor[1] - 2 < service->server_count) {
			server = &service->servers[cursor[1]++ - 2];
			if (is_meant(target, service, server))
				send_server(conn, ipvsd, service, server);
		} else {
			cursor[0]++;
			cursor[1] = 0;
		}
	}
	return CTL_MORE;
}

/* services [TARGET]: all services with their servers, or the servers that the
 * target means with their services. */
enum ctl_next
control_services(struct ctl_conn *conn, void *arg)
{
	struct ipvsd *ipvsd = arg;
	uint64_t *cursor = ctl_cursor(conn);
	bool all = ctl_argc(conn) == 1;
	struct override_target target;
	enum ctl_next next;

	if (!all &&
	    (ctl_argc(conn) != 2 ||
		!override_target_parse(&target, ctl_argv(conn, 1),
		    running_conf(ipvsd->running)))) {
		ctl_fail(conn, "wanted: nothing, SERVER or SERVICE/SERVER");
		return CTL_DONE;
	}
	if (ipvsd->running == NULL)
		return CTL_DONE;
	if (cursor[0] == 0) {
		cursor[0] = 1;
		cursor[2] = ipvsd->running->conf->generation;
		return all ? refresh_first(ipvsd, conn, true, 0) : CTL_MORE;
	}
	if (cursor[2] != ipvsd->running->conf->generation) {
		ctl_fail(conn, "the configuration has changed meanwhile");
		return CTL_DONE;
	}
	next = send_slice(conn, ipvsd, all ? NULL : &target);
	if (next == CTL_DONE && !all && cursor[3] == 0)
		ctl_fail(conn, "%s: no such server", ctl_argv(conn, 1));
	return next;
}
