/* SPDX-License-Identifier: ISC */
/*
 * status: who is master, since when and why; which servers are out and why;
 * which daemons and links are down or stale. One document is gathered from
 * all daemons that answer; -j prints it, status_text.c makes a screen of it.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "on_disk.h"
#include "query.h"
#include "row.h"
#include "status_text.h"
#include "vipctl.h"
#include "wrong.h"

#define DAEMONS 3

struct gather {
	json_t *document;
	enum role asked;      /* the daemon that answers now */
	json_t *service;      /* its servers come now; borrowed */
	const char *no_vrrpd; /* why vrrpd does not answer; NULL: it does */
};

static json_t *
section(const struct gather *gather, const char *name)
{
	return json_object_get(gather->document, name);
}

static void
must(int result)
{
	if (result == -1)
		errx(EXIT_REFUSED, "out of memory");
}

static void
add_to(json_t *object, const char *key, json_t *row)
{
	must(json_array_append(json_object_get(object, key), row));
}

static void
count(json_t *service, const char *key)
{
	must(json_object_set_new(service, key,
	    json_integer((json_int_t)row_number_named(service, key) + 1)));
}

static void
add_service(struct gather *gather, json_t *row)
{
	static const char *const counters[] = {"servers", "servers_up",
	    "servers_in", "servers_down", "servers_unknown", "servers_out",
	    "servers_drained", "servers_missing", "servers_full"};

	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		must(json_object_set_new(row, counters[i], json_integer(0)));
	must(json_object_set_new(row, "out", json_array()));
	add_to(gather->document, "services", row);
	gather->service = row;
}

/* Only servers with trouble are kept, the healthy ones are counted: that bounds
 * the document. */
static void
add_server(struct gather *gather, json_t *row)
{
	json_t *service = gather->service;
	bool master, out, up;

	if (service == NULL)
		return;
	master = row_is(service, service, role, "master");
	out = row_server_is_out(row, master);
	up = row_is(row, server, health, "up");
	count(service, "servers");
	count(service,
	    up					    ? "servers_up" :
		row_is(row, server, health, "down") ? "servers_down" :
						      "servers_unknown");
	if (up && !out)
		count(service, "servers_in");
	if (row_server_is_drained(row, master))
		count(service, "servers_drained");
	if (row_server_is_missing(row, master))
		count(service, "servers_missing");
	if (row_true(row, server, stale))
		must(json_object_set_new(service, "stale", json_true()));
	if (out) {
		count(service, "servers_out");
		add_to(service, "out", row);
	} else if (row_server_is_full(row, master)) {
		count(service, "servers_full");
		add_to(service, "out", row);
	}
}

static json_t *
find(json_t *rows, const char *key, const char *value, size_t *at)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (row_is_named(row, key, value)) {
			*at = i;
			return row;
		}
	}
	return NULL;
}

/* An instance's lease and addresses belong to it, though ipvsd tells them. */
static void
add_to_instance(struct gather *gather, json_t *row)
{
	json_t *instances = section(gather, "instances"), *instance;
	const char *name = row_text(row, lease, instance);
	size_t at;

	instance = find(instances, TEXT_KEY(instance, instance), name, &at);
	if (instance == NULL && row_is_a(row, address) &&
	    row_text(row, address, leftover)[0] != '\0') {
		/* This host may be no node of it. */
		add_to(gather->document, "leftovers", row);
		return;
	}
	if (instance == NULL && gather->no_vrrpd != NULL) {
		/* What the kernel holds is known even without vrrpd. */
		instance = json_pack("{s:s, s:s, s:s, s:s, s:[]}", "kind",
		    "instance", "instance", name, "state", "unknown", "reason",
		    gather->no_vrrpd, "addresses");
		if (instance == NULL)
			errx(EXIT_REFUSED, "out of memory");
		must(json_array_append_new(instances, instance));
	}
	if (instance == NULL)
		return;
	if (row_is_a(row, address))
		add_to(instance, "addresses", row);
	else
		must(json_object_set(instance, "lease", row));
}

/* Whether the row is of a kind that the asked daemon tells, and of itself. */
static bool
is_its_own(const struct gather *gather, const json_t *row)
{
	const struct ctl_kind *kind = ctl_kind_named(
	    row_text_named(row, "kind"));

	if (kind == NULL || (kind->daemons & 1u << gather->asked) == 0)
		return false;
	return kind->daemons != MD ||
	    row_is(row, daemon, daemon, role_name(gather->asked));
}

