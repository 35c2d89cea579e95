/* SPDX-License-Identifier: ISC */
/*
 * enable: ends a drain, which is ipvsd's, or a resignation, which is vrrpd's.
 * The target's name tells which. When it could be both, the operator must say.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "query.h"
#include "row.h"
#include "vipctl.h"

struct search {
	const char *target;
	bool found;
};

static void
match_instance(json_t *row, void *arg)
{
	struct search *search = arg;

	if (row_is_a(row, instance) &&
	    row_is(row, instance, instance, search->target))
		search->found = true;
}

static void
match_server(json_t *row, void *arg)
{
	struct search *search = arg;
	char endpoint[ADDR_PORT_STRLEN];

	if (row_is_a(row, server) &&
	    (row_is(row, server, node, search->target) ||
		row_is(row, server, address, search->target) ||
		strcmp(row_endpoint(row, endpoint), search->target) == 0))
		search->found = true;
}

/*
 * The daemon to ask. ROLE_MAX: the target names an instance and a server. A
 * daemon that does not answer is passed over: without vrrpd no instance can be
 * meant.
 */
static enum role
find_owner(const struct vipctl *begun, const char *target)
{
	struct vipctl vrrpd = query_share(begun, 2), ipvsd;
	struct search instance = {target, false}, server = {target, false};
	char why[WHY_SIZE];

	query_try(&vrrpd, ROLE_VRRPD, WORDS("instances"), match_instance,
	    &instance, why);
	if (!instance.found)
		return ROLE_IPVSD;
	ipvsd = query_share(begun, 1);
	query_try(
	    &ipvsd, ROLE_IPVSD, WORDS("services"), match_server, &server, why);
	return server.found ? ROLE_MAX : ROLE_VRRPD;
}

int
enable(const struct vipctl *ctx, int argc, char *argv[])
{
	struct vipctl begun = query_begin(ctx);
	enum role role = ROLE_MAX;
	int option, code;

	optind = 0; /* getopt starts anew */
	while ((option = getopt(argc, argv, "+is")) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		role = option == 'i' ? ROLE_VRRPD : ROLE_IPVSD;
	}
	if (argc - optind != 1) {
		warnx("enable: wants one INSTANCE, SERVER or SERVICE/SERVER");
		return EXIT_USAGE;
	}
	argv += optind;
	if (role == ROLE_MAX)
		role = find_owner(&begun, argv[0]);
	if (role == ROLE_MAX) {
		warnx("enable: \"%s\" is an instance and a server: say "
		      "`enable -i %s` for the instance, `enable -s %s` for the "
		      "server",
		    argv[0], argv[0], argv[0]);
		return EXIT_REFUSED;
	}
	if (ctx->json)
		return query_json(&begun, role, WORDS("enable", argv[0]));
	code = query(&begun, role, WORDS("enable", argv[0]), NULL, NULL);
	if (code == EXIT_DONE)
		printf("%s: %s\n", argv[0],
		    role == ROLE_VRRPD ? "no longer resigned" :
					 "enabled on this director");
	return code;
}
