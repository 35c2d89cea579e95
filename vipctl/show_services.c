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
#include "option.h"
#include "query.h"
#include "row.h"
#include "vipctl.h"

struct view {
	bool stats;
	bool headed;
	bool master; /* this director balances the service being shown */
};

static void
print_header(const struct view *view)
{
	if (view->stats)
		printf("%-33s %8s %8s %8s %8s %8s\n"
		       "  -> RemoteAddress:Port\n",
		    "Prot LocalAddress:Port", "Conns", "InPkts", "OutPkts",
		    "InBytes", "OutBytes");
	else
		printf("%-68s %-16s %s\n"
		       "  -> %-28s %-7s %-6s %-10s %-10s %-16s %s\n",
		    "Prot LocalAddress:Port Scheduler Flags", "Role",
		    "Instance", "RemoteAddress:Port", "Forward", "Weight",
		    "ActiveConn", "InActConn", "Health", "Reason");
}

static void
print_counters(const json_t *row)
{
	/* A service has the same. */
	static const char *const keys[] = {NUMBER_KEY(server, conns),
	    NUMBER_KEY(server, in_packets), NUMBER_KEY(server, out_packets),
	    NUMBER_KEY(server, in_bytes), NUMBER_KEY(server, out_bytes)};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		printf(" %8" PRIu64, row_number_named(row, keys[i]));
	putchar('\n');
}

static void
print_service(struct view *view, const json_t *row)
{
	char endpoint[ADDR_PORT_STRLEN], persistent[40] = "", line[256];
	char options[100] = "";
	char protocol[5] = "";
	uint64_t persistence = row_time(row, service, persistence_s);
	const char *flags = row_text(row, service, flags);

	view->master = row_is(row, service, role, "master");
	for (size_t i = 0; i < 4 && row_text(row, service, protocol)[i] != '\0';
	     i++)
		protocol[i] = (char)toupper(
		    (unsigned char)row_text(row, service, protocol)[i]);
	row_endpoint(row, endpoint);
	if (view->stats) {
		snprintf(line, sizeof(line), "%-4s %s", protocol, endpoint);
		printf("%-33s", line);
		print_counters(row);
		return;
	}
	if (persistence != 0)
		snprintf(persistent, sizeof(persistent), " persistent %" PRIu64,
		    persistence);
	if (flags[0] != '\0')
		snprintf(options, sizeof(options), " (%.80s)", flags);
	snprintf(line, sizeof(line), "%-4s %s %.30s%s%s", protocol, endpoint,
	    row_text(row, service, scheduler), options, persistent);
	printf("%-68s %-16s %s%s\n", line, row_text(row, service, role),
	    row_text(row, service, instance),
	    row_true(row, service, in_kernel) || !view->master ?
		"" :
		" (not in the kernel)");
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

	row_endpoint(row, endpoint);
	if (view->stats) {
		printf("  -> %-28s", endpoint);
		print_counters(row);
		return;
	}
	printf("  -> %-28s %-7s ", endpoint, forward_name(row));
	if (row_true(row, server, in_kernel))
		printf("%-6" PRIu64 " %-10" PRIu64 " %-10" PRIu64,
		    row_number(row, server, weight),
		    row_number(row, server, active),
		    row_number(row, server, inactive));
	else
		printf("%-6s %-10s %-10s", "-", "-", "-");
	printf(" %-16s %s\n", row_health(row, view->master, health),
	    row_server_reason(row, view->master, why));
}

static void
show_row(json_t *row, void *arg)
{
	struct view *view = arg;

	if (!view->headed)
		print_header(view);
	view->headed = true;
	if (row_is_a(row, service))
		print_service(view, row);
	else if (row_is_a(row, server))
		print_server(view, row);
}

int
show_services(const struct vipctl *ctx, int argc, char *argv[])
{
	struct view view = {.headed = false};
	int code;

	if (!option_only(argc, argv, "--stats", &view.stats))
		return EXIT_USAGE;
	if (ctx->json)
		return query_json(ctx, ROLE_IPVSD, WORDS("services"));
	code = query(ctx, ROLE_IPVSD, WORDS("services"), show_row, &view);
	if (code == EXIT_DONE && !view.headed)
		puts("no services on this host");
	return code;
}
