/* SPDX-License-Identifier: ISC */
/* The answers at checkd.ctl: HACKING.md lists the rows. */
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

/* In how many ms the next one starts; 0 while the probe is open. */
static uint64_t
next_ms(const struct probe *probe, uint64_t now)
{
	if (probe->run != NULL || probe->item.at < now)
		return 0;
	return (probe->item.at - now) / NS_PER_MS;
}

static void
send_probe(struct ctl_conn *conn, const struct probe *probe, uint64_t now)
{
	const struct conf_probe *conf = probe->conf;
	const struct verdict *verdict = &probe->verdict;
	struct ctl_row row;

	ctl_row_begin(&row, "probe");
	ctl_row_uint(&row, "id", conf->id);
	ctl_row_string(&row, "check", conf->check);
	ctl_row_string(&row, "type", conf_check_type_name(conf->type));
	ctl_row_addr(&row, "address", &conf->addr);
	ctl_row_uint(&row, "port", conf->port);
	ctl_row_string(&row, "health", health_name(verdict->health));
	ctl_row_string(&row, "reason", reason_name(verdict->last.reason));
	ctl_row_uint(&row, "detail", verdict->last.detail);
	ctl_row_uint(&row, "latency_us", verdict->last.latency);
	ctl_row_uint(&row, "since_ms", ctl_ago_ms(probe->since, now));
	ctl_row_uint(&row, "last_ms", ctl_ago_ms(probe->last, now));
	ctl_row_uint(&row, "next_ms", next_ms(probe, now));
	ctl_row_uint(&row, "interval_ms", conf->interval);
	ctl_row_uint(&row, "successes", probe->successes);
	ctl_row_uint(&row, "failures", probe->failures);
	ctl_row_uint(&row, "streak", verdict->streak);
	ctl_row_uint(&row, "skipped", probe->item.skipped);
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

/* The cursor is an id: the generation may change between two slices. */
static enum ctl_next
run_probes(struct ctl_conn *conn, void *arg)
{
	const struct checkd *checkd = arg;
	uint64_t *cursor = ctl_cursor(conn), now = clock_monotonic();
	uint32_t i = find_probe(checkd, cursor[0]);

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
	struct ctl_row row;

	ctl_row_begin(&row, "counters");
	ctl_row_uint(&row, "probes", checkd->probe_count);
	ctl_row_uint(&row, "open", schedule_open(checkd->schedule));
	ctl_row_uint(&row, "open_max", checkd->open_max);
	ctl_row_uint(&row, "started", counters->started);
	ctl_row_uint(&row, "succeeded", counters->succeeded);
	ctl_row_uint(&row, "failed", counters->failed);
	ctl_row_uint(&row, "timeouts", counters->timeouts);
	ctl_row_uint(&row, "limited", counters->limited);
	ctl_row_uint(&row, "changes", counters->changes);
	ctl_row_uint(&row, "reloads", counters->reloads);
	ctl_row_uint(&row, "rejected", receiver_rejects(checkd->receiver));
	ctl_row_uint(&row, "verdicts", counters->verdicts);
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
