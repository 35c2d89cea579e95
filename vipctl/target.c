/* SPDX-License-Identifier: ISC */
/* The TARGET of drain and enable that ipvsd gets; see target.h. */
#include <err.h>
#include <stdio.h>

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

int
target_order(const struct vipctl *ctx, const char *const words[])
{
	struct service service = {words[1], 0};
	char why[WHY_SIZE], ignored[WHY_SIZE];
	int code;

	code = query_try(ctx, ROLE_IPVSD, words, NULL, NULL, why);
	if (code == EXIT_DONE)
		return ctx->json ?
		    query_json(ctx, ROLE_IPVSD, WORDS("services", words[1])) :
		    code;
	if (code == EXIT_REFUSED)
		query_try(ctx, ROLE_IPVSD, WORDS("services"), list_server,
		    &service, ignored);
	if (service.servers > SHOWN)
		fprintf(stderr, "  and %u more: `vipctl show services %s`\n",
		    service.servers - SHOWN, service.name);
	if (service.servers == 0)
		warnx("%s", why);
	return code;
}
