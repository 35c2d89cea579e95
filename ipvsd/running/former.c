/* SPDX-License-Identifier: ISC */
/*
 * Health is by probe, and a probe that is new has none. But two servers that
 * share a new probe may have been of different health, so this is by server.
 */
#include "running/former.h"

#include <stdlib.h>

#include "grow.h"
#include "link/link.h"
#include "running/running.h"

#define TELL_MAX 8000 /* probes in a packet */

/* A server that goes on, in both configurations. */
struct pair {
	const struct conf_server *from; /* NULL: there was none */
	const struct conf_server *to;
};

struct former {
	bool *known;	/* by probe id: the one before had it */
	uint32_t *pair; /* by server id: in pairs, plus 1; 0: none */
	struct pair *pairs;
	uint32_t count;
	uint32_t size;
	uint32_t at; /* old probes, new services, old services looked at */
};

struct former *
former_new(const struct running *running)
{
	struct former *former = calloc(1, sizeof(*former));

	if (former == NULL)
		return NULL;
	former->known = calloc(
	    running->probe_count + 1, sizeof(*former->known));
	former->pair = calloc(running->server_count + 1, sizeof(*former->pair));
	if (former->known != NULL && former->pair != NULL)
		return former;
	former_free(former);
	return NULL;
}

void
former_free(struct former *former)
{
	if (former == NULL)
		return;
	free(former->known);
	free(former->pair);
	free(former->pairs);
	free(former);
}

static bool
has_new_probe(const struct former *former, const struct conf_server *server)
{
	for (uint32_t i = 0; i < server->probe_count; i++)
		if (!former->known[server->probes[i]])
			return true;
	return false;
}

static void
note_new(struct former *former, const struct conf_service *service)
{
	const struct conf_server *server = service->servers;

	for (uint32_t i = 0; i < service->server_count; i++, server++) {
		if (!has_new_probe(former, server))
			continue;
		former->pairs = grow(former->pairs, former->count,
		    &former->size, sizeof(*former->pairs));
		former->pairs[former->count++] = (struct pair){.to = server};
		former->pair[server->id] = former->count;
	}
}

static void
note_old(struct former *former, const struct conf_service *service,
    const uint32_t *map)
{
	const struct conf_server *server = service->servers;

	for (uint32_t i = 0; i < service->server_count; i++, server++) {
		uint32_t to = map[server->id];

		if (to != CARRY_NONE && former->pair[to] != 0)
			former->pairs[former->pair[to] - 1].from = server;
	}
}

/* Looks at the next object of one of the three kinds. False: that was all. */
static bool
look(struct running *next, const struct conf *old)
{
	struct former *former = next->former;
	const uint32_t *probes, *servers;
	uint32_t at = former->at++, count;

	probes = carry_probes(next->carry, &count);
	if (at < count) {
		if (probes[at] != CARRY_NONE)
			former->known[probes[at]] = true;
		return true;
	}
	at -= count;
	if (at < next->conf->service_count) {
		note_new(former, &next->conf->services[at]);
		return true;
	}
	at -= next->conf->service_count;
	if (at >= old->service_count || former->count == 0)
		return false;
	servers = carry_servers(next->carry, &count);
	note_old(former, &old->services[at], servers);
	return true;
}

bool
former_step(struct running *next, uint32_t objects)
{
	const struct conf *old = carry_old(next->carry);

	while (old != NULL && look(next, old))
		if (objects-- == 0)
			return true;
	return false;
}

/* A probe that one of its servers was up by needs `fall` failures to be down.
 */
static void
begin_as(struct running *running, const struct conf_server *server,
    enum health health)
{
	for (uint32_t i = 0; i < server->probe_count; i++)
		if (running->begins[server->probes[i]] != HEALTH_UP &&
		    health != HEALTH_UNKNOWN)
			running->begins[server->probes[i]] = (uint8_t)health;
}

void
former_take(struct running *next, const struct running *old)
{
	const struct pair *pair = next->former->pairs;
	enum health health;

	for (uint32_t i = 0; i < next->former->count; i++, pair++) {
		if (pair->from == NULL)
			continue;
		health = desired_health(&old->input, pair->from);
		next->was[pair->to->id] = (uint8_t)health;
		begin_as(next, pair->to, health);
	}
	former_free(next->former);
	next->former = NULL;
}

void
former_restored(struct running *running)
{
	const struct conf_service *service = running->conf->services;
	const struct conf_server *server;

	for (uint32_t i = 0; i < running->conf->service_count; i++, service++) {
		server = service->servers;
		for (uint32_t j = 0; j < service->server_count; j++, server++)
			begin_as(running, server,
			    (enum health)running->was[server->id]);
	}
}

/* What is in force of a probe, or was of its servers. */
static uint8_t
in_force(const struct running *running, uint32_t probe)
{
	return running->health[probe] != HEALTH_UNKNOWN ?
	    running->health[probe] :
	    running->begins[probe];
}

/* False: there is no room in the link, or checkd is too old to know it. */
static bool
tell(const struct running *running, struct link *link, uint32_t first,
    uint32_t count)
{
	struct writer *writer = link_compose_generation(
	    link, MSG_FORMER, running->generation->id);
	bool known = false;

	put_u32(writer, first);
	for (uint32_t i = first; i < first + count; i++) {
		known |= in_force(running, i) != HEALTH_UNKNOWN;
		put_u8(writer, in_force(running, i));
	}
	return !known || link_send(link, 0, -1);
}

void
former_tell_all(const struct running *running, struct link *link, uint32_t most,
    former_tell_fn fn)
{
	uint32_t left;

	for (uint32_t at = 0; at < running->probe_count; at += most) {
		left = running->probe_count - at;
		if (!fn(running, link, at, left < most ? left : most))
			return;
	}
}

void
former_tell(const struct running *running, struct link *link)
{
	former_tell_all(running, link, TELL_MAX, tell);
}
