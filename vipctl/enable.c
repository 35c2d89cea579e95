/* SPDX-License-Identifier: ISC */
/*
 * enable: ends a drain, which is ipvsd's, or a resignation, which is vrrpd's.
 * The target's name tells which. When it could be both, the operator must say.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "query.h"
#include "row.h"
#include "target.h"
#include "vipctl.h"

struct search {
	const char *target;
	bool found;
	bool changed; /* by an operator: resigned or drained */
};

static void
match_instance(json_t *row, void *arg)
{
	struct search *search = arg;

	if (row_is_a(row, instance) &&
	    row_is(row, instance, instance, search->target)) {
		search->found = true;
		search->changed |= row_true(row, instance, resigned);
	}
}

static void
match_server(json_t *row, void *arg)
{
	struct search *search = arg;

	search->found |= row_is_a(row, server) || row_is_a(row, override);
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
	struct search instance = {.target = target}, server = instance;
	char why[WHY_SIZE];

	query_try(&vrrpd, ROLE_VRRPD, WORDS("instances"), match_instance,
	    &instance, why);
	if (!instance.found)
		return ROLE_IPVSD;
	ipvsd = query_share(begun, 1);
	query_try(&ipvsd, ROLE_IPVSD, WORDS("services", target), match_server,
	    &server, why);
	return server.found ? ROLE_MAX : ROLE_VRRPD;
}

static void
note_override(json_t *row, void *arg)
{
	struct search *search = arg;

	if (row_is_a(row, server))
		search->changed |= !row_is(row, server, override, "none");
}

/* Whether the target is otherwise than the configuration has it, by an
 * operator. */
static bool
is_changed(const struct vipctl *ctx, enum role role, const char *target)
{
	struct search search = {.target = target};
	char why[WHY_SIZE];

	if (role == ROLE_VRRPD)
		query_try(ctx, role, WORDS("instances"), match_instance,
		    &search, why);
	else
		query_try(ctx, role, WORDS("services", target), note_override,
		    &search, why);
	return search.changed;
}

/* A line for people. A server that the configuration drains is changed by
 * enable, too. */
static void
conclude(enum role role, const char *target, bool changed)
{
	if (!changed)
		printf("%s: was not %s; nothing is changed\n", target,
		    role == ROLE_VRRPD ? "resigned" : "drained");
	else
		printf("%s: %s\n", target,
		    role == ROLE_VRRPD ? "no longer resigned" :
					 "enabled on this director");
}

int
enable(const struct vipctl *ctx, int argc, char *argv[])
{
	struct vipctl begun = query_begin(ctx);
	enum role role;
	bool changed;
	int code;

	(void)argc;
	argv++;
	if (given_has(ctx->given, INSTANCE))
		role = ROLE_VRRPD;
	else if (given_has(ctx->given, SERVER))
		role = ROLE_IPVSD;
	else
		role = find_owner(&begun, argv[0]);
	if (role == ROLE_MAX) {
		warnx("enable: \"%s\" is an instance and a server: say "
		      "`enable -i %s` for the instance, `enable -s %s` for the "
		      "server",
		    argv[0], argv[0], argv[0]);
		return EXIT_REFUSED;
	}
	changed = ctx->json || is_changed(&begun, role, argv[0]);
	if (role == ROLE_IPVSD)
		code = target_order(&begun, WORDS("enable", argv[0]));
	else if (ctx->json)
		code = query_json(&begun, role, WORDS("enable", argv[0]));
	else
		code = query(
		    &begun, role, WORDS("enable", argv[0]), NULL, NULL);
	if (code == EXIT_DONE && !ctx->json) {
		if (!changed && role == ROLE_IPVSD)
			changed = is_changed(&begun, role, argv[0]);
		conclude(role, argv[0], changed);
	}
	return code;
}
