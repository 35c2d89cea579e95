/* SPDX-License-Identifier: ISC */
/* What a row says, in words. A probe has the keys of a server that are read of
 * both. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "link/health.h"
#include "row.h"
#include "screen.h"
#include "vipctl.h"

#define ODD_SHOWN_MS   60000
#define ERROR_SHOWN_MS 600000 /* longer than ipvsd takes to try again */

const char *
row_text_named(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text == NULL ? "" : text;
}

uint64_t
row_number_named(const json_t *row, const char *key)
{
	json_int_t number = json_integer_value(json_object_get(row, key));

	return number < 0 ? 0 : (uint64_t)number;
}

bool
row_true_named(const json_t *row, const char *key)
{
	return json_is_true(json_object_get(row, key));
}

bool
row_is_named(const json_t *row, const char *key, const char *value)
{
	return strcmp(row_text_named(row, key), value) == 0;
}

const char *
row_duration_named(const json_t *row, const char *key, char buf[DURATION_SIZE])
{
	if (!json_is_integer(json_object_get(row, key)))
		return "-";
	return duration_format(row_number_named(row, key), buf);
}

const char *
row_since_named(const json_t *row, const char *key, char buf[SINCE_SIZE])
{
	if (!json_is_integer(json_object_get(row, key)))
		return "-";
	return since_format(row_number_named(row, key), buf);
}

static const char *
format_endpoint(char buf[ADDR_PORT_STRLEN], const char *address, uint64_t port)
{
	bool six = strchr(address, ':') != NULL;

	snprintf(buf, ADDR_PORT_STRLEN, "%s%.45s%s:%u", six ? "[" : "", address,
	    six ? "]" : "", (unsigned)port & 0xffffu);
	return buf;
}

const char *
row_endpoint(const json_t *row, char buf[ADDR_PORT_STRLEN])
{
	return format_endpoint(
	    buf, row_text(row, server, address), row_number(row, server, port));
}

static bool
is_drained(const json_t *server)
{
	return row_is(server, server, override, "drained");
}

static bool
weighs_nothing(const json_t *server)
{
	return !row_true(server, server, in_kernel) ||
	    row_number(server, server, weight) == 0;
}

bool
row_server_is_missing(const json_t *server, bool master)
{
	return master && !row_true(server, server, in_kernel) &&
	    row_is(server, server, health, health_name(HEALTH_UP));
}

/* The configuration drains it, by `state: drained` or by weight 0. */
static bool
is_drained_in_file(const json_t *server, bool master)
{
	return master && row_true(server, server, in_kernel) &&
	    row_number(server, server, weight) == 0 &&
	    row_is(server, server, health, health_name(HEALTH_UP));
}

bool
row_server_is_drained(const json_t *server, bool master)
{
	return is_drained(server) || is_drained_in_file(server, master);
}

bool
row_server_is_out(const json_t *server, bool master)
{
	return is_drained(server) || (master && weighs_nothing(server)) ||
	    row_is(server, server, health, health_name(HEALTH_DOWN));
}

static uint64_t
connections(const json_t *server)
{
	return row_number(server, server, active) +
	    row_number(server, server, inactive);
}

bool
row_server_is_full(const json_t *server, bool master)
{
	uint64_t most = row_number(server, server, max_connections);

	return master && most != 0 && connections(server) >= most &&
	    !row_server_is_out(server, master);
}

bool
row_service_is_full(const json_t *service)
{
	uint64_t full = row_number_named(service, "servers_full");

	return full != 0 &&
	    full + row_number_named(service, "servers_out") ==
	    row_number_named(service, "servers");
}

const char *
row_health(const json_t *server, bool master, char buf[HEALTH_SIZE])
{
	const char *health = row_text(server, server, health);

	if (row_server_is_drained(server, master))
		health = "drained";
	else if (row_server_is_missing(server, master))
		health = "missing";
	else if (row_server_is_full(server, master))
		health = "full";
	snprintf(buf, HEALTH_SIZE, "%.16s%s", health,
	    row_true(server, server, stale) ? " (stale)" : "");
	return buf;
}

/* The detail of a reason, in words: the HTTP status or the system's error. */
static const char *
detail(const json_t *row, char buf[WHY_SIZE])
{
	uint64_t number = row_number(row, server, detail);

	buf[0] = '\0';
	if (number == 0 || number > 65535)
		return buf;
	if (row_is(row, server, reason, reason_name(REASON_STATUS)))
		snprintf(buf, WHY_SIZE, " %d", (int)number);
	else if (row_is(row, server, reason, reason_name(REASON_ERROR)) ||
	    row_is(row, server, reason, reason_name(REASON_UNREACHABLE)))
		snprintf(buf, WHY_SIZE, " (%s)", strerror((int)number));
	return buf;
}

/*
 * ", 1 of 2 passed": the last check found other than the health in force, and
 * how often in a row it must. ", 3 of 3 failed, 7 in a row": a server that is
 * down. "" of one that is up, and while it is not known. A row of ipvsd has the
 * count only where vipctl has asked checkd: else ", not yet 2 passed".
 */
