/* SPDX-License-Identifier: ISC */
/* What every daemon answers in the same words. */
#include <unistd.h>

#include "clock.h"
#include "ctl/ctl_rows.h"

uint64_t
ctl_ago_ms(uint64_t at, uint64_t now)
{
	return at == 0 || at > now ? 0 : (now - at) / NS_PER_MS;
}

uint64_t
ctl_left_ms(uint64_t at, uint64_t now)
{
	return at == UINT64_MAX || at <= now ? 0 : (at - now) / NS_PER_MS;
}

void
ctl_send_summary(struct ctl_conn *conn, const struct ctl_summary *summary)
{
	struct ctl_row row;

	ctl_row_begin(&row, "daemon");
	ctl_row_string(&row, "daemon", role_name(summary->self));
	ctl_row_string(&row, "version", TRIUMVIR_VERSION);
	ctl_row_uint(&row, "pid", (uint64_t)getpid());
	ctl_row_hex(&row, "generation", summary->generation);
	ctl_row_string(&row, "node", summary->node);
	ctl_row_uint(
	    &row, "uptime_ms", ctl_ago_ms(summary->started, clock_monotonic()));
	ctl_row_bool(&row, "ready", summary->ready);
	ctl_send(conn, &row);
}

void
ctl_send_link(struct ctl_conn *conn, enum role self, const struct link *link)
{
	const struct link_stats *stats = link_stats(link);
	uint64_t now = clock_monotonic();
	struct ctl_row row;

	ctl_row_begin(&row, "link");
	ctl_row_string(&row, "daemon", role_name(self));
	ctl_row_string(&row, "peer", role_name(link_peer(link)));
	ctl_row_string(&row, "state", link_state_name(link_state(link)));
	ctl_row_uint(&row, "since_ms", ctl_ago_ms(stats->since, now));
	if (stats->last_rx != 0)
		ctl_row_uint(
		    &row, "last_rx_ms", ctl_ago_ms(stats->last_rx, now));
	ctl_row_uint(&row, "pid", (uint64_t)link_peer_pid(link));
	ctl_row_uint(&row, "level", link_level(link));
	ctl_row_uint(&row, "rx", stats->rx);
	ctl_row_uint(&row, "tx", stats->tx);
	ctl_row_uint(&row, "queued", stats->queued);
	ctl_row_uint(&row, "dropped_generation", stats->dropped_generation);
	ctl_row_uint(&row, "dropped_unknown", stats->dropped_unknown);
	ctl_row_uint(&row, "dropped_newer", stats->dropped_newer);
	ctl_row_uint(&row, "dropped_full", stats->dropped_full);
	ctl_row_uint(&row, "lies", stats->lies);
	ctl_send(conn, &row);
}

void
ctl_send_event(struct ctl_server *server, enum role self, const char *object,
    const char *name, const char *from, const char *to, const char *text)
{
	struct ctl_row row;

	ctl_row_begin(&row, "event");
	ctl_row_uint(&row, "time_ms", clock_realtime() / NS_PER_MS);
	ctl_row_string(&row, "daemon", role_name(self));
	ctl_row_string(&row, "object", object);
	ctl_row_string(&row, "name", name);
	ctl_row_string(&row, "from", from);
	ctl_row_string(&row, "to", to);
	ctl_row_string(&row, "text", text);
	ctl_broadcast(server, &row);
}

enum ctl_next
ctl_run_monitor(struct ctl_conn *conn, void *arg)
{
	(void)conn;
	(void)arg;
	return CTL_STAY;
}
