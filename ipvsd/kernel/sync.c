/* SPDX-License-Identifier: ISC */
/* See sync.h. */
#include "kernel/sync.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "kernel/sysctl.h"
#include "log_change.h"

/* How long a daemon that is not wanted any more runs on. */
#define LINGER (3 * NS_PER_SEC)

struct kernel_sync {
	struct kernel_turn *turn;
	struct ipvs_nl *ipvs;
	struct sysctl_saved sysctls;
	struct ipvs_timeouts former_timeouts;
	bool timeouts_changed;
	struct ipvs_timeouts set; /* what we set last; tcp 0: nothing yet */
	bool options_dirty;	  /* the time-outs too */
	bool daemons_dirty;
	bool daemons_ours;	  /* those that run are ours */
	uint64_t linger_until[2]; /* master, backup; 0: does not linger */
	struct timer linger;
};

static void
on_linger(void *arg)
{
	struct kernel_sync *sync = arg;

	sync_touch_daemons(sync);
	turn_schedule(sync->turn);
}

struct kernel_sync *
sync_new(
    struct kernel_turn *turn, struct event_base *base, struct ipvs_nl *ipvs)
{
	struct kernel_sync *sync = xcalloc(1, sizeof(*sync));

	sync->turn = turn;
	sync->ipvs = ipvs;
	timer_init(&sync->linger, base, on_linger, sync);
	return sync;
}

void
sync_free(struct kernel_sync *sync)
{
	timer_stop(&sync->linger);
	free(sync);
}

void
sync_touch_daemons(struct kernel_sync *sync)
{
	sync->daemons_dirty = true;
}

void
sync_touch(struct kernel_sync *sync)
{
	sync->options_dirty = sync->daemons_dirty = true;
}

static bool
timeouts_equal(const struct ipvs_timeouts *a, const struct ipvs_timeouts *b)
{
	return a->tcp == b->tcp && a->tcp_fin == b->tcp_fin && a->udp == b->udp;
}

static void
set_timeouts(struct kernel_sync *sync, const struct ipvs_timeouts *wanted)
{
	int error = ipvs_nl_set_timeouts(sync->ipvs, wanted);

	sync->turn->stats.commands++;
	if (error == 0)
		sync->set = *wanted;
	else
		turn_refused(
		    sync->turn, "ipvs: time-outs: %s", strerror(error));
}

#define TIMEOUTS_SIZE 64
static const char *
timeouts_text(char text[TIMEOUTS_SIZE], const struct ipvs_timeouts *timeouts)
{
	snprintf(text, TIMEOUTS_SIZE, "tcp %us tcp_fin %us udp %us",
	    timeouts->tcp, timeouts->tcp_fin, timeouts->udp);
	return text;
}

/* Others have changed what we had set. */
static void
tell_repaired(struct kernel_sync *sync, const struct ipvs_timeouts *now)
{
	char from[TIMEOUTS_SIZE], to[TIMEOUTS_SIZE];

	if (sync->set.tcp == 0 || timeouts_equal(&sync->set, now))
		return;
	sync->turn->handlers->repaired("time-outs", timeouts_text(from, now),
	    timeouts_text(to, &sync->set), sync->turn->arg);
}

static void
apply_timeouts(struct kernel_sync *sync)
{
	const struct conf_ipvs *conf = &sync->turn->input->conf->ipvs;
	struct ipvs_timeouts now, wanted;
	int error = ipvs_nl_get_timeouts(sync->ipvs, &now);

	if (error != 0) {
		log_warnx("ipvs: time-outs: %s", strerror(error));
		return;
	}
	/* What is no longer configured goes back. */
	wanted = sync->timeouts_changed ? sync->former_timeouts : now;
	if (conf->tcp_timeout != 0)
		wanted.tcp = conf->tcp_timeout;
	if (conf->tcp_fin_timeout != 0)
		wanted.tcp_fin = conf->tcp_fin_timeout;
	if (conf->udp_timeout != 0)
		wanted.udp = conf->udp_timeout;
	if (timeouts_equal(&wanted, &now))
		return;
	tell_repaired(sync, &now);
	if (!sync->timeouts_changed) {
		sync->timeouts_changed = true;
		sync->former_timeouts = now;
		turn_save_changed(sync->turn);
	}
	set_timeouts(sync, &wanted);
}

static void
apply_options(struct kernel_sync *sync)
{
	bool changed = false;

	sync->turn->stats.errors += sysctl_vs_apply(
	    &sync->turn->input->conf->ipvs, &sync->sysctls, &changed);
	if (changed)
		turn_save_changed(sync->turn);
	apply_timeouts(sync);
}

/* What the kernel fills in for itself is not compared. */
static bool
daemon_equal(const struct ipvs_daemon *wanted, const struct ipvs_daemon *now)
{
	return wanted->state == now->state && wanted->id == now->id &&
	    strcmp(wanted->interface, now->interface) == 0 &&
	    (wanted->port == 0 || wanted->port == now->port) &&
	    (wanted->group.family == AF_UNSPEC ||
		addr_equal(&wanted->group, &now->group));
}

static const char *
daemon_name(const struct ipvs_daemon *daemon)
{
	return daemon->state == IP_VS_STATE_MASTER ? "master" : "backup";
}

