/* SPDX-License-Identifier: ISC */
/* The screen that `vipctl status` shows, from the document of status.c. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "on_disk.h"
#include "row.h"
#include "screen.h"
#include "status_text.h"
#include "table.h"
#include "vipctl.h"
#include "wrong.h"

#define SERVICES_SHOWN	20 /* those with trouble first */
#define OUT_SHOWN	20 /* servers that are out, of all services */
#define OVERRIDES_SHOWN 10
#define NO_GENERATION	"0000000000000000"
#define ADDRESSES_SHOWN 4 /* of an instance */

static const char *
generation_of(const json_t *daemon)
{
	return row_is(daemon, daemon, generation, NO_GENERATION) ?
	    "none yet" :
	    row_text(daemon, daemon, generation);
}

static void
print_daemons(json_t *daemons)
{
	struct table *table = table_new((const char *const[]){
	    "DAEMON", "STATE", "UP", "PID", "GENERATION", NULL});
	char uptime[DURATION_SIZE], pid[24];
	json_t *row;
	size_t i;

	json_array_foreach(daemons, i, row)
	{
		bool running = row_is_named(row, "state", "running");

		snprintf(
		    pid, sizeof(pid), "%" PRIu64, row_number(row, daemon, pid));
		table_add(table,
		    (const char *const[]){row_text(row, daemon, daemon),
			running && !row_true(row, daemon, ready) ?
			    "not ready" :
			    row_text_named(row, "state"),
			running ? row_duration(row, daemon, uptime_ms, uptime) :
				  "",
			running ? pid : "", generation_of(row), NULL});
	}
	table_end(table, NULL);
	json_array_foreach(daemons, i, row)
	{
		if (row_is_named(row, "state", "not answering"))
			puts(row_text_named(row, "reason"));
	}
}

static void
append(char *buf, size_t size, const char *text)
{
	strncat(buf, text, size - strlen(buf) - 1);
}

/* "10.0.0.1/32 here, 10.0.0.2/32": `here` marks what this host has. "unknown"
 * when ipvsd, which knows the addresses, has not told them. */
static void
format_addresses(const json_t *instance, char *buf, size_t size)
{
	json_t *addresses = json_object_get(instance, "addresses"), *row;
	char text[128];
	size_t i;

	snprintf(buf, size, "%s",
	    json_object_get(instance, "lease") == NULL ? "unknown" : "");
	json_array_foreach(addresses, i, row)
	{
		if (i == ADDRESSES_SHOWN) {
			snprintf(text, sizeof(text), " and %zu more",
			    json_array_size(addresses) - i);
			append(buf, size, text);
			return;
		}
		snprintf(text, sizeof(text), "%s%.45s/%u%s", i == 0 ? "" : ", ",
		    row_text(row, address, address),
		    (unsigned)row_number(row, address, prefix) & 0xffu,
		    row_text(row, address, leftover)[0] != '\0' ?
			" left here by others" :
			row_true(row, address, present) ? " here" :
							  "");
		append(buf, size, text);
	}
}

static void
print_instances(json_t *instances)
{
	struct table *table = table_new((const char *const[]){
	    "INSTANCE", "STATE", "SINCE", "MASTER", "WHY", "ADDRESSES", NULL});
	char since[SINCE_SIZE], addresses[512], why[WHY_SIZE];
	json_t *row;
	size_t i;

	json_array_foreach(instances, i, row)
	{
		format_addresses(row, addresses, sizeof(addresses));
		table_add(table,
		    (const char *const[]){row_text(row, instance, instance),
			row_text(row, instance, state),
			row_since(row, instance, since_ms, since),
			row_master(row, "nobody heard"), row_why(row, why),
			addresses, NULL});
	}
	if (json_array_size(instances) != 0)
		putchar('\n');
	table_end(table, NULL);
}

/* Another master beside this router; and the last packet that was dropped or
 * odd, which may be his. */
