/* SPDX-License-Identifier: ISC */
/*
 * Probes: equal checks have one definition, and a definition at one address
 * and port is one probe, however many servers ask for it.
 */

#include <stdlib.h>
#include <string.h>

#include "load/bind.h"
#include "load/check_http.h"
#include "load/encode_rows.h"
#include "load/finding.h"
#include "load/identity.h"
#include "load/probes.h"
#include "load/ynode.h"
#include "log.h"

/* Fewer than FEW_PROBES start within FEW_SPREAD. */
#define FEW_PROBES    1000u
#define FEW_SPREAD    1000u /* ms */
/* From so many checks a second on tcp checks are reset. */
#define RESET_RATE    1000
/* Until all probes are known: the operator has not said how it closes. */
#define CLOSE_BY_RATE ((enum conf_close)(CLOSE_RESET + 1))

/* A key of another type of check is an error. */
static void
check_keys(struct conf_source *s, const struct src_check *check)
{
	const struct conf_schema *schema = &conf_schema_check;
	const struct conf_row *row;
	uint16_t i;

	for (i = 0; i < schema->row_count; i++) {
		row = &schema->rows[i];
		if (row->types != 0 && (row->types >> check->c.type & 1) == 0 &&
		    (check->head.given >> i & 1))
			conf_error(s, ynode_place(check->head.at, row->key),
			    "%s: not for a check of type %s", row->key,
			    conf_check_type_name(check->c.type));
	}
}

/* What each type of check adds to its rows; NULL: nothing. */
static void (*const lints[CONF_CHECK_TYPES])(
    struct conf_source *, const struct src_check *) = {
    [CHECK_HTTP] = check_http_lint,
};

void
conf_define_check(struct conf_source *s, struct src_check *check)
{
	static uint8_t buf[1 << 19];
	const struct conf_schema *schema = &conf_schema_check;
	const struct by_node_entry *source;
	struct conf_probe key;
	void *copy;
	size_t len;

	if (check->head.bad)
		return;
	check_keys(s, check);
	if (lints[check->c.type] != NULL)
		lints[check->c.type](s, check);
	if (!bind_given(&check->head, schema, "timeout") &&
	    check->c.timeout > check->c.interval)
		check->c.timeout = check->c.interval;
	if (!bind_given(&check->head, schema, "warm_up"))
		check->c.warm_up = UINT32_MAX;
	source = source_by_node(&check->source, s->root.c.self);
	if (source != NULL)
		check->c.source = source->addr;
	if (check->close != NULL && strcmp(check->close, "reset") == 0)
		check->c.close = CLOSE_RESET;
	check->target = identity_of_check(&check->c);
	key = check->c;
	key.check = NULL;
	len = encode_object(schema, &key, ROLE_CHECKD, buf, sizeof(buf) - 1);
	buf[len++] = check->close != NULL;
	check->definition = names_get(&s->definitions, buf, len);
	if (check->definition != NAMES_NONE)
		return;
	check->definition = s->definitions.count;
	copy = source_alloc(s, len);
	memcpy(copy, buf, len);
	names_put(&s->definitions, copy, len, check->definition);
}

const struct src_check *
conf_check_of(struct conf_source *s, const struct src_check *check)
{
	uint32_t index;

	if (check->ref == NULL)
		return check;
	index = names_get_text(&s->checks, check->ref);
	return VEC_AT(&s->root.checks, struct src_check, index);
}

/* Those of a server, else of its service. */
static const struct vec *
checks_of(const struct src_service *service, const struct src_server *server)
{
	static const char *const keys[] = {"check", "checks"};
	size_t i;

	for (i = 0; i < 2; i++) {
		if (bind_given(&server->head, &conf_schema_server, keys[i]))
			return &server->checks;
	}
	return &service->checks;
}

struct probe_key {
	uint32_t definition;
	uint16_t port;
	struct addr addr;
};