static void
daemon_command(
    struct kernel_sync *sync, const struct ipvs_daemon *daemon, bool start)
{
	int error = start ? ipvs_nl_new_daemon(sync->ipvs, daemon) :
			    ipvs_nl_del_daemon(sync->ipvs, daemon);

	sync->turn->stats.commands++;
	if (error == 0) {
		log_change(daemon_name(daemon), "ipvs sync %s: %s on %s, id %u",
		    daemon_name(daemon), start ? "started" : "stopped",
		    daemon->interface, daemon->id);
		return;
	}
	turn_refused(sync->turn, "ipvs sync %s: %s on %s: %s",
	    daemon_name(daemon), start ? "start" : "stop", daemon->interface,
	    strerror(error));
	turn_retry(sync->turn);
}

/*
 * The master daemon sends a connection up to two seconds after it was queued,
 * and drops what is left when it is stopped. So a daemon that is not wanted any
 * more runs on for LINGER. The backup daemon of a host that has become the
 * master runs on as well: it hears of the former master's last connections.
 */
static bool
lingers(struct kernel_sync *sync, int which)
{
	uint64_t *until = &sync->linger_until[which];
	uint64_t clock = clock_monotonic();

	if (*until == 0)
		*until = clock + LINGER;
	if (clock >= *until)
		return false;
	/* Set each time: it may run out a little before our clock says so. */
	timer_at(&sync->linger, *until);
	return true;
}

static void
apply_daemons(struct kernel_sync *sync)
{
	struct ipvs_daemon wanted[2], now[2];
	int error;

	desired_daemons(sync->turn->input, wanted);
	if (!sync->turn->input->conf->ipvs.sync.enabled && !sync->daemons_ours)
		return;
	sync->daemons_ours = true;
	if ((error = ipvs_nl_get_daemons(sync->ipvs, now)) != 0) {
		log_change_warnx("sync", "ipvs sync: %s", strerror(error));
		return;
	}
	for (int i = 0; i < 2; i++) {
		if (wanted[i].state != 0)
			sync->linger_until[i] = 0;
		/* The backup daemon lingers only where we become the master. */
		else if (now[i].state != 0 &&
		    (i == 0 || wanted[0].state != 0) && lingers(sync, i))
			continue;
		if (daemon_equal(&wanted[i], &now[i]))
			continue;
		if (now[i].state != 0)
			daemon_command(sync, &now[i], false);
		if (wanted[i].state != 0)
			daemon_command(sync, &wanted[i], true);
	}
}

bool
sync_step(struct kernel_sync *sync)
{
	if (sync->turn->stats.ip_vs != IPVS_YES)
		return false;
	if (sync->options_dirty) {
		sync->options_dirty = false;
		apply_options(sync);
		return true;
	}
	if (sync->daemons_dirty) {
		sync->daemons_dirty = false;
		apply_daemons(sync);
		return true;
	}
	return false;
}

/*
 * The master daemon's buffer goes out before the daemon is stopped. Without
 * flush a backup's daemon stays: nobody would stop a master's.
 */
bool
sync_leave_waits(struct kernel_sync *sync, bool flush)
{
	struct ipvs_daemon wanted[2], now[2];

	if (sync->turn->stats.ip_vs != IPVS_YES || !sync->daemons_ours)
		return false;
	/* The last term may have ended in this very turn. */
	if (!flush)
		apply_daemons(sync);
	desired_daemons(sync->turn->input, wanted);
	if ((!flush && wanted[0].state != 0) ||
	    ipvs_nl_get_daemons(sync->ipvs, now) != 0 || now[0].state == 0)
		return false;
	return lingers(sync, 0);
}

void
sync_leave(struct kernel_sync *sync)
{
	struct ipvs_daemon now[2];

	if (sync->turn->stats.ip_vs != IPVS_YES)
		return;
	if (sync->daemons_ours && ipvs_nl_get_daemons(sync->ipvs, now) == 0)
		for (int i = 0; i < 2; i++)
			if (now[i].state != 0)
				daemon_command(sync, &now[i], false);
	sysctl_vs_restore(&sync->sysctls);
	if (sync->timeouts_changed)
		set_timeouts(sync, &sync->former_timeouts);
	sync->timeouts_changed = false;
}

void
sync_save(const struct kernel_sync *sync, FILE *file)
{
	sysctl_vs_save(&sync->sysctls, file);
	if (sync->timeouts_changed)
		(void)fprintf(file, "timeouts %u %u %u\n",
		    sync->former_timeouts.tcp, sync->former_timeouts.tcp_fin,
		    sync->former_timeouts.udp);
	if (sync->daemons_ours)
		(void)fprintf(file, "daemons\n");
}

bool
sync_load(struct kernel_sync *sync, const char *line)
{
	struct ipvs_timeouts timeouts;

	if (sysctl_vs_load(&sync->sysctls, line))
		return true;
	if (strcmp(line, "daemons\n") == 0) {
		sync->daemons_ours = true;
		return true;
	}
	if (sscanf(line, "timeouts %u %u %u", &timeouts.tcp, &timeouts.tcp_fin,
		&timeouts.udp) != 3)
		return false;
	sync->former_timeouts = timeouts;
	sync->timeouts_changed = true;
	return true;
}