static void
print_odd(json_t *instances)
{
	char ago[DURATION_SIZE];
	json_t *row;
	size_t i;

	json_array_foreach(instances, i, row)
	{
		const char *rival = row_text(row, instance, rival);

		if (rival[0] != '\0')
			printf("%s: %s, %s ago\n",
			    row_text(row, instance, instance), rival,
			    row_duration(row, instance, rival_ms, ago));
		if (row_is_odd(row) && !row_is(row, instance, odd, rival))
			printf("%s: %s, %s ago\n",
			    row_text(row, instance, instance),
			    row_text(row, instance, odd),
			    row_duration(row, instance, odd_ms, ago));
	}
}

/* "1 of 3 servers up, 1 drained, 1 full" */
static void
print_count(const json_t *row)
{
	static const char *const words[][2] = {
	    {"servers_drained", "drained"},
	    {"servers_unknown", "not known"},
	    {"servers_full", "full"},
	};

	printf("%" PRIu64 " of %" PRIu64 " servers up",
	    row_number_named(row, "servers_in"),
	    row_number_named(row, "servers"));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (row_number_named(row, words[i][0]) != 0)
			printf(", %" PRIu64 " %s",
			    row_number_named(row, words[i][0]), words[i][1]);
	}
	if (row_service_is_full(row))
		fputs(": new clients are refused", stdout);
}

static void
print_service(const json_t *row, unsigned *shown)
{
	char endpoint[ADDR_PORT_STRLEN], health[HEALTH_SIZE], why[WHY_SIZE];
	bool master = row_is(row, service, role, "master");
	json_t *server;
	size_t i;

	printf("%s %s  %s  ", row_text(row, service, protocol),
	    row_endpoint(row, endpoint), row_text(row, service, role));
	print_count(row);
	puts(row_true_named(row, "stale") ? " (stale: checkd is lost)" : "");
	json_array_foreach(json_object_get(row, "out"), i, server)
	{
		if (++*shown > OUT_SHOWN)
			return;
		row_health(server, master, health);
		printf("  -> %s  %s%s%s: %s\n", row_endpoint(server, endpoint),
		    SCREEN_WORD(health),
		    row_server_reason(server, master, why));
	}
}

static void
print_services(json_t *services)
{
	size_t count = json_array_size(services), i;
	unsigned printed = 0, out = 0;
	json_t *row;

	if (count != 0)
		putchar('\n');
	json_array_foreach(services, i, row)
	{
		if ((count > SERVICES_SHOWN &&
			json_array_size(json_object_get(row, "out")) == 0) ||
		    printed == SERVICES_SHOWN || out > OUT_SHOWN)
			continue;
		print_service(row, &out);
		printed++;
	}
	if (printed < count || out > OUT_SHOWN)
		printf("%zu services in all; `vipctl show services` has the "
		       "rest\n",
		    count);
}

static void
print_overrides(json_t *overrides)
{
	json_t *row;
	size_t i;

	json_array_foreach(overrides, i, row)
	{
		if (i == OVERRIDES_SHOWN) {
			printf(
			    "and %zu more; `vipctl show services` has them\n",
			    json_array_size(overrides) - i);
			return;
		}
		row_print_override(row);
	}
}

/* Links that are not up; a daemon's own end tells for how long. */
static void
print_links(json_t *links)
{
	char since[DURATION_SIZE], last[DURATION_SIZE];
	json_t *row;
	size_t i, bad = 0;

	json_array_foreach(links, i, row)
	{
		if (row_is(row, link, state, "up"))
			continue;
		if (bad++ == 0)
			putchar('\n');
		printf("link %s to %s: %s for %s, ",
		    row_text(row, link, daemon), row_text(row, link, peer),
		    row_text(row, link, state),
		    row_duration(row, link, since_ms, since));
		if (row_number(row, link, rx) == 0)
			puts("never heard");
		else
			printf("last heard %s ago\n",
			    row_duration(row, link, last_rx_ms, last));
	}
	if (bad == 0 && json_array_size(links) != 0)
		puts("\nall links are up");
}