static uint32_t
probe_for(struct conf_source *s, const struct src_check *check,
    const struct conf_server *server)
{
	struct conf *conf = &s->root.c;
	struct conf_probe *probe;
	struct probe_key *key;
	uint32_t id;

	if (s->probe_key == NULL)
		s->probe_key = source_alloc(s, sizeof(*key));
	key = s->probe_key;
	key->definition = check->definition;
	key->port = check->c.port != 0 ? check->c.port : server->port;
	key->addr = server->addr;
	id = names_put(&s->probes, key, sizeof(*key), conf->probe_count);
	if (id < conf->probe_count)
		return id;
	s->probe_key = NULL; /* the table has it */
	if (conf->probe_count == s->probe_room) {
		s->probe_room = s->probe_room == 0 ? 64 : s->probe_room * 2;
		conf->probes = reallocarray(
		    conf->probes, s->probe_room, sizeof(*probe));
		s->probe_here = reallocarray(
		    s->probe_here, s->probe_room, sizeof(*s->probe_here));
		if (conf->probes == NULL || s->probe_here == NULL)
			fatalx("conf: out of memory");
	}
	probe = &conf->probes[conf->probe_count++];
	*probe = check->c;
	probe->id = id;
	probe->key = check->target;
	probe->addr = key->addr;
	probe->port = key->port;
	if (probe->source.family != probe->addr.family)
		probe->source = (struct addr){0};
	if (check->close == NULL)
		probe->close = CLOSE_BY_RATE;
	s->probe_here[id] = false;
	return id;
}

static void
probes_of_server(struct conf_source *s, const struct vec *checks, bool director,
    struct conf_server *server)
{
	const struct src_check *check;
	uint32_t i, j, id;

	if (checks->count > 0)
		server->probes = source_alloc(s, checks->count * sizeof(id));
	for (i = 0; i < checks->count; i++) {
		check = conf_check_of(s, VEC_AT(checks, struct src_check, i));
		id = probe_for(s, check, server);
		/* A probe goes by a check's name when it has one. */
		if (s->root.c.probes[id].check == NULL)
			s->root.c.probes[id].check = check->c.check;
		s->probe_here[id] |= director;
		for (j = 0; j < server->probe_count; j++) {
			if (server->probes[j] == id)
				break;
		}
		if (j == server->probe_count)
			server->probes[server->probe_count++] = id;
	}
}

/*
 * Who closes in order keeps the connection in TIME_WAIT for a minute. Many
 * checks would fill the host's table of these.
 */
static void
set_closes(struct conf *conf)
{
	double rate = 0; /* checks a second */
	uint32_t i;

	for (i = 0; i < conf->probe_count; i++)
		rate += 1000.0 / conf->probes[i].interval;
	for (i = 0; i < conf->probe_count; i++)
		if (conf->probes[i].close == CLOSE_BY_RATE)
			conf->probes[i].close = rate >= RESET_RATE &&
				conf->probes[i].type == CHECK_TCP ?
			    CLOSE_RESET :
			    CLOSE_ORDERLY;
}

static uint32_t
default_warm_up(uint32_t interval, bool few)
{
	return few && interval > FEW_SPREAD ? FEW_SPREAD : interval;
}

static void
set_warm_up(const struct vec *checks, bool few)
{
	struct src_check *check;
	uint32_t i;

	for (i = 0; i < checks->count; i++) {
		check = VEC_AT(checks, struct src_check, i);
		if (check->c.warm_up == UINT32_MAX)
			check->c.warm_up = default_warm_up(
			    check->c.interval, few);
	}
}

/* Sets each warm_up that was not given: it hangs on the number of probes. */
static void
set_warm_ups(struct conf_source *s)
{
	struct src_service *service;
	struct conf_probe *probe;
	bool few = s->root.c.probe_count < FEW_PROBES;
	uint32_t i, j;

	for (i = 0; i < s->root.c.probe_count; i++) {
		probe = &s->root.c.probes[i];
		if (probe->warm_up == UINT32_MAX)
			probe->warm_up = default_warm_up(probe->interval, few);
	}
	set_warm_up(&s->root.checks, few);
	for (i = 0; i < s->root.services.count; i++) {
		service = VEC_AT(&s->root.services, struct src_service, i);
		set_warm_up(&service->checks, few);
		for (j = 0; j < service->servers.count; j++)
			set_warm_up(
			    &VEC_AT(&service->servers, struct src_server, j)
				 ->checks,
			    few);
	}
}

void
conf_probes(struct conf_source *s)
{
	const struct src_service *from;
	struct conf_service *service;
	uint32_t i, j;

	for (i = 0; i < s->root.c.service_count; i++) {
		service = &s->root.c.services[i];
		from = VEC_AT(
		    &s->root.services, struct src_service, s->service_from[i]);
		for (j = 0; j < service->server_count; j++)
			probes_of_server(s,
			    checks_of(from,
				VEC_AT(&from->servers, struct src_server, j)),
			    service->director, &service->servers[j]);
	}
	set_warm_ups(s);
	set_closes(&s->root.c);
}
