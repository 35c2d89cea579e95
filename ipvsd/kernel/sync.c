/* SPDX-License-Identifier: ISC */
/* IPVS options, time-outs and the daemons of connection synchronisation. */
#include <string.h>

#include "kernel/kernel_int.h"

static void
set_timeouts(struct kernel *kernel, const struct ipvs_timeouts *wanted)
{
	int error = ipvs_nl_set_timeouts(&kernel->ipvs, wanted);

	kernel->stats.commands++;
	if (error == 0)
		return;
	kernel_refused(kernel, "ipvs: time-outs: %s", strerror(error));
}

static void
apply_timeouts(struct kernel *kernel)
{
	const struct conf_ipvs *conf = &kernel->input->conf->ipvs;
	struct ipvs_timeouts now, wanted;
	int error = ipvs_nl_get_timeouts(&kernel->ipvs, &now);

	if (error != 0) {
		log_warnx("ipvs: time-outs: %s", strerror(error));
		return;
	}
	/* What is no longer configured goes back. */
	wanted = kernel->timeouts_changed ? kernel->former_timeouts : now;
	if (conf->tcp_timeout != 0)
		wanted.tcp = conf->tcp_timeout;
	if (conf->tcp_fin_timeout != 0)
		wanted.tcp_fin = conf->tcp_fin_timeout;
	if (conf->udp_timeout != 0)
		wanted.udp = conf->udp_timeout;
	if (wanted.tcp == now.tcp && wanted.tcp_fin == now.tcp_fin &&
	    wanted.udp == now.udp)
		return;
	if (!kernel->timeouts_changed) {
		kernel->timeouts_changed = true;
		kernel->former_timeouts = now;
		kernel_save_changed(kernel);
	}
	set_timeouts(kernel, &wanted);
}

static void
apply_options(struct kernel *kernel)
{
	bool changed = false;

	kernel->stats.errors += sysctl_vs_apply(
	    &kernel->input->conf->ipvs, &kernel->sysctls, &changed);
	if (changed)
		kernel_save_changed(kernel);
	apply_timeouts(kernel);
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
    struct kernel *kernel, const struct ipvs_daemon *daemon, bool start)
{
	int error = start ? ipvs_nl_new_daemon(&kernel->ipvs, daemon) :
			    ipvs_nl_del_daemon(&kernel->ipvs, daemon);

	kernel->stats.commands++;
	if (error == 0) {
		log_change(daemon_name(daemon), "ipvs sync %s: %s on %s, id %u",
		    daemon_name(daemon), start ? "started" : "stopped",
		    daemon->interface, daemon->id);
		return;
	}
	kernel_refused(kernel, "ipvs sync %s: %s on %s: %s",
	    daemon_name(daemon), start ? "start" : "stop", daemon->interface,
	    strerror(error));
	kernel_retry(kernel);
}

/*
 * The master daemon sends a connection up to two seconds after it was queued,
 * and drops what is left when it is stopped. So one that is not wanted any more
 * runs on for a while, and so does the backup daemon of a host that has become
 * the master, which is to hear of those connections.
 */
static bool
lingers(struct kernel *kernel, int which)
{
	uint64_t *until = &kernel->linger_until[which];
	uint64_t clock = clock_monotonic();
	struct timeval delay;

	if (*until == 0)
		*until = clock + KERNEL_LINGER;
	if (clock >= *until)
		return false;
	/* Each time: libevent's clock is a little ahead of ours at times. */
	delay = clock_until(*until, clock);
	(void)evtimer_add(kernel->linger, &delay);
	return true;
}

void
daemon_linger_over(struct kernel *kernel)
{
	kernel->daemons_dirty = true;
	kernel_schedule(kernel);
}

static void
apply_daemons(struct kernel *kernel)
{
	struct ipvs_daemon wanted[2], now[2];
	int error;

	desired_daemons(kernel->input, wanted);
	if (!kernel->input->conf->ipvs.sync.enabled && !kernel->daemons_ours)
		return;
	kernel->daemons_ours = true;
	if ((error = ipvs_nl_get_daemons(&kernel->ipvs, now)) != 0) {
		log_change_warnx("sync", "ipvs sync: %s", strerror(error));
		return;
	}
	for (int i = 0; i < 2; i++) {
		if (wanted[i].state != 0)
			kernel->linger_until[i] = 0;
		/* A backup daemon has only a new master to linger for. */
		else if (now[i].state != 0 &&
		    (i == 0 || wanted[0].state != 0) && lingers(kernel, i))
			continue;
		if (daemon_equal(&wanted[i], &now[i]))
			continue;
		if (now[i].state != 0)
			daemon_command(kernel, &now[i], false);
		if (wanted[i].state != 0)
			daemon_command(kernel, &wanted[i], true);
	}
}

bool
daemon_step(struct kernel *kernel)
{
	if (kernel->stats.ip_vs != IPVS_YES)
		return false;
	if (kernel->options_dirty) {
		kernel->options_dirty = false;
		apply_options(kernel);
		return true;
	}
	if (kernel->daemons_dirty) {
		kernel->daemons_dirty = false;
		apply_daemons(kernel);
		return true;
	}
	return false;
}

/*
 * The master daemon's buffer goes out before the daemon does. What is kept is
 * what a backup has: a master daemon that nobody would stop is no part of it.
 */
bool
daemon_leave_waits(struct kernel *kernel, bool flush)
{
	struct ipvs_daemon wanted[2], now[2];

	if (kernel->stats.ip_vs != IPVS_YES || !kernel->daemons_ours)
		return false;
	/* The last term may have ended in this very turn. */
	if (!flush)
		apply_daemons(kernel);
	desired_daemons(kernel->input, wanted);
	if ((!flush && wanted[0].state != 0) ||
	    ipvs_nl_get_daemons(&kernel->ipvs, now) != 0 || now[0].state == 0)
		return false;
	return lingers(kernel, 0);
}

/* Everything as it was. */
void
daemon_leave(struct kernel *kernel)
{
	struct ipvs_daemon now[2];

	if (kernel->stats.ip_vs != IPVS_YES)
		return;
	if (kernel->daemons_ours &&
	    ipvs_nl_get_daemons(&kernel->ipvs, now) == 0)
		for (int i = 0; i < 2; i++)
			if (now[i].state != 0)
				daemon_command(kernel, &now[i], false);
	sysctl_vs_restore(&kernel->sysctls);
	if (kernel->timeouts_changed)
		set_timeouts(kernel, &kernel->former_timeouts);
	kernel->timeouts_changed = false;
}
