/* SPDX-License-Identifier: ISC */
/* show checks: each probe, what it last found, and when it looks again. */
#include <inttypes.h>
#include <stdio.h>

#include "link/health.h"
#include "filter.h"
#include "row.h"
#include "table.h"
#include "vipctl.h"

static void
add_probe(json_t *row, void *arg)
{
	char endpoint[ADDR_PORT_STRLEN], since[SINCE_SIZE];
	char last[DURATION_SIZE], next[DURATION_SIZE], every[DURATION_SIZE];
	char streak[32], why[WHY_SIZE];
	bool probed = !row_is(row, probe, reason, reason_name(REASON_NONE));

	if (!row_is_a(row, probe))
		return;
	snprintf(
	    streak, sizeof(streak), "%" PRIu64, row_number(row, probe, streak));
	table_add(arg,
	    (const char *const[]){row_endpoint(row, endpoint),
		row_text(row, probe, type), row_text(row, probe, check),
		row_text(row, probe, health),
		row_since(row, probe, since_ms, since),
		probed ? row_duration(row, probe, last_ms, last) : "never",
		row_duration(row, probe, next_ms, next),
		row_duration(row, probe, interval_ms, every), streak,
		row_reason(row, why), NULL});
}

static bool
is_meant(struct filter *filter, json_t *row)
{
	char endpoint[ADDR_PORT_STRLEN];

	return row_is_a(row, probe) &&
	    filter_names(filter,
		WORDS(row_text(row, probe, check),
		    row_text(row, probe, address),
		    row_endpoint(row, endpoint))) &&
	    (!filter->down ||
		!row_is(row, probe, health, health_name(HEALTH_UP)));
}

int
show_checks(const struct vipctl *ctx, int argc, char *argv[])
{
	struct query_list list = {false};
	struct table *table;
	struct filter filter;
	int code;

	table = table_new(
	    (const char *const[]){"SERVER", "TYPE", "CHECK", "HEALTH", "SINCE",
		"LAST", "NEXT", "EVERY", "STREAK", "REASON", NULL});
	filter = filter_new(ctx, argc, argv, is_meant, add_probe, table, &list);
	code = query(ctx, ROLE_CHECKD, WORDS("probes"), filter_row, &filter);
	table_end(table,
	    code != EXIT_DONE || ctx->json ? NULL :
		filter.down		   ? "no check fails" :
					     "no checks on this host");
	return filter_end(&filter, ctx, code, &list);
}
