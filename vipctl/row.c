/* SPDX-License-Identifier: ISC */
/* What a row says, in words. The members are those that HACKING.md lists. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "link/health.h"
#include "row.h"
#include "vipctl.h"

const char *
row_text(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text == NULL ? "" : text;
}

uint64_t
row_number(const json_t *row, const char *key)
{
	json_int_t number = json_integer_value(json_object_get(row, key));

	return number < 0 ? 0 : (uint64_t)number;
}

bool
row_true(const json_t *row, const char *key)
{
	return json_is_true(json_object_get(row, key));
}

bool
row_is(const json_t *row, const char *key, const char *value)
{
	return strcmp(row_text(row, key), value) == 0;
}

const char *
row_duration(const json_t *row, const char *key, char buf[DURATION_SIZE])
{
	if (!json_is_integer(json_object_get(row, key)))
		return "-";
	return duration_format(row_number(row, key), buf);
}

const char *
row_endpoint(const json_t *row, char buf[ADDR_PORT_STRLEN])
{
	const char *address = row_text(row, "address");
	bool six = strchr(address, ':') != NULL;

	snprintf(buf, ADDR_PORT_STRLEN, "%s%.45s%s:%u", six ? "[" : "", address,
	    six ? "]" : "", (unsigned)row_number(row, "port") & 0xffffu);
	return buf;
}

static bool
is_drained(const json_t *server)
{
	return row_is(server, "override", "drained");
}

static bool
weighs_nothing(const json_t *server)
{
	return !row_true(server, "in_kernel") ||
	    row_number(server, "weight") == 0;
}

/* A healthy server of the master that is not in the kernel's table. */
static bool
is_missing(const json_t *server, bool master)
{
	return master && !row_true(server, "in_kernel") &&
	    row_is(server, "health", health_name(HEALTH_UP));
}

/* The configuration drains it, by `state: drained` or by weight 0. */
static bool
is_drained_in_file(const json_t *server, bool master)
{
	return master && row_true(server, "in_kernel") &&
	    row_number(server, "weight") == 0 &&
	    row_is(server, "health", health_name(HEALTH_UP));
}

bool
row_server_is_out(const json_t *server, bool master)
{
	return is_drained(server) || (master && weighs_nothing(server)) ||
	    row_is(server, "health", health_name(HEALTH_DOWN));
}

const char *
row_health(const json_t *server, bool master, char buf[HEALTH_SIZE])
{
	const char *health = row_text(server, "health");

	if (is_drained(server) || is_drained_in_file(server, master))
		health = "drained";
	else if (is_missing(server, master))
		health = "missing";
	snprintf(buf, HEALTH_SIZE, "%.16s%s", health,
	    row_true(server, "stale") ? " (stale)" : "");
	return buf;
}

/* The detail of a reason, in words: the HTTP status or the system's error. */
static const char *
detail(const json_t *row, char buf[WHY_SIZE])
{
	const json_t *value = json_object_get(row, "detail");
	int number;

	buf[0] = '\0';
	if (json_is_string(value) && json_string_value(value)[0] != '\0')
		snprintf(buf, WHY_SIZE, " (%.200s)", json_string_value(value));
	if (!json_is_integer(value) || json_integer_value(value) <= 0 ||
	    json_integer_value(value) > 65535)
		return buf;
	number = (int)json_integer_value(value);
	if (row_is(row, "reason", reason_name(REASON_STATUS)))
		snprintf(buf, WHY_SIZE, " %d", number);
	else if (row_is(row, "reason", reason_name(REASON_ERROR)) ||
	    row_is(row, "reason", reason_name(REASON_UNREACHABLE)))
		snprintf(buf, WHY_SIZE, " (%s)", strerror(number));
	return buf;
}

const char *
row_reason(const json_t *row, char buf[WHY_SIZE])
{
	char more[WHY_SIZE], since[DURATION_SIZE];
	uint64_t latency = row_number(row, "latency_us");

	if (row_is(row, "health", health_name(HEALTH_UP))) {
		if (latency == 0)
			snprintf(
			    buf, WHY_SIZE, "%.200s", row_text(row, "reason"));
		else
			snprintf(buf, WHY_SIZE,
			    "%.200s, %" PRIu64 ".%" PRIu64 " ms",
			    row_text(row, "reason"), latency / 1000,
			    latency % 1000 / 100);
		return buf;
	}
	snprintf(buf, WHY_SIZE, "%.200s%.220s", row_text(row, "reason"),
	    detail(row, more));
	if (row_is(row, "health", health_name(HEALTH_DOWN)) &&
	    json_object_get(row, "since_ms") != NULL) {
		strncat(buf, ", for ", WHY_SIZE - strlen(buf) - 1);
		strncat(buf, row_duration(row, "since_ms", since),
		    WHY_SIZE - strlen(buf) - 1);
	}
	return buf;
}

const char *
row_server_reason(const json_t *server, bool master, char buf[WHY_SIZE])
{
	char why[WHY_SIZE], slow[48];
	const char *by = "";

	snprintf(slow, sizeof(slow), "slow start, %" PRIu64 " %%, ",
	    row_number(server, "slow_start_percent"));
	if (is_drained(server))
		by = "by operator, ";
	else if (json_object_get(server, "slow_start_percent") != NULL)
		by = slow;
	else if (is_drained_in_file(server, master))
		by = "in the configuration, ";
	else if (is_missing(server, master))
		by = "not in the kernel's table, ";
	snprintf(buf, WHY_SIZE, "%s%.450s", by, row_reason(server, why));
	return buf;
}

const char *
row_master(const json_t *instance, const char *nobody)
{
	const char *master = row_text(instance, "master");

	/* An instance that leaves forwards until it hears the next master. */
	if (row_is(instance, "state", "master") ||
	    row_is(instance, "state", "leaving"))
		return "this host";
	if (row_is(instance, "state", "unknown"))
		return "-";
	/* "-" stands for no address. */
	return master[0] == '\0' || strcmp(master, "-") == 0 ? nobody : master;
}

const char *
row_why(const json_t *instance, char buf[WHY_SIZE])
{
	char left[DURATION_SIZE] = "";
	bool timed = row_number(instance, "resigned_ms") != 0;

	if (timed)
		row_duration(instance, "resigned_ms", left);
	snprintf(buf, WHY_SIZE, "%.200s%s%s%s%s", row_text(instance, "reason"),
	    row_true(instance, "resigned") ? " (resigned" : "",
	    row_true(instance, "resigned") && timed ? " for " : "",
	    row_true(instance, "resigned") ? left : "",
	    row_true(instance, "resigned") ? ")" : "");
	return buf;
}
