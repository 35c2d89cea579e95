/* SPDX-License-Identifier: ISC */
/* What is wrong, judged from the document of `status`; see wrong.h. */
#include <err.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "row.h"
#include "vipctl.h"
#include "wrong.h"

struct judge {
	json_t *document;
	json_t *level[WRONG_CRITICAL + 1]; /* arrays of objects; [0] is none */
};

const char *
wrong_level_name(enum wrong_level level)
{
	static const char *const names[] = {"ok", "warning", "critical"};

	return names[level];
}

static void __attribute__((format(printf, 3, 4)))
wrong(struct judge *judge, enum wrong_level level, const char *fmt, ...)
{
	char text[WHY_SIZE];
	va_list args;
	json_t *one;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	/* A name may have been cut within a character. */
	text_clean(text, KEEP_PRINTABLE);
	one = json_pack("{s:s, s:s}", WRONG_LEVEL_KEY, wrong_level_name(level),
	    WRONG_TEXT_KEY, text);
	if (one == NULL ||
	    json_array_append_new(judge->level[level], one) == -1)
		errx(EXIT_REFUSED, "out of memory");
}

static bool
runs(const struct judge *judge, const char *daemon)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(judge->document, "daemons"), i, row)
	{
		if (row_is(row, daemon, daemon, daemon))
			return row_is_named(row, "state", "running");
	}
	return false;
}

bool
wrong_generations_differ(const json_t *document)
{
	const char *first = NULL;
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(document, "daemons"), i, row)
	{
		const char *generation = row_text(row, daemon, generation);

		if (generation[0] == '\0')
			continue;
		if (first != NULL && strcmp(first, generation) != 0)
			return true;
		first = generation;
	}
	return false;
}

static void
judge_daemons(struct judge *judge)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(judge->document, "daemons"), i, row)
	{
		const char *name = row_text(row, daemon, daemon);

		if (!row_is_named(row, "state", "running"))
			wrong(judge, WRONG_CRITICAL, "%s is %s", name,
			    row_text_named(row, "state"));
		else if (!row_true(row, daemon, ready))
			wrong(judge, WRONG_WARNING, "%s is not ready", name);
	}
	if (wrong_generations_differ(judge->document))
		wrong(judge, WRONG_WARNING,
		    "the daemons do not have the same configuration");
}

static void
judge_kernel(struct judge *judge)
{
	const json_t *kernel = json_object_get(judge->document, "kernel");

	if (kernel == NULL)
		return;
	if (row_is(kernel, kernel, ip_vs, "no"))
		wrong(judge, WRONG_CRITICAL,
		    "the kernel has no ip_vs (modprobe ip_vs)");
	if (row_kernel_refused(kernel))
		wrong(judge, WRONG_WARNING, "refused by the kernel: %.400s",
		    row_text(kernel, kernel, last_error));
}

/* Another master beside us: worse than all that is wrong on this host. */
static void
judge_rivals(struct judge *judge)
{
	json_t *row;
	size_t i;

	json_array_foreach(
	    json_object_get(judge->document, "instances"), i, row)
	{
		if (row_text(row, instance, rival)[0] != '\0')
			wrong(judge, WRONG_CRITICAL, "vrrp %.100s: %.300s",
			    row_text(row, instance, instance),
			    row_text(row, instance, rival));
	}
}

/* Whether somebody else has left it here, which is told. */
static bool
judge_leftover(struct judge *judge, const json_t *address)
{
	const char *leftover = row_text(address, address, leftover);

	if (leftover[0] == '\0')
		return false;
	wrong(judge, WRONG_WARNING, "vrrp %.100s: not master, and %.250s",
	    row_text(address, address, instance), leftover);
	return true;
}

static void
judge_addresses(struct judge *judge, const json_t *instance)
{
	bool master = row_is(instance, instance, state, "master");
	bool settled = master || row_is(instance, instance, state, "backup") ||
	    row_is(instance, instance, state, "initialize");
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(instance, "addresses"), i, row)
	{
		if (judge_leftover(judge, row) || !settled ||
		    row_true(row, address, present) == master)
			continue;
		wrong(judge, WRONG_CRITICAL,
		    master ? "vrrp %.100s: master, and %.100s is not here" :
			     "vrrp %.100s: not master, and %.100s is here",
		    row_text(instance, instance, instance),
		    row_text(row, address, address));
	}
}