static void
add_row(json_t *row, void *arg)
{
	struct gather *gather = arg;

	if (!is_its_own(gather, row))
		return;
	if (row_is_a(row, daemon)) {
		must(json_object_set_new(row, "state", json_string("running")));
		add_to(gather->document, "daemons", row);
	} else if (row_is_a(row, instance)) {
		must(json_object_set_new(row, "addresses", json_array()));
		add_to(gather->document, "instances", row);
	} else if (row_is_a(row, lease) || row_is_a(row, address))
		add_to_instance(gather, row);
	else if (row_is_a(row, service))
		add_service(gather, row);
	else if (row_is_a(row, server))
		add_server(gather, row);
	else if (row_is_a(row, override))
		add_to(gather->document, "overrides", row);
	else if (row_is_a(row, link))
		add_to(gather->document, "links", row);
	else if (row_is_a(row, kernel))
		must(json_object_set(gather->document, "kernel", row));
	else if (row_is_a(row, configuration))
		must(json_object_set(gather->document, "configuration", row));
}

/* Removes the rows that the daemon has sent about itself. A faulty daemon may
 * send several. */
static void
forget_daemon(struct gather *gather, enum role role)
{
	json_t *daemons = section(gather, "daemons");
	size_t at;

	while (find(daemons, TEXT_KEY(daemon, daemon), role_name(role), &at) !=
	    NULL)
		must(json_array_remove(daemons, at));
}

/* Asks one daemon for all it knows. The first failure is its state. */
static int
gather_from(const struct vipctl *ctx, enum role role,
    const char *const commands[], struct gather *gather)
{
	char why[WHY_SIZE];
	json_t *row;
	int code = EXIT_DONE;

	gather->asked = role;
	for (size_t i = 0; commands[i] != NULL && code == EXIT_DONE; i++)
		code = query_try(
		    ctx, role, WORDS(commands[i]), add_row, gather, why);
	if (code == EXIT_DONE)
		return code;
	/* The daemon may have ended after its first rows. */
	forget_daemon(gather, role);
	row = json_pack("{s:s, s:s, s:s, s:s}", "kind", "daemon", "daemon",
	    role_name(role), "state",
	    code == EXIT_DOWN ? "not running" : "not answering", "reason", why);
	if (row == NULL)
		errx(EXIT_REFUSED, "out of memory");
	add_to(gather->document, "daemons", row);
	json_decref(row);
	return code;
}

/* ---- how often in a row a check has failed, or passed: checkd knows ---- */

#define ASKED_MAX 20 /* so many servers that are out are shown */
#define LIST_SIZE (ASKED_MAX * sizeof("4294967295,"))

/* The servers that are out, up to so many: calls fn for each. */
static void
each_out(const struct gather *gather, void (*fn)(json_t *server, void *arg),
    void *arg)
{
	json_t *service, *server;
	size_t i, j, count = 0;

	json_array_foreach(section(gather, "services"), i, service)
	{
		json_array_foreach(json_object_get(service, "out"), j, server)
		{
			if (json_object_get(
				server, NUMBER_KEY(server, probe)) == NULL)
				continue;
			if (count++ == ASKED_MAX)
				return;
			fn(server, arg);
		}
	}
}

static void
list_probe(json_t *server, void *arg)
{
	char *list = arg;
	size_t len = strlen(list);

	snprintf(list + len, LIST_SIZE - len, "%s%" PRIu64, len == 0 ? "" : ",",
	    row_number(server, server, probe));
}

static void
put_streak(json_t *server, void *arg)
{
	json_t *probe = arg;

	if (row_number(server, server, probe) == row_number(probe, probe, id))
		must(json_object_set(server, NUMBER_KEY(probe, streak),
		    json_object_get(probe, NUMBER_KEY(probe, streak))));
}

static void
take_streak(json_t *row, void *arg)
{
	if (row_is_a(row, probe) &&
	    json_object_get(row, NUMBER_KEY(probe, streak)) != NULL)
		each_out(arg, put_streak, row);
}

