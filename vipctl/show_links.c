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

#include "option.h"
#include "query.h"
#include "row.h"
#include "table.h"
#include "vipctl.h"

#define NUMBERS 9 /* of a link's row: its level, then counters */

#define DAEMONS 3

static const enum role daemons[DAEMONS] = {ROLE_IPVSD, ROLE_VRRPD, ROLE_CHECKD};

static void
add_link(json_t *row, void *arg)
{
	static const char *const keys[NUMBERS] = {NUMBER_KEY(link, level),
	    NUMBER_KEY(link, rx), NUMBER_KEY(link, tx),
	    NUMBER_KEY(link, queued), NUMBER_KEY(link, dropped_generation),
	    NUMBER_KEY(link, dropped_unknown), NUMBER_KEY(link, dropped_newer),
	    NUMBER_KEY(link, dropped_full), NUMBER_KEY(link, lies)};
	char since[DURATION_SIZE], last[DURATION_SIZE], numbers[NUMBERS][24];

	if (!row_is_a(row, link))
		return;
	for (size_t i = 0; i < NUMBERS; i++)
		snprintf(numbers[i], sizeof(numbers[i]), "%" PRIu64,
		    row_number_named(row, keys[i]));
	if (row_number(row, link, level) == 0)
		strcpy(numbers[0], "-"); /* not known, or an older daemon */
	table_add(arg,
	    (const char *const[]){row_text(row, link, daemon),
		row_text(row, link, peer), row_text(row, link, state),
		row_duration(row, link, since_ms, since),
		row_number(row, link, rx) == 0 ?
		    "never" :
		    row_duration(row, link, last_rx_ms, last),
		numbers[0], numbers[1], numbers[2], numbers[3], numbers[4],
		numbers[5], numbers[6], numbers[7], numbers[8], NULL});
}

static void
add_silent(struct table *table, struct query_list *list, enum role role,
    int code, const char *why)
{
	const char *state = code == EXIT_DOWN ? "not running" : "not answering";
	json_t *row;

	if (table != NULL) {
		table_add(table,
		    (const char *const[]){role_name(role), "-", state, "-", "-",
			"-", "-", "-", "-", "-", "-", "-", "-", "-", NULL});
		return;
	}
	row = json_pack("{s:s, s:s, s:s, s:s}", "kind", "daemon", "daemon",
	    role_name(role), "state", state, "reason", why);
	if (row == NULL)
		errx(EXIT_REFUSED, "out of memory");
	query_list_add(row, list);
	json_decref(row);
}

int
show_links(const struct vipctl *ctx, int argc, char *argv[])
{
	struct table *table = NULL;
	struct query_list list = {false};
	struct vipctl begun = query_begin(ctx), share;
	char why[WHY_SIZE];
	bool none;
	int code, result = EXIT_DOWN;

	if (!option_only(argc, argv, NULL, &none))
		return EXIT_USAGE;
	if (!ctx->json)
		table = table_new((const char *const[]){"DAEMON", "PEER",
		    "STATE", "SINCE", "HEARD", "LEVEL", "RX", "TX", "QUEUED",
		    "OLD-GEN", "UNKNOWN", "NEWER", "FULL", "LIES", NULL});
	for (unsigned i = 0; i < DAEMONS; i++) {
		share = query_share(&begun, DAEMONS - 1 - i);
		code = ctx->json ? query_try(&share, daemons[i], WORDS("links"),
				       query_list_add, &list, why) :
				   query_try(&share, daemons[i], WORDS("links"),
				       add_link, table, why);
		if (code != EXIT_DONE)
			add_silent(table, &list, daemons[i], code, why);
		if (code != EXIT_DONE && code != EXIT_DOWN)
			warnx("%s", why);
		if (code < result)
			result = code;
	}
	if (ctx->json)
		query_list_end(&list, result);
	else
		table_end(table, NULL);
	if (result == EXIT_DOWN)
		warnx("no daemon is running in %s", ctx->dir);
	return result;
}
