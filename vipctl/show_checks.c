/* SPDX-License-Identifier: ISC */
/* show checks: each probe, what it last found, and when it looks again. */
#include <inttypes.h>
#include <stdio.h>

#include "link/health.h"
#include "option.h"
#include "query.h"
#include "row.h"
#include "table.h"
#include "vipctl.h"

static void
add_probe(json_t *row, void *arg)
{
	char endpoint[ADDR_PORT_STRLEN], since[DURATION_SIZE];
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
		row_duration(row, probe, since_ms, since),
		probed ? row_duration(row, probe, last_ms, last) : "never",
		row_duration(row, probe, next_ms, next),
		row_duration(row, probe, interval_ms, every), streak,
		row_reason(row, why), NULL});
}

int
show_checks(const struct vipctl *ctx, int argc, char *argv[])
{
	struct table *table;
	bool none;
	int code;

	if (!option_only(argc, argv, NULL, &none))
		return EXIT_USAGE;
	if (ctx->json)
		return query_json(ctx, ROLE_CHECKD, WORDS("probes"));
	table = table_new(
	    (const char *const[]){"SERVER", "TYPE", "CHECK", "HEALTH", "SINCE",
		"LAST", "NEXT", "EVERY", "STREAK", "REASON", NULL});
	code = query(ctx, ROLE_CHECKD, WORDS("probes"), add_probe, table);
	table_end(table, code == EXIT_DONE ? "no checks on this host" : NULL);
	return code;
}
