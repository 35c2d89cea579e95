/* SPDX-License-Identifier: ISC */
/* The answers at checkd.ctl: ctl_table.h lists the rows. */
#include <stdlib.h>

#include "clock.h"
#include "control.h"
#include "ctl/ctl.h"
#include "ctl/ctl_rows.h"
#include "ctl/ctl_server.h"
#include "generation/receiver.h"
#include "link/link.h"
#include "process/log_loop.h"
#include "schedule.h"

static enum ctl_next
run_summary(struct ctl_conn *conn, void *arg)
{
	const struct checkd *checkd = arg;
	const struct conf *conf = checkd->conf;
	struct ctl_summary summary = {
	    .self = ROLE_CHECKD,
	    .generation = conf == NULL ? 0 : conf->generation,
	    .node = conf == NULL ? NULL : conf->self,
	    .started = checkd->started,
	    .ready = true,
	};

	ctl_send_summary(conn, &summary);
	return CTL_DONE;
}

static enum ctl_next
run_links(struct ctl_conn *conn, void *arg)
{
	const struct checkd *checkd = arg;

	for (int i = 0; i < PEER_MAX; i++)
		ctl_send_link(conn, ROLE_CHECKD, checkd->peers[i].link);
	return CTL_DONE;
}

static void
send_probe(struct ctl_conn *conn, const struct probe *probe, uint64_t now)
{
	const struct conf_probe *conf = probe->conf;
	const struct verdict *verdict = &probe->verdict;
	struct ctl_row_probe row = {
	    .id = ctl_number(conf->id),
	    .check = ctl_text(conf->check),
	    .type = ctl_text(conf_check_type_name(conf->type)),
	    .address = ctl_addr(&conf->addr),
	    .port = ctl_number(conf->port),
	    .health = ctl_text(health_name(verdict->health)),
	    .reason = ctl_text(reason_name(verdict->last.reason)),
	    .detail = ctl_number(verdict->last.detail),
	    .latency_us = ctl_number(verdict->last.latency),
	    .since_ms = ctl_ago(probe->since, now),
	    .last_ms = ctl_ago(probe->last, now),
	    .next_ms = ctl_left(probe->run != NULL ? 0 : probe->item.at, now),
	    .interval_ms = ctl_time(conf->interval),
	    .successes = ctl_number(probe->successes),
	    .failures = ctl_number(probe->failures),
	    .streak = ctl_number(verdict->streak),
	    .rise = ctl_number(conf->rise),
	    .fall = ctl_number(conf->fall),
	    .skipped = ctl_number(probe->item.skipped),
	};

	ctl_send(conn, &row);
}

/* The first probe whose id is at least this. */
static uint32_t
find_probe(const struct checkd *checkd, uint64_t id)
{
	uint32_t low = 0, high = checkd->probe_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (checkd->probes[middle]->conf->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The least id in a list like "2,7,4" that is not less than *id. */
static bool
next_listed(const char *list, uint64_t *id)
{
	uint64_t next = UINT64_MAX, found;
	char *end;

	for (;; list = end + 1) {
		found = strtoull(list, &end, 10);
		if (end != list && found >= *id && found < next)
			next = found;
		if (*end != ',')
			break;
	}
	*id = next;
	return next != UINT64_MAX;
}

static enum ctl_next
run_listed(struct ctl_conn *conn, const struct checkd *checkd)
{
	uint64_t *id = ctl_cursor(conn), now = clock_monotonic();
	uint32_t i;

	for (int n = 0; n < CTL_SLICE; n++, ++*id) {
		if (!next_listed(ctl_argv(conn, 1), id))
			return CTL_DONE;
		i = find_probe(checkd, *id);
		if (i < checkd->probe_count &&
		    checkd->probes[i]->conf->id == *id)
			send_probe(conn, checkd->probes[i], now);
	}
	return CTL_MORE;
}

/* All, or those of a list. The cursor is an id: the generation may change
 * between two slices. */
static enum ctl_next
run_probes(struct ctl_conn *conn, void *arg)
{
	const struct checkd *checkd = arg;
	uint64_t *cursor = ctl_cursor(conn), now = clock_monotonic();
	uint32_t i = find_probe(checkd, cursor[0]);

	if (ctl_argc(conn) > 1)
		return run_listed(conn, checkd);
	for (int n = 0; n < CTL_SLICE; n++, i++) {
		if (i == checkd->probe_count)
			return CTL_DONE;
		send_probe(conn, checkd->probes[i], now);
		cursor[0] = (uint64_t)checkd->probes[i]->conf->id + 1;
	}
	return CTL_MORE;
}

static enum ctl_next
run_counters(struct ctl_conn *conn, void *arg)
{
	const struct checkd *checkd = arg;
	const struct counters *counters = &checkd->counters;
	struct ctl_row_counters row = {
	    .probes = ctl_number(checkd->probe_count),
	    .open = ctl_number(schedule_open(checkd->schedule)),
	    .open_max = ctl_number(checkd->open_max),
	    .started = ctl_number(counters->started),
	    .succeeded = ctl_number(counters->succeeded),
	    .failed = ctl_number(counters->failed),
	    .timeouts = ctl_number(counters->timeouts),
	    .limited = ctl_number(counters->limited),
	    .changes = ctl_number(counters->changes),
	    .reloads = ctl_number(counters->reloads),
	    .rejected = ctl_number(receiver_rejects(checkd->receiver)),
	    .verdicts = ctl_number(counters->verdicts),
	};

	ctl_send(conn, &row);
	return CTL_DONE;
}

static const struct ctl_command commands[] = {
    {"summary", false, run_summary},
    {"links", false, run_links},
    {"monitor", false, ctl_run_monitor},
    {"probes", false, run_probes},
    {"counters", false, run_counters},
    {NULL, false, NULL},
};

void
control_init(struct checkd *checkd, const char *dir)
{
	log_loop_start(checkd->base);
	checkd->ctl = ctl_server_new(
	    checkd->base, dir, ROLE_CHECKD, commands, checkd);
}

void
control_free(struct checkd *checkd)
{
	ctl_server_free(checkd->ctl);
}