#define PROGRESS_SIZE 100
static const char *
progress(const json_t *row, char buf[PROGRESS_SIZE])
{
	bool ok = row_is(row, server, reason, reason_name(REASON_OK));
	bool down = row_is(row, server, health, health_name(HEALTH_DOWN));
	bool counted = json_object_get(row, NUMBER_KEY(probe, streak)) != NULL;
	const char *what = ok ? "passed" : "failed";
	uint64_t streak = row_number(row, probe, streak);
	uint64_t wanted = ok ? row_number(row, server, rise) :
			       row_number(row, server, fall);

	buf[0] = '\0';
	if (wanted == 0 || (ok && !down) ||
	    row_is(row, server, reason, reason_name(REASON_NONE)) ||
	    row_is(row, server, reason, reason_name(REASON_LIMIT)))
		return buf;
	if (!counted && ok == down)
		snprintf(buf, PROGRESS_SIZE, ", not yet %" PRIu64 " %s", wanted,
		    what);
	else if (counted && streak <= wanted)
		snprintf(buf, PROGRESS_SIZE, ", %" PRIu64 " of %" PRIu64 " %s",
		    streak, wanted, what);
	else if (counted)
		snprintf(buf, PROGRESS_SIZE,
		    ", %" PRIu64 " of %" PRIu64 " %s, %" PRIu64 " in a row",
		    wanted, wanted, what, streak);
	return buf;
}

const char *
row_reason(const json_t *row, char buf[WHY_SIZE])
{
	char more[WHY_SIZE], count[PROGRESS_SIZE], since[DURATION_SIZE];
	uint64_t latency = row_number(row, server, latency_us);

	if (row_is(row, server, health, health_name(HEALTH_UP)) &&
	    row_is(row, server, reason, reason_name(REASON_OK)) &&
	    latency != 0) {
		snprintf(buf, WHY_SIZE, "%.200s, %" PRIu64 ".%" PRIu64 " ms",
		    row_text(row, server, reason), latency / 1000,
		    latency % 1000 / 100);
		return buf;
	}
	snprintf(buf, WHY_SIZE, "%.200s%.220s%s", row_text(row, server, reason),
	    detail(row, more), progress(row, count));
	if (row_is(row, server, health, health_name(HEALTH_DOWN)) &&
	    json_object_get(row, TIME_KEY(server, since_ms)) != NULL) {
		strncat(buf, ", for ", WHY_SIZE - strlen(buf) - 1);
		strncat(buf, row_duration(row, server, since_ms, since),
		    WHY_SIZE - strlen(buf) - 1);
	}
	return buf;
}

const char *
row_server_reason(const json_t *server, bool master, char buf[WHY_SIZE])
{
	char why[WHY_SIZE], slow[48], full[80];
	const char *by = "";

	snprintf(slow, sizeof(slow), "slow start, %" PRIu64 " %%, ",
	    row_number(server, server, slow_start_percent));
	snprintf(full, sizeof(full), "%" PRIu64 " of %" PRIu64 " connections, ",
	    connections(server), row_number(server, server, max_connections));
	if (is_drained(server))
		by = "by operator, ";
	else if (row_server_is_full(server, master))
		by = full;
	else if (json_object_get(
		     server, NUMBER_KEY(server, slow_start_percent)) != NULL)
		by = slow;
	else if (is_drained_in_file(server, master))
		by = "in the configuration, ";
	else if (row_server_is_missing(server, master))
		by = "not in the kernel's table, ";
	snprintf(buf, WHY_SIZE, "%s%.400s", by, row_reason(server, why));
	return buf;
}

const char *
row_master(const json_t *instance, const char *nobody)
{
	const char *master = row_text(instance, instance, master);

	/* An instance that leaves forwards until it hears the next master. */
	if (row_is(instance, instance, state, "master") ||
	    row_is(instance, instance, state, "leaving"))
		return "this host";
	if (row_is(instance, instance, state, "unknown"))
		return "-";
	/* "-" stands for no address. */
	return master[0] == '\0' || strcmp(master, "-") == 0 ? nobody : master;
}

const char *
row_why(const json_t *instance, char buf[WHY_SIZE])
{
	char left[DURATION_SIZE] = "";
	bool timed = row_time(instance, instance, resigned_ms) != 0;

	if (timed)
		row_duration(instance, instance, resigned_ms, left);
	snprintf(buf, WHY_SIZE, "%.200s%s%s%s%s",
	    row_text(instance, instance, reason),
	    row_true(instance, instance, resigned) ? " (resigned" : "",
	    row_true(instance, instance, resigned) && timed ? " for " : "",
	    row_true(instance, instance, resigned) ? left : "",
	    row_true(instance, instance, resigned) ? ")" : "");
	return buf;
}

bool
row_is_odd(const json_t *instance)
{
	return row_text(instance, instance, odd)[0] != '\0' &&
	    row_time(instance, instance, odd_ms) < ODD_SHOWN_MS;
}

bool
row_kernel_repaired(const json_t *kernel)
{
	return row_text(kernel, kernel, last_repair)[0] != '\0' &&
	    row_time(kernel, kernel, last_repair_ms) < ERROR_SHOWN_MS;
}

bool
row_kernel_refused(const json_t *kernel)
{
	return row_text(kernel, kernel, last_error)[0] != '\0' &&
	    row_time(kernel, kernel, last_error_ms) < ERROR_SHOWN_MS;
}

const char *
row_override_server(const json_t *row, char buf[ADDR_PORT_STRLEN])
{
	return format_endpoint(buf, row_text(row, override, server),
	    row_number(row, override, server_port));
}

void
row_print_override(const json_t *row)
{
	const char *node = row_text(row, override, node);
	char service[ADDR_PORT_STRLEN], server[ADDR_PORT_STRLEN];
	char line[WHY_SIZE];

	snprintf(line, sizeof(line),
	    "%.16s by operator, not in the configuration: %.8s %s -> "
	    "%s%s%.200s%s",
	    row_text(row, override, override),
	    row_text(row, override, protocol), row_endpoint(row, service),
	    row_override_server(row, server), *node == '\0' ? "" : " (node ",
	    node, *node == '\0' ? "" : ")");
	screen_line(line, 0, "");
}
