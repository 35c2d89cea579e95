/* SPDX-License-Identifier: ISC */
/*
 * show links: each daemon's own view of its siblings, so that a link is
 * listed twice, once from either end. A daemon that does not answer has a
 * line that says so.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "filter.h"
#include "row.h"
#include "table.h"
#include "vipctl.h"

#define NUMBERS 9 /* of a link's row: its level, then counters */

#define DAEMONS 3

static const enum role daemons[DAEMONS] = {ROLE_IPVSD, ROLE_VRRPD, ROLE_CHECKD};

static void
add_link(const json_t *row, struct table *table)
{
	static const char *const keys[NUMBERS] = {NUMBER_KEY(link, level),
	    NUMBER_KEY(link, rx), NUMBER_KEY(link, tx),
	    NUMBER_KEY(link, queued), NUMBER_KEY(link, dropped_generation),
	    NUMBER_KEY(link, dropped_unknown), NUMBER_KEY(link, dropped_newer),
	    NUMBER_KEY(link, dropped_full), NUMBER_KEY(link, lies)};
	char since[DURATION_SIZE], last[DURATION_SIZE], numbers[NUMBERS][24];

	for (size_t i = 0; i < NUMBERS; i++)
		snprintf(numbers[i], sizeof(numbers[i]), "%" PRIu64,
		    row_number_named(row, keys[i]));
	if (row_number(row, link, level) == 0)
		strcpy(numbers[0], "-"); /* not known, or an older daemon */
	table_add(table,
	    (const char *const[]){row_text(row, link, daemon),
		row_text(row, link, peer), row_text(row, link, state),
		row_duration(row, link, since_ms, since),
		row_number(row, link, rx) == 0 ?
		    "never" :
		    row_duration(row, link, last_rx_ms, last),
		numbers[0], numbers[1], numbers[2], numbers[3], numbers[4],
		numbers[5], numbers[6], numbers[7], numbers[8], NULL});
}

/* A link, or a daemon that does not answer. */
static void
add_row(json_t *row, void *arg)
{
	struct table *table = arg;

	if (row_is_a(row, link))
		add_link(row, table);
	else if (row_is_a(row, daemon))
		table_add(table,
		    (const char *const[]){row_text(row, daemon, daemon), "-",
			row_text_named(row, "state"), "-", "-", "-", "-", "-",
			"-", "-", "-", "-", "-", "-", NULL});
}

static bool
is_meant(struct filter *filter, json_t *row)
{
	if (row_is_a(row, daemon))
		return filter_names(
		    filter, WORDS(row_text(row, daemon, daemon)));
	return row_is_a(row, link) &&
	    filter_names(filter,
		WORDS(
		    row_text(row, link, daemon), row_text(row, link, peer))) &&
	    (!filter->down || !row_is(row, link, state, "up"));
}

static void
add_silent(struct filter *filter, enum role role, int code, const char *why)
{
	json_t *row = json_pack("{s:s, s:s, s:s, s:s}", "kind", "daemon",
	    "daemon", role_name(role), "state",
	    code == EXIT_DOWN ? "not running" : "not answering", "reason", why);

	if (row == NULL)
		errx(EXIT_REFUSED, "out of memory");
	filter_row(row, filter);
	json_decref(row);
}

int
show_links(const struct vipctl *ctx, int argc, char *argv[])
{
	struct table *table = table_new((const char *const[]){"DAEMON", "PEER",
	    "STATE", "SINCE", "HEARD", "LEVEL", "RX", "TX", "QUEUED", "OLD-GEN",
	    "UNKNOWN", "NEWER", "FULL", "LIES", NULL});
	struct query_list list = {false};
	struct filter filter = filter_new(
	    ctx, argc, argv, is_meant, add_row, table, &list);
	struct vipctl begun = query_begin(ctx), share;
	char why[WHY_SIZE];
	int code, result = EXIT_SILENT;
	bool down = true;

	for (unsigned i = 0; i < DAEMONS; i++) {
		share = query_share(&begun, DAEMONS - 1 - i);
		code = query_try(&share, daemons[i], WORDS("links"), filter_row,
		    &filter, why);
		if (code != EXIT_DONE)
			add_silent(&filter, daemons[i], code, why);
		if (code != EXIT_DONE && code != EXIT_DOWN)
			warnx("%s", why);
		down &= code == EXIT_DOWN;
		if (code < result)
			result = code;
	}
	table_end(table,
	    ctx->json || result != EXIT_DONE || !filter.down ?
		NULL :
		"all links are up");
	if (down)
		warnx("no daemon is running in %s", ctx->dir);
	return filter_end(&filter, ctx, result, &list);
}
