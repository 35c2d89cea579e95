/* SPDX-License-Identifier: ISC */
/*
 * show vrrp: an instance a line; with --stats how many adverts were sent
 * and heard, and what was wrong with some.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "filter.h"
#include "row.h"
#include "table.h"
#include "vipctl.h"

/* The last counter of traffic. The counters behind it tell what was wrong. */
#define LAST_TRAFFIC NUMBER_KEY(instance, priority_zero_rx)

static void
add_instance(json_t *row, void *arg)
{
	char since[SINCE_SIZE], next[DURATION_SIZE], lease[DURATION_SIZE];
	char vrid[32], priority[32], version[32], why[WHY_SIZE];
	bool master = row_is(row, instance, state, "master");

	if (!row_is_a(row, instance))
		return;
	snprintf(
	    vrid, sizeof(vrid), "%" PRIu64, row_number(row, instance, vrid));
	snprintf(version, sizeof(version), "%" PRIu64,
	    row_number(row, instance, version));
	snprintf(priority, sizeof(priority), "%" PRIu64,
	    row_number(row, instance, priority));
	table_add(arg,
	    (const char *const[]){row_text(row, instance, instance),
		row_text(row, instance, state),
		row_since(row, instance, since_ms, since), priority, vrid,
		version, row_text(row, instance, interface),
		row_master(row, "-"),
		row_duration(row, instance, next_ms, next),
		master ? row_duration(row, instance, lease_ms, lease) : "-",
		row_why(row, why), NULL});
}

/* "ttl 3, checksum 1": the counters of drops and oddities that are not 0,
 * below the heading. */
static void
print_counted(json_t *row, bool from_start, const char *heading)
{
	const char *key, *before = "  counted: ";
	bool counters = from_start;
	json_t *value;

	json_object_foreach(row, key, value)
	{
		if (counters && json_integer_value(value) > 0) {
			printf("%s%s%s %" JSON_INTEGER_FORMAT, heading, before,
			    key, json_integer_value(value));
			before = ", ";
			heading = "";
		}
		if (strcmp(key, LAST_TRAFFIC) == 0)
			counters = true;
	}
	if (before[0] == ',')
		putchar('\n');
}

static void
print_stats(json_t *row, void *arg)
{
	char ago[DURATION_SIZE];

	(void)arg;
	if (row_is_a(row, receive)) {
		print_counted(row, true, "before an instance was found\n");
		return;
	}
	printf("%s\n  sent %" PRIu64 " (priority 0: %" PRIu64
	       "), heard %" PRIu64 " (priority 0: %" PRIu64
	       "), became master %" PRIu64 " times\n",
	    row_text(row, instance, instance),
	    row_number(row, instance, adverts_tx),
	    row_number(row, instance, priority_zero_tx),
	    row_number(row, instance, adverts_rx),
	    row_number(row, instance, priority_zero_rx),
	    row_number(row, instance, become_master));
	if (row_text(row, instance, rival)[0] != '\0')
		printf("  rival: %s, %s ago\n", row_text(row, instance, rival),
		    row_duration(row, instance, rival_ms, ago));
	print_counted(row, false, "");
	if (row_text(row, instance, odd)[0] != '\0')
		printf("  last: %s, %s ago\n", row_text(row, instance, odd),
		    row_duration(row, instance, odd_ms, ago));
}

static bool
is_meant(struct filter *filter, json_t *row)
{
	return row_is_a(row, instance) &&
	    filter_names(filter, WORDS(row_text(row, instance, instance)));
}

static int
show_stats(const struct vipctl *ctx, int argc, char *argv[])
{
	struct vipctl begun = query_begin(ctx);
	struct query_list list = {false};
	struct filter filter = filter_new(
	    ctx, argc, argv, is_meant, print_stats, NULL, &list);
	int code;

	code = query(
	    &begun, ROLE_VRRPD, WORDS("instances"), filter_row, &filter);
	if (code == EXIT_DONE && filter.count == 0)
		code = query(
		    &begun, ROLE_VRRPD, WORDS("receive"), filter_row, &filter);
	return filter_end(&filter, ctx, code, &list);
}

int
show_vrrp(const struct vipctl *ctx, int argc, char *argv[])
{
	struct query_list list = {false};
	struct filter filter;
	struct table *table;
	int code;

	if (given_has(ctx->given, STATS))
		return show_stats(ctx, argc, argv);
	table = table_new((const char *const[]){"INSTANCE", "STATE", "SINCE",
	    "PRIORITY", "VRID", "VERSION", "INTERFACE", "MASTER", "NEXT",
	    "LEASE", "WHY", NULL});
	filter = filter_new(
	    ctx, argc, argv, is_meant, add_instance, table, &list);
	code = query(ctx, ROLE_VRRPD, WORDS("instances"), filter_row, &filter);
	table_end(table,
	    code == EXIT_DONE && !ctx->json && filter.count == 0 ?
		"no VRRP instances on this host" :
		NULL);
	return filter_end(&filter, ctx, code, &list);
}
