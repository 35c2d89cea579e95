/* SPDX-License-Identifier: ISC */
/*
 * show services: the columns of `ipvsadm -Ln`, or with --stats those of
 * `ipvsadm -Ln --stats --exact`, and beside them what ipvsadm cannot know.
 * Rows are printed as they come: the table may be long.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "conf/enum.h"
#include "filter.h"
#include "row.h"
#include "screen.h"
#include "vipctl.h"

#define NAME_SIZE 100 /* of services and servers; longer ones are not found */
#define LINE_SIZE (WHY_SIZE + 512)
#define AGE_TOLD  1000 /* ms: younger counters are as good as new */

struct view {
	bool stats;
	bool headed;
	bool master;  /* this director balances the service being shown */
	uint64_t age; /* of the oldest counters, ms */
};

static void
print_header(const struct view *view)
{
	char line[LINE_SIZE];

	if (view->stats)
		snprintf(line, sizeof(line), "%-33s %8s %8s %8s %8s %8s",
		    "Prot LocalAddress:Port", "Conns", "InPkts", "OutPkts",
		    "InBytes", "OutBytes");
	else
		snprintf(line, sizeof(line), "%-68s %-16s %s",
		    "Prot LocalAddress:Port Scheduler Flags", "Role",
		    "Instance");
	screen_line(line, 0, "");
	snprintf(line, sizeof(line),
	    view->stats ? "  -> RemoteAddress:Port" :
			  "  -> RemoteAddress:Port           Forward Weight "
			  "ActiveConn InActConn  Health           Reason");
	screen_line(line, 0, "");
}

/* Of a service or a server: what stands before, and its counters. */
static void
print_counters(const char *before, const json_t *row)
{
	/* A service has the same. */
	static const char *const keys[] = {NUMBER_KEY(server, conns),
	    NUMBER_KEY(server, in_packets), NUMBER_KEY(server, out_packets),
	    NUMBER_KEY(server, in_bytes), NUMBER_KEY(server, out_bytes)};
	char line[LINE_SIZE];
	size_t len;

	snprintf(line, sizeof(line), "%-33s", before);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		len = strlen(line);
		snprintf(line + len, sizeof(line) - len, " %8" PRIu64,
		    row_number_named(row, keys[i]));
	}
	screen_line(line, 0, "");
}

static void
print_service(struct view *view, const json_t *row)
{
	char endpoint[ADDR_PORT_STRLEN], persistent[40] = "";
	char line[256], whole[LINE_SIZE];
	char options[100] = "";
	char protocol[5] = "";
	uint64_t persistence = row_time(row, service, persistence_s);
	const char *flags = row_text(row, service, flags);

	if (row_time(row, service, read_ms) > view->age)
		view->age = row_time(row, service, read_ms);
	view->master = row_is(row, service, role, "master");
	for (size_t i = 0; i < 4 && row_text(row, service, protocol)[i] != '\0';
	     i++)
		protocol[i] = (char)toupper(
		    (unsigned char)row_text(row, service, protocol)[i]);
	row_endpoint(row, endpoint);
	if (view->stats) {
		snprintf(line, sizeof(line), "%-4s %s", protocol, endpoint);
		print_counters(line, row);
		return;
	}
	if (persistence != 0)
		snprintf(persistent, sizeof(persistent), " persistent %" PRIu64,
		    persistence);
	if (flags[0] != '\0')
		snprintf(options, sizeof(options), " (%.80s)", flags);
	snprintf(line, sizeof(line), "%-4s %s %.30s%s%s", protocol, endpoint,
	    row_text(row, service, scheduler), options, persistent);
	snprintf(whole, sizeof(whole), "%-68s %-16s %.300s%s", line,
	    row_text(row, service, role), row_text(row, service, instance),
	    row_true(row, service, in_kernel) || !view->master ?
		"" :
		" (not in the kernel)");
	screen_line(whole, 0, "");
}

/* The forwarding method by ipvsadm's name. */
static const char *
forward_name(const json_t *row)
{
	if (row_is(row, server, forward, conf_forward_name(FORWARD_DIRECT)))
		return "Route";
	if (row_is(row, server, forward, conf_forward_name(FORWARD_NAT)))
		return "Masq";
	return row_text(row, server, forward);
}

