/* SPDX-License-Identifier: ISC */
/*
 * ipvsd sees that a server comes back when the kernel half computes its
 * service. So a server that went out and came back between two computations
 * gets no ramp. The servers with a ramp are in one list, and one timer is due
 * at the next step of any of them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "grow.h"
#include "log.h"
#include "running/event.h"
#include "running/running.h"
#include "running/slow_start.h"

/* Least and most time between two walks of the list. A server that has gone
 * out leaves the list in a walk. */
#define STEP_GAP  (50 * NS_PER_MS)
#define STEP_LAST (60 * NS_PER_SEC)

struct slow_server {
	uint32_t service; /* index into conf->services */
	uint32_t server;  /* index into its servers */
};

struct slow_start {
	struct ipvsd *ipvsd;
	struct slow_server *list;
	uint32_t count;
	uint32_t size;
	struct timer tick;
};

static struct ramp *
ramp_of(const struct running *running, const struct slow_server *one)
{
	const struct conf_service *service = &running->conf
						  ->services[one->service];

	return &running->ramp[service->servers[one->server].id];
}

static void
say(struct ipvsd *ipvsd, const struct slow_server *one, const char *from,
    const char *to)
{
	const struct conf_service *service = &ipvsd->running->conf
						  ->services[one->service];
	const struct conf_server *server = &service->servers[one->server];
	char addr[ADDR_PORT_STRLEN], name[CONF_NAME_MAX + ADDR_PORT_STRLEN + 2];

	snprintf(name, sizeof(name), "%s/%s", service->name,
	    addr_port_format(&server->addr, server->port, addr));
	event_tell(ipvsd, "server", name, from, to, NULL);
}

/* Makes tick due at `when`, within the bounds, unless it is due earlier. */
static void
wait_until(struct slow_start *slow, uint64_t when, uint64_t now)
{
	if (when < now + STEP_GAP)
		when = now + STEP_GAP;
	if (when > now + STEP_LAST)
		when = now + STEP_LAST;
	timer_by(&slow->tick, when);
}

static void
list_add(struct slow_start *slow, const struct slow_server *one)
{
	slow->list = grow(
	    slow->list, slow->count, &slow->size, sizeof(*slow->list));
	slow->list[slow->count++] = *one;
}

static void
begin(struct ipvsd *ipvsd, const struct slow_server *one, struct ramp *ramp)
{
	struct slow_start *slow = ipvsd->slow_start;
	const struct conf *conf = ipvsd->running->conf;
	uint64_t duration = conf->services[one->service].slow_start * NS_PER_MS;
	uint64_t now = clock_monotonic();

	if (!ramp->in_list)
		list_add(slow, one);
	ramp->in_list = true;
	ramp->since = now;
	wait_until(slow, ramp_next(ramp, duration, now), now);
	say(ipvsd, one, "out", "slow start");
}

void
slow_start_look(uint32_t index, void *arg)
{
	struct ipvsd *ipvsd = arg;
	struct running *running = ipvsd->running;
	const struct conf_service *service = &running->conf->services[index];
	const struct conf_server *server;
	struct slow_server one = {.service = index};

	if (service->slow_start == 0)
		return;
	for (; one.server < service->server_count; one.server++) {
		server = &service->servers[one.server];
		if (ramp_see(&running->ramp[server->id],
			desired_eligible(&running->input, service, server)) &&
		    server->weight > 1)
			begin(ipvsd, &one, &running->ramp[server->id]);
	}
}

/*
 * Touches the service if the server's weight has changed since `before`.
 * Returns when it changes next, UINT64_MAX when the ramp is over. All times are
 * monotonic ns.
 */
static uint64_t
step(struct ipvsd *ipvsd, const struct slow_server *one, uint64_t before,
    uint64_t now)
{
	struct running *running = ipvsd->running;
	const struct conf_service *service = &running->conf
						  ->services[one->service];
	uint64_t duration = service->slow_start * NS_PER_MS, next;
	uint32_t weight = service->servers[one->server].weight;
	struct ramp *ramp = ramp_of(running, one);

	if (ramp->since == 0)
		return UINT64_MAX;
	if (ramp_weight(ramp, weight, duration, before) !=
	    ramp_weight(ramp, weight, duration, now))
		kernel_touch_service(ipvsd->kernel, one->service);
	next = ramp_next(ramp, duration, now);
	if (next == UINT64_MAX) {
		ramp->since = 0;
		say(ipvsd, one, "slow start", "whole weight");
	}
	return next;
}

