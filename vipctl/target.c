/* SPDX-License-Identifier: ISC */
/* The TARGET of drain and enable that ipvsd gets; see target.h. */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "row.h"
#include "target.h"

#define SHOWN 20 /* servers of a service */

struct service {
	const char *name;
	unsigned servers;
};

/* A line for each server: the way to name it. */
static void
list_server(json_t *row, void *arg)
{
	struct service *service = arg;
	char endpoint[ADDR_PORT_STRLEN];
	const char *node = row_text(row, server, node);

	if (!row_is_a(row, server) ||
	    !row_is(row, server, service, service->name))
		return;
	if (service->servers++ == 0)
		warnx("%s is a service; one of its servers is wanted:",
		    service->name);
	if (service->servers <= SHOWN)
		fprintf(stderr, "  %s/%s\n", service->name,
		    node[0] == '\0' ? row_endpoint(row, endpoint) : node);
}

/* ---- who is left ---- */

/* The services that the target has a server in, and how many of their servers
 * get connections. */
struct left {
	json_t *services; /* by id: the row, with "in" */
	json_t *service;  /* whose servers come now; NULL: not meant */
};

static const char *
id_of(const json_t *row, char buf[24])
{
	snprintf(buf, 24, "%" PRIu64, row_number(row, service, id));
	return buf;
}

static void
note_service(json_t *row, void *arg)
{
	struct left *left = arg;
	char id[24];

	if (row_is_a(row, service) &&
	    json_object_set(left->services, id_of(row, id), row) == -1)
		errx(EXIT_REFUSED, "out of memory");
}

static void
count_left(json_t *row, void *arg)
{
	struct left *left = arg;
	char id[24];

	if (row_is_a(row, service))
		left->service = json_object_get(left->services, id_of(row, id));
	else if (row_is_a(row, server) && left->service != NULL &&
	    !row_server_is_out(row, false) &&
	    json_object_set_new(left->service, "in", json_true()) == -1)
		errx(EXIT_REFUSED, "out of memory");
}

/* Says which services have no server any more that gets connections. */
static void
warn_of_none(const struct vipctl *ctx, const char *target)
{
	struct left left = {json_object(), NULL};
	char why[WHY_SIZE], endpoint[ADDR_PORT_STRLEN];
	const char *id;
	json_t *row;

	if (query_try(ctx, ROLE_IPVSD, WORDS("services", target), note_service,
		&left, why) == EXIT_DONE &&
	    query_try(ctx, ROLE_IPVSD, WORDS("services"), count_left, &left,
		why) == EXIT_DONE) {
		json_object_foreach(left.services, id, row)
		{
			if (!row_true_named(row, "in"))
				warnx("%s (%s) has no server left that gets "
				      "connections",
				    row_text(row, service, service),
				    row_endpoint(row, endpoint));
		}
	}
	json_decref(left.services);
}

int
target_order(const struct vipctl *ctx, const char *const words[])
{
	struct vipctl begun = ctx->end == 0 ? query_begin(ctx) : *ctx;
	struct service service = {words[1], 0};
	char why[WHY_SIZE], ignored[WHY_SIZE];
	int code;

	code = query_try(&begun, ROLE_IPVSD, words, NULL, NULL, why);
	if (code == EXIT_DONE && strcmp(words[0], "drain") == 0)
		warn_of_none(&begun, words[1]);
	if (code == EXIT_DONE)
		return ctx->json ? query_json(&begun, ROLE_IPVSD,
				       WORDS("services", words[1])) :
				   code;
	if (code == EXIT_REFUSED)
		query_try(&begun, ROLE_IPVSD, WORDS("services"), list_server,
		    &service, ignored);
	if (service.servers > SHOWN)
		fprintf(stderr, "  and %u more: `vipctl show services %s`\n",
		    service.servers - SHOWN, service.name);
	if (service.servers == 0)
		warnx("%s", why);
	return code;
}