static void
print_server(const struct view *view, const json_t *row)
{
	char endpoint[ADDR_PORT_STRLEN], health[HEALTH_SIZE], why[WHY_SIZE];
	char line[LINE_SIZE], numbers[64] = "-      -          -";
	size_t at;

	snprintf(line, sizeof(line), "  -> %-28s", row_endpoint(row, endpoint));
	if (view->stats) {
		print_counters(line, row);
		return;
	}
	if (row_true(row, server, in_kernel))
		snprintf(numbers, sizeof(numbers),
		    "%-6" PRIu64 " %-10" PRIu64 " %-10" PRIu64,
		    row_number(row, server, weight),
		    row_number(row, server, active),
		    row_number(row, server, inactive));
	at = strlen(line);
	snprintf(line + at, sizeof(line) - at, " %-7.20s %-28s ",
	    forward_name(row), numbers);
	at = strlen(line);
	snprintf(line + at, sizeof(line) - at, "%-16s %s",
	    row_health(row, view->master, health),
	    row_server_reason(row, view->master, why));
	screen_line(line, at, health);
}

static void
show_row(json_t *row, void *arg)
{
	struct view *view = arg;

	if (row_is_a(row, override)) {
		row_print_override(row);
		return;
	}
	if (!view->headed)
		print_header(view);
	view->headed = true;
	if (row_is_a(row, service))
		print_service(view, row);
	else if (row_is_a(row, server))
		print_server(view, row);
}

/* By node, address, address:port, or any of these behind SERVICE/. */
static bool
server_is_meant(struct filter *filter, const json_t *row)
{
	char endpoint[ADDR_PORT_STRLEN], in[3][2 * NAME_SIZE];
	const char *service = row_text(row, server, service);
	const char *names[] = {service, row_text(row, server, node),
	    row_text(row, server, address), row_endpoint(row, endpoint), in[0],
	    in[1], in[2], NULL};

	for (int i = 0; i < 3; i++)
		snprintf(in[i], sizeof(in[i]), "%.*s/%.*s", NAME_SIZE - 1,
		    service, NAME_SIZE - 1, names[i + 1]);
	return filter_names(filter, names) &&
	    (!filter->down || row_server_is_out(row, filter->master));
}

/* By node, address or address:port of a server that the configuration has not.
 */
static bool
override_is_meant(struct filter *filter, const json_t *row)
{
	char server[ADDR_PORT_STRLEN];

	json_decref(filter->group);
	filter->group = NULL;
	return !filter->down &&
	    filter_names(filter,
		WORDS(row_text(row, override, node),
		    row_text(row, override, server),
		    row_override_server(row, server)));
}

/* A service is held back until one of its servers is meant, unless it is meant
 * as a whole. */
static bool
is_meant(struct filter *filter, json_t *row)
{
	char endpoint[ADDR_PORT_STRLEN];

	if (row_is_a(row, override))
		return override_is_meant(filter, row);
	if (!row_is_a(row, service))
		return row_is_a(row, server) && server_is_meant(filter, row);
	json_decref(filter->group);
	filter->group = NULL;
	filter->master = row_is(row, service, role, "master");
	if (filter_names(filter,
		WORDS(row_text(row, service, service),
		    row_endpoint(row, endpoint))) &&
	    !filter->down)
		return true;
	filter->group = json_incref(row);
	return false;
}

int
show_services(const struct vipctl *ctx, int argc, char *argv[])
{
	struct view view = {.stats = given_has(ctx->given, STATS)};
	struct query_list list = {false};
	struct filter filter = filter_new(
	    ctx, argc, argv, is_meant, show_row, &view, &list);
	char ago[DURATION_SIZE];
	int code;

	code = query(ctx, ROLE_IPVSD, WORDS("services"), filter_row, &filter);
	if (code == EXIT_DONE && !view.headed && !ctx->json &&
	    filter.count == 0)
		puts(filter.down ? "no server is out" :
				   "no services on this host");
	if (code == EXIT_DONE && view.age >= AGE_TOLD)
		printf("the kernel's counters were read %s ago\n",
		    duration_format(view.age, ago));
	return filter_end(&filter, ctx, code, &list);
}