static void
tick(void *arg)
{
	struct slow_start *slow = arg;
	struct ipvsd *ipvsd = slow->ipvsd;
	uint64_t before = ipvsd->running->input.now, now = clock_monotonic();
	uint64_t next = UINT64_MAX, one;
	uint32_t kept = 0;

	ipvsd->running->input.now = now;
	for (uint32_t i = 0; i < slow->count; i++) {
		one = step(ipvsd, &slow->list[i], before, now);
		if (one == UINT64_MAX) {
			ramp_of(ipvsd->running, &slow->list[i])
			    ->in_list = false;
			continue;
		}
		slow->list[kept++] = slow->list[i];
		next = one < next ? one : next;
	}
	slow->count = kept;
	if (kept > 0)
		wait_until(slow, next, now);
}

/* ---- from one generation to the next ---- */

/*
 * A server that is added to a service counts as one that was out, so its ramp
 * begins when it is up. A service of which no server was there before is new
 * itself: all its servers begin with their whole weight.
 */
static void
mark_added(struct running *next, const struct conf_service *service)
{
	const struct conf_server *servers = service->servers;
	bool goes_on = false;

	for (uint32_t i = 0; i < service->server_count; i++)
		goes_on |= next->servers_known[servers[i].id];
	for (uint32_t i = 0; goes_on && i < service->server_count; i++)
		if (!next->servers_known[servers[i].id])
			next->ramp[servers[i].id].last_seen = LAST_SEEN_OUT;
}

bool
slow_start_step(struct running *next, uint32_t objects)
{
	const struct conf_service *service;
	const uint32_t *map;
	uint32_t count;

	if (next->ramp == NULL)
		return false;
	map = carry_servers(next->carry, &count);
	for (; next->slow_start_at < count; next->slow_start_at++) {
		if (objects-- == 0)
			return true;
		if (map[next->slow_start_at] != CARRY_NONE)
			next->servers_known[map[next->slow_start_at]] = true;
	}
	for (; next->slow_start_at - count < next->conf->service_count;
	     next->slow_start_at++) {
		if (objects-- == 0)
			return true;
		service = &next->conf->services[next->slow_start_at - count];
		if (service->slow_start != 0)
			mark_added(next, service);
	}
	return false;
}

/* A server that is in and has no ramp needs no copy: LAST_SEEN_NEVER behaves
 * as LAST_SEEN_IN. */
void
slow_start_move(struct running *next, const struct running *old)
{
	const struct ramp *ramp = old->ramp;
	const uint32_t *map;
	uint32_t count;

	next->input.now = old->input.now;
	map = carry_servers(next->carry, &count);
	if (ramp == NULL || next->ramp == NULL)
		return;
	for (uint32_t i = 0; i < count; i++, ramp++)
		if (map[i] != CARRY_NONE &&
		    (ramp->last_seen == LAST_SEEN_OUT || ramp->since != 0))
			next->ramp[map[i]] = *ramp;
}

static void
list_service(struct slow_start *slow, uint32_t index)
{
	const struct running *running = slow->ipvsd->running;
	struct slow_server one = {.service = index};
	struct ramp *ramp;

	for (; one.server < running->conf->services[index].server_count;
	     one.server++) {
		ramp = ramp_of(running, &one);
		ramp->in_list = ramp->since != 0;
		if (ramp->in_list)
			list_add(slow, &one);
	}
}

void
slow_start_relist(struct ipvsd *ipvsd)
{
	struct slow_start *slow = ipvsd->slow_start;
	const struct conf *conf = ipvsd->running->conf;
	uint64_t now = clock_monotonic();

	if (slow->count == 0)
		return; /* no server has a ramp */
	slow->count = 0;
	for (uint32_t i = 0; i < conf->service_count; i++)
		if (conf->services[i].slow_start != 0)
			list_service(slow, i);
	if (slow->count > 0)
		wait_until(slow, now, now);
}

struct slow_start *
slow_start_new(struct ipvsd *ipvsd)
{
	struct slow_start *slow = calloc(1, sizeof(*slow));

	if (slow == NULL)
		fatal("slow start");
	slow->ipvsd = ipvsd;
	timer_init(&slow->tick, ipvsd->base, tick, slow);
	return slow;
}

void
slow_start_free(struct slow_start *slow)
{
	if (slow == NULL)
		return;
	timer_stop(&slow->tick);
	free(slow->list);
	free(slow);
}
