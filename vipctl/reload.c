/* SPDX-License-Identifier: ISC */
/*
 * reload: ipvsd reads its files again. What it finds is shown, and then what
 * has changed: the canonical forms before and after are compared here.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "check_findings.h"
#include "clock.h"
#include "config_text.h"
#include "query.h"
#include "row.h"
#include "vipctl.h"

#define SHOWN  40 /* changes, as text */
#define MOMENT (500 * NS_PER_MS)

struct outcome {
	bool json;
	struct query_list list;
	json_t *masters; /* of this host before: names of instances */
	json_t *here;	 /* this host's instances now: names */
	bool here_known; /* vrrpd has said them */
	unsigned changes;
	bool no_node; /* this host is no node of the new file */
};

static void
take_report(json_t *row, void *arg)
{
	struct outcome *outcome = arg;

	if (outcome->json) {
		query_list_add(row, &outcome->list);
		return;
	}
	if (!row_is_a(row, report))
		return;
	outcome->no_node |= strstr(row_text(row, report, text),
				" is none of the nodes") != NULL;
	check_findings_print(stdout, row_text(row, report, severity),
	    row_text(row, report, lint), row_text(row, report, text));
}

static void
take_master(json_t *row, void *names)
{
	if (row_is_a(row, instance) && row_is(row, instance, state, "master") &&
	    json_object_set_new(
		names, row_text(row, instance, instance), json_true()) == -1)
		errx(EXIT_REFUSED, "out of memory");
}

static void
take_name(json_t *row, void *names)
{
	if (row_is_a(row, instance) &&
	    json_object_set_new(
		names, row_text(row, instance, instance), json_true()) == -1)
		errx(EXIT_REFUSED, "out of memory");
}

static void
tell(struct outcome *outcome, const char *op, const char *object,
    const char *name, const char *text)
{
	json_t *row;

	if (outcome->json) {
		row = json_pack("{s:s, s:s, s:s, s:s, s:s}", "kind", "change",
		    "op", op, "object", object, "name", name, "text", text);
		if (row == NULL)
			errx(EXIT_REFUSED, "out of memory");
		query_list_add(row, &outcome->list);
		json_decref(row);
	} else if (outcome->changes < SHOWN)
		printf("  %s %s%s%s%s%s\n", op, object,
		    name[0] == '\0' ? "" : " ", name,
		    text[0] == '\0' ? "" : ": ", text);
	outcome->changes++;
}

static void
take_change(const char *op, const char *object, const char *name,
    const char *text, void *arg)
{
	struct outcome *outcome = arg;
	bool left = outcome->here_known && strcmp(object, "vrrp") == 0 &&
	    json_object_get(outcome->masters, name) != NULL &&
	    json_object_get(outcome->here, name) == NULL;

	if (outcome->changes == 0 && !outcome->json)
		puts("reloaded");
	tell(outcome, op, object, name, text);
	if (left)
		tell(outcome, "handed over", object, name,
		    "this host was master");
}

/* What has changed, when both texts are known. */
static void
tell_changes(struct outcome *outcome, char *before, char *after)
{
	if (before != NULL && after != NULL) {
		text_clean(before, KEEP_LINES);
		text_clean(after, KEEP_LINES);
		changes_tell(before, after, take_change, outcome);
	}
	if (outcome->json)
		return;
	if (outcome->changes > SHOWN)
		printf("  and %u more\n", outcome->changes - SHOWN);
	else if (outcome->changes == 0)
		puts(before != NULL && after != NULL ?
			"unchanged: this is in force already" :
			"reloaded");
}

/* Who was master is good to know, and nothing to wait for. */
static bool
ask_vrrpd(const struct vipctl *ctx, query_row_fn fn, json_t *names)
{
	struct vipctl soon = *ctx;
	char ignored[WHY_SIZE];

	soon.end = clock_monotonic() + MOMENT;
	return query_try(&soon, ROLE_VRRPD, WORDS("instances"), fn, names,
		   ignored) == EXIT_DONE;
}

int
reload(const struct vipctl *ctx, int argc, char *argv[])
{
	struct outcome outcome = {
	    .json = ctx->json, .masters = json_object(), .here = json_object()};
	struct vipctl patient = *ctx;
	char why[WHY_SIZE], ignored[WHY_SIZE], *before, *after = NULL;
	int code;

	(void)argc;
	(void)argv;
	config_text(ctx, &before, ignored);
	ask_vrrpd(ctx, take_master, outcome.masters);
	patient.timeout = patient.total = TIMEOUT_RELOAD;
	code = query_try(
	    &patient, ROLE_IPVSD, WORDS("reload"), take_report, &outcome, why);
	if (code == EXIT_DONE) {
		config_text(ctx, &after, ignored);
		outcome.here_known = ask_vrrpd(ctx, take_name, outcome.here);
		tell_changes(&outcome, before, after);
	}
	if (ctx->json)
		query_list_end(&outcome.list, code);
	if (code != EXIT_DONE) {
		fflush(stdout);
		warnx("%s", why);
	}
	if (outcome.no_node)
		warnx("this host goes on as it was; `systemctl stop "
		      "triumvir.target` hands over and takes it out");
	free(before);
	free(after);
	json_decref(outcome.masters);
	json_decref(outcome.here);
	return code;
}