/* Not while the daemons have different configurations: ids would differ. */
static void
ask_streaks(const struct vipctl *ctx, struct gather *gather)
{
	char list[LIST_SIZE] = "", why[WHY_SIZE];

	if (wrong_generations_differ(gather->document))
		return;
	each_out(gather, list_probe, list);
	if (list[0] != '\0')
		(void)query_try(ctx, ROLE_CHECKD, WORDS("probes", list),
		    take_streak, gather, why);
}

/* Adds to the configuration's row whether its file is still the same. */
static void
look_on_disk(const struct gather *gather)
{
	json_t *row = section(gather, "configuration"), *daemon;
	enum on_disk found;
	size_t at;

	daemon = find(section(gather, "daemons"), TEXT_KEY(daemon, daemon),
	    role_name(ROLE_IPVSD), &at);
	if (row == NULL || daemon == NULL)
		return;
	found = on_disk_look(row_text(row, configuration, file),
	    row_text(daemon, daemon, node),
	    row_time(row, configuration, loaded_ms),
	    row_text(daemon, daemon, generation));
	must(json_object_set_new(
	    row, "on_disk", json_string(on_disk_name(found))));
}

/* Asks all daemons. Returns how many have answered; *down: none runs. */
static int
gather_all(const struct vipctl *ctx, struct gather *gather, bool *down)
{
	struct vipctl begun = query_begin(ctx), share;
	int ipvsd, vrrpd, checkd;

	/* vrrpd is asked first: ipvsd's leases and addresses are added to its
	 * instances. */
	share = query_share(&begun, 2);
	vrrpd = gather_from(
	    &share, ROLE_VRRPD, WORDS("summary", "instances", "links"), gather);
	if (vrrpd != EXIT_DONE)
		gather->no_vrrpd = vrrpd == EXIT_DOWN ? "vrrpd is not running" :
							"vrrpd does not answer";
	share = query_share(&begun, 1);
	ipvsd = gather_from(&share, ROLE_IPVSD,
	    WORDS("summary", "leases", "services", "kernel", "links"), gather);
	checkd = gather_from(
	    &begun, ROLE_CHECKD, WORDS("summary", "links"), gather);
	if (checkd == EXIT_DONE && ipvsd == EXIT_DONE)
		ask_streaks(&begun, gather);
	*down = ipvsd == EXIT_DOWN && vrrpd == EXIT_DOWN && checkd == EXIT_DOWN;
	return (ipvsd == EXIT_DONE) + (vrrpd == EXIT_DONE) +
	    (checkd == EXIT_DONE);
}

/* The line of a monitoring plugin. */
static int
check_line(const json_t *document, enum wrong_level level)
{
	static const char *const words[] = {"OK", "WARNING", "CRITICAL"};
	char line[WHY_SIZE + 32];

	wrong_line(document, line, sizeof(line));
	printf("TRIUMVIR %s: %s\n", words[level],
	    line[0] == '\0' ? "all is well" : line);
	return (int)level;
}

int
status(const struct vipctl *ctx, int argc, char *argv[])
{
	struct gather gather = {.document = NULL};
	enum wrong_level level;
	bool down;
	int answered, code;

	(void)argc;
	(void)argv;
	gather.document = json_pack("{s:[], s:[], s:[], s:[], s:[], s:[]}",
	    "daemons", "instances", "services", "overrides", "links",
	    "leftovers");
	if (gather.document == NULL)
		errx(EXIT_REFUSED, "out of memory");
	answered = gather_all(ctx, &gather, &down);
	level = wrong_judge(gather.document);
	if (given_has(ctx->given, CHECK)) {
		code = check_line(gather.document, level);
		json_decref(gather.document);
		return code;
	}
	look_on_disk(&gather);
	if (ctx->json) {
		json_dumpf(gather.document, stdout,
		    JSON_INDENT(1) | JSON_ENSURE_ASCII);
		putchar('\n');
	} else
		status_text(gather.document);
	json_decref(gather.document);
	fflush(stdout);
	if (down)
		warnx("no daemon is running in %s", ctx->dir);
	else if (answered == 0)
		warnx("no daemon answers");
	if (answered < DAEMONS)
		return EXIT_DOWN;
	return level == WRONG_NOT ? EXIT_DONE : EXIT_WRONG;
}
