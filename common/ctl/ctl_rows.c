/* SPDX-License-Identifier: ISC */
/* What every daemon answers in the same words. */
#include <unistd.h>

#include "clock.h"
#include "ctl/ctl_rows.h"

struct ctl_time
ctl_ago(uint64_t at, uint64_t now)
{
	return ctl_time(at == 0 || at > now ? 0 : (now - at) / NS_PER_MS);
}

struct ctl_time
ctl_left(uint64_t at, uint64_t now)
{
	return ctl_time(
	    at == UINT64_MAX || at <= now ? 0 : (at - now) / NS_PER_MS);
}

void
ctl_send_summary(struct ctl_conn *conn, const struct ctl_summary *summary)
{
	struct ctl_row_daemon row = {
	    .daemon = ctl_text(role_name(summary->self)),
	    .version = ctl_text(TRIUMVIR_VERSION),
	    .pid = ctl_number((uint64_t)getpid()),
	    .generation = ctl_digest(summary->generation),
	    .node = ctl_text(summary->node),
	    .uptime_ms = ctl_ago(summary->started, clock_monotonic()),
	    .ready = ctl_flag(summary->ready),
	};

	ctl_send(conn, &row);
}

void
ctl_send_link(struct ctl_conn *conn, enum role self, const struct link *link)
{
	const struct link_stats *stats = link_stats(link);
	uint64_t now = clock_monotonic();
	struct ctl_row_link row = {
	    .daemon = ctl_text(role_name(self)),
	    .peer = ctl_text(role_name(link_peer(link))),
	    .state = ctl_text(link_state_name(link_state(link))),
	    .since_ms = ctl_ago(stats->since, now),
	    .pid = ctl_number((uint64_t)link_peer_pid(link)),
	    .level = ctl_number(link_level(link)),
	    .rx = ctl_number(stats->rx),
	    .tx = ctl_number(stats->tx),
	    .queued = ctl_number(stats->queued),
	    .dropped_generation = ctl_number(stats->dropped_generation),
	    .dropped_unknown = ctl_number(stats->dropped_unknown),
	    .dropped_newer = ctl_number(stats->dropped_newer),
	    .dropped_full = ctl_number(stats->dropped_full),
	    .lies = ctl_number(stats->lies),
	};

	if (stats->last_rx != 0)
		row.last_rx_ms = ctl_ago(stats->last_rx, now);
	ctl_send(conn, &row);
}

void
ctl_send_event(struct ctl_server *server, enum role self, const char *object,
    const char *name, const char *from, const char *to, const char *text)
{
	struct ctl_row_event row = {
	    .time_ms = ctl_time(clock_realtime() / NS_PER_MS),
	    .daemon = ctl_text(role_name(self)),
	    .object = ctl_text(object),
	    .name = ctl_text(name),
	    .from = ctl_text(from),
	    .to = ctl_text(to),
	    .text = ctl_text(text),
	};

	ctl_broadcast(server, &row);
}

enum ctl_next
ctl_run_monitor(struct ctl_conn *conn, void *arg)
{
	(void)conn;
	(void)arg;
	return CTL_STAY;
}