static void
judge_instances(struct judge *judge)
{
	char why[WHY_SIZE];
	json_t *row;
	size_t i;

	json_array_foreach(
	    json_object_get(judge->document, "instances"), i, row)
	{
		const char *name = row_text(row, instance, instance);

		if (row_is(row, instance, state, "initialize"))
			wrong(judge, WRONG_CRITICAL,
			    "vrrp %.100s: down: %.300s", name,
			    row_why(row, why));
		else if (row_is(row, instance, state, "backup") &&
		    row_master(row, "")[0] == '\0')
			wrong(judge, WRONG_WARNING,
			    "vrrp %.100s: no master is heard", name);
		/* What a rival sends is odd, and told already. */
		if (row_is_odd(row) &&
		    row_text(row, instance, rival)[0] == '\0')
			wrong(judge, WRONG_WARNING, "vrrp %.100s: %.300s", name,
			    row_text(row, instance, odd));
		judge_addresses(judge, row);
	}
	json_array_foreach(
	    json_object_get(judge->document, "leftovers"), i, row)
	{
		judge_leftover(judge, row);
	}
}

static void
judge_service(struct judge *judge, const json_t *row)
{
	char endpoint[ADDR_PORT_STRLEN], name[200];
	uint64_t servers = row_number_named(row, "servers");
	uint64_t out = row_number_named(row, "servers_out");
	uint64_t down = row_number_named(row, "servers_down");
	uint64_t missing = row_number_named(row, "servers_missing");
	bool master = row_is(row, service, role, "master");

	snprintf(name, sizeof(name), "service %.100s (%s)",
	    row_text(row, service, service), row_endpoint(row, endpoint));
	if (master && !row_true(row, service, in_kernel))
		wrong(judge, WRONG_CRITICAL, "%s is not in the kernel's table",
		    name);
	else if (master && servers != 0 && out == servers)
		wrong(judge, WRONG_CRITICAL,
		    "%s: no server gets connections (%" PRIu64 " down)", name,
		    down);
	else if (row_service_is_full(row))
		wrong(judge, WRONG_CRITICAL,
		    "%s: every server is full, new clients are refused", name);
	else if (down != 0)
		wrong(judge, WRONG_WARNING,
		    "%s: %" PRIu64 " of %" PRIu64 " servers down", name, down,
		    servers);
	if (missing != 0)
		wrong(judge, WRONG_WARNING,
		    "%s: %" PRIu64 " servers missing from the kernel's "
		    "table",
		    name, missing);
}

static void
judge_services(struct judge *judge)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(judge->document, "services"), i, row)
	    judge_service(judge, row);
}

/* A link to a daemon that does not run is no news. */
static void
judge_links(struct judge *judge)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(judge->document, "links"), i, row)
	{
		const char *peer = row_text(row, link, peer);

		if (row_is(row, link, state, "up"))
			continue;
		if (strcmp(peer, "parser") == 0)
			wrong(judge, WRONG_WARNING,
			    "the parser is gone, no reload is possible before "
			    "ipvsd is restarted");
		else if (runs(judge, peer))
			wrong(judge, WRONG_WARNING, "link %s to %s is %s",
			    row_text(row, link, daemon), peer,
			    row_text(row, link, state));
	}
}

enum wrong_level
wrong_judge(json_t *document)
{
	struct judge judge = {.document = document};
	enum wrong_level worst = WRONG_NOT;

	for (int i = WRONG_WARNING; i <= WRONG_CRITICAL; i++) {
		judge.level[i] = json_array();
		if (judge.level[i] == NULL)
			errx(EXIT_REFUSED, "out of memory");
	}
	judge_rivals(&judge);
	judge_daemons(&judge);
	judge_kernel(&judge);
	judge_instances(&judge);
	judge_services(&judge);
	judge_links(&judge);
	for (int i = WRONG_WARNING; i <= WRONG_CRITICAL; i++) {
		if (json_array_size(judge.level[i]) != 0)
			worst = (enum wrong_level)i;
	}
	if (json_array_extend(judge.level[WRONG_CRITICAL],
		judge.level[WRONG_WARNING]) == -1 ||
	    json_object_set_new(
		document, "wrong", judge.level[WRONG_CRITICAL]) == -1)
		errx(EXIT_REFUSED, "out of memory");
	json_decref(judge.level[WRONG_WARNING]);
	return worst;
}

const char *
wrong_line(const json_t *document, char *buf, size_t size)
{
	const json_t *list = json_object_get(document, "wrong");
	const json_t *first = json_array_get(list, 0);
	size_t count = json_array_size(list);

	snprintf(buf, size, "%s", row_text_named(first, WRONG_TEXT_KEY));
	if (count > 1) {
		size_t len = strlen(buf);

		snprintf(buf + len, size - len, " (and %zu more)", count - 1);
	}
	return buf;
}