/* ", read 3.2 s ago": of the counters, those of the oldest service. */
static void
print_age(json_t *services)
{
	char text[DURATION_SIZE];
	uint64_t age = 0;
	json_t *row;
	size_t i;

	json_array_foreach(services, i, row)
	{
		if (row_time(row, service, read_ms) > age)
			age = row_time(row, service, read_ms);
	}
	if (age != 0)
		printf(", read %s ago", duration_format(age, text));
}

static void
print_kernel(const json_t *kernel, json_t *services)
{
	char ago[DURATION_SIZE];

	if (kernel == NULL)
		return;
	if (row_is(kernel, kernel, ip_vs, "no"))
		puts("\nthe kernel has no ip_vs: `modprobe ip_vs` loads it");
	if (row_is(kernel, kernel, ip_vs, "yes")) {
		printf("\ntable: configured %s, live %s",
		    row_text(kernel, kernel, configured_digest),
		    row_text(kernel, kernel, live_digest));
		print_age(services);
		putchar('\n');
	}
	if (row_kernel_repaired(kernel))
		printf("changed by somebody else and put right %s ago: %s "
		       "(%" PRIu64 " in all)\n",
		    row_duration(kernel, kernel, last_repair_ms, ago),
		    row_text(kernel, kernel, last_repair),
		    row_number(kernel, kernel, repaired));
	if (row_kernel_refused(kernel))
		printf("refused by the kernel %s ago: %s (%" PRIu64
		       " in all)\n",
		    row_duration(kernel, kernel, last_error_ms, ago),
		    row_text(kernel, kernel, last_error),
		    row_number(kernel, kernel, netlink_errors));
}

/* "director", "real server of 3 services", or both. */
static void
print_role(const json_t *configuration)
{
	uint64_t serves = row_number(configuration, configuration, serves);
	bool director = row_true(configuration, configuration, director);

	if (director)
		fputs(", director", stdout);
	if (serves != 0)
		printf("%s real server of %" PRIu64 " service%s",
		    director ? " and" : ",", serves, serves == 1 ? "" : "s");
	if (!director && serves == 0)
		fputs(", neither director nor real server", stdout);
}

/* The first line: the node, what it is, and what is wrong. */
static void
print_headline(const json_t *document)
{
	const json_t *configuration = json_object_get(
	    document, "configuration");
	const char *level = row_text_named(
	    json_array_get(json_object_get(document, "wrong"), 0),
	    WRONG_LEVEL_KEY);
	char line[WHY_SIZE + 32];
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(document, "daemons"), i, row)
	{
		if (row_text(row, daemon, node)[0] != '\0') {
			fputs(row_text(row, daemon, node), stdout);
			break;
		}
	}
	if (configuration != NULL)
		print_role(configuration);
	wrong_line(document, line, sizeof(line));
	if (line[0] == '\0')
		printf(": %sall is well%s\n\n", screen_on("all is well"),
		    screen_off("all is well"));
	else
		printf(
		    ": %s%s%s\n\n", screen_on(level), line, screen_off(level));
}

static void
print_configuration(const json_t *configuration)
{
	char when[WALL_SIZE];

	if (configuration == NULL)
		return;
	printf("%s, loaded %s%s\n",
	    row_text(configuration, configuration, file),
	    wall_format(
		row_time(configuration, configuration, loaded_ms), when),
	    on_disk_text(row_text_named(configuration, "on_disk")));
}

void
status_text(json_t *document)
{
	json_t *daemons = json_object_get(document, "daemons");

	print_headline(document);
	print_daemons(daemons);
	print_configuration(json_object_get(document, "configuration"));
	if (wrong_generations_differ(document))
		puts("the daemons do not have the same configuration "
		     "(a reload goes on, or has failed)");
	print_instances(json_object_get(document, "instances"));
	print_odd(json_object_get(document, "instances"));
	print_services(json_object_get(document, "services"));
	print_overrides(json_object_get(document, "overrides"));
	print_kernel(json_object_get(document, "kernel"),
	    json_object_get(document, "services"));
	print_links(json_object_get(document, "links"));
}
