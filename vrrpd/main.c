/* SPDX-License-Identifier: ISC */
/* vrrpd: options, the order of start, the loop, how it ends. */
#include <sys/mman.h>
#include <sys/resource.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "process/background.h"
#include "process/closer.h"
#include "process/log_loop.h"
#include "process/notify.h"
#include "process/options.h"
#include "process/priv.h"
#include "process/sandbox.h"
#include "rtnetlink.h"
#include "vrrpd.h"

/* The loop looks for packets at least this often while timers are due. */
#define DISPATCH_US    500
/* Longer than the longest interval that handing over may wait for. */
#define EXIT_BOUND_SEC 45
#define SHORT_LEASE_MS 1000
/* Memberships may need a socket each; links and clients are some 100. */
#define FILES_MAX      (CONF_INSTANCES_MAX + 256)

/*
 * Timers as exact as the kernel's, never relative to a time that was read
 * before other callbacks ran; and many due timers do not keep packets waiting.
 */
static struct event_base *
base_new(void)
{
	struct event_config *config = event_config_new();
	struct timeval most = {0, DISPATCH_US};
	struct event_base *base;

	if (config == NULL ||
	    event_config_set_flag(config,
		EVENT_BASE_FLAG_PRECISE_TIMER | EVENT_BASE_FLAG_NO_CACHE_TIME |
		    EVENT_BASE_FLAG_NOLOCK) == -1 ||
	    event_config_set_max_dispatch_interval(config, &most, -1, 0) ==
		-1 ||
	    (base = event_base_new_with_config(config)) == NULL)
		fatalx("event base");
	event_config_free(config);
	return base;
}

static void
bound_reached(evutil_socket_t fd, short what, void *arg)
{
	struct vrrpd *vrrpd = arg;

	(void)fd;
	(void)what;
	log_warnx("still handing over after %d s, leaving all the same",
	    EXIT_BOUND_SEC);
	event_base_loopexit(vrrpd->base, NULL);
}

void
vrrpd_instance_gone(struct vrrpd *vrrpd)
{
	struct instance *instance;

	if (!vrrpd->exiting)
		return;
	LIST_FOREACH(instance, &vrrpd->instances, entry) {
		if (instance->leaving)
			return;
	}
	event_base_loopexit(vrrpd->base, NULL);
}

/* Those whose lease is shorter than `least` ms hand over, then we exit. */
static void
leave(struct vrrpd *vrrpd, uint64_t least)
{
	struct instance *instance, *next;
	struct timeval bound = {EXIT_BOUND_SEC, 0};

	notify("STOPPING=1");
	vrrpd->exiting = true;
	table_abort(vrrpd);
	for (instance = LIST_FIRST(&vrrpd->instances); instance != NULL;
	     instance = next) {
		next = LIST_NEXT(instance, entry);
		if (3 * (uint64_t)instance->conf->interval < least)
			instance_leave(instance, "shutdown");
	}
	event_add(vrrpd->bound, &bound);
	vrrpd_instance_gone(vrrpd);
}

/* Leave: hand over, keep forwarding until the new master is heard. */
static void
on_term(evutil_socket_t number, short what, void *arg)
{
	struct vrrpd *vrrpd = arg;

	(void)number;
	(void)what;
	if (vrrpd->exiting)
		return;
	log_info("leaving");
	leave(vrrpd, UINT64_MAX);
}

/* Back at once: the lease outlives us, if it is long enough. */
static void
on_usr2(evutil_socket_t number, short what, void *arg)
{
	struct vrrpd *vrrpd = arg;

	(void)number;
	(void)what;
	if (vrrpd->exiting)
		return;
	log_info("ending for a restart, leases stay");
	leave(vrrpd, SHORT_LEASE_MS);
}

static void
on_hup(evutil_socket_t number, short what, void *arg)
{
	(void)number;
	(void)what;
	(void)arg;
	log_info("SIGHUP is ignored: to reload, run \"vipctl reload\"");
}

static void
on_signal(struct vrrpd *vrrpd, int number, event_callback_fn callback)
{
	struct event *event = evsignal_new(
	    vrrpd->base, number, callback, vrrpd);

	if (event == NULL || event_add(event, NULL) == -1)
		fatalx("signal %d", number);
}

static void
interfaces_changed(void *arg)
{
	struct vrrpd *vrrpd = arg;

	work_scan(vrrpd);
	if (vrrpd->ready)
		return;
	vrrpd->ready = true;
	background_ready();
	log_info("ready");
	notify("READY=1");
}

/*
 * No page is read from a disk between a timer and its advert. Where memory is
 * counted, growing must not fail for that: then all stays as it is.
 */
static void
lock_memory(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) == -1 ||
	    limit.rlim_cur != RLIM_INFINITY)
		return;
	if (mlockall(MCL_CURRENT | MCL_FUTURE) == -1)
		log_warn("mlockall");
}

/* Everything that needs a capability or root, then never again. */
static void
open_all(struct vrrpd *vrrpd, const char *dir)
{
	lock_memory();
	priv_run_dir(dir, USER_VRRPD);
	notify_init();
	vrrpd->sockets = socket_open();
	vrrpd->ifaces = iface_new();
	vrrpd->rtnl = rtnl_open(vrrpd->ifaces);
	control_init(vrrpd, dir);
	priv_drop(USER_VRRPD, PRIV_NONE);
}

static void
start(struct vrrpd *vrrpd, const struct options *options)
{
	uint64_t epoch = clock_monotonic();

	vrrpd->groups = group_new();
	vrrpd->bound = evtimer_new(vrrpd->base, bound_reached, vrrpd);
	if (vrrpd->bound == NULL)
		fatalx("event");
	work_init(vrrpd);
	dispatch_init(vrrpd);
	on_signal(vrrpd, SIGTERM, on_term);
	on_signal(vrrpd, SIGINT, on_term);
	on_signal(vrrpd, SIGUSR2, on_usr2);
	on_signal(vrrpd, SIGHUP, on_hup);
	notify_watchdog(vrrpd->base);
	socket_start(vrrpd->sockets, vrrpd->base, receive_packet, vrrpd);
	rtnl_start(vrrpd->rtnl, vrrpd->base, interfaces_changed, vrrpd);
	for (enum role role = 0; role < ROLE_MAX; role++) {
		if (options->fds[role] != -1)
			dispatch_link(
			    role, options->fds[role], epoch, 0, vrrpd);
	}
	if (!options->given)
		vrrpd->rendezvous = rendezvous_new(vrrpd->base, options->dir,
		    ROLE_VRRPD, dispatch_link, vrrpd);
}

static void
filter_calls(void)
{
	sandbox_enter(ROLE_VRRPD);
}

/* It needs no file any more. */
static void
confine(const struct vrrpd *vrrpd)
{
	static const struct priv_need need = {.files = FILES_MAX};

	sandbox_files(NULL, 0);
	priv_limit(&need);
	closer_start(vrrpd->base, filter_calls);
	priv_no_forks();
	filter_calls();
}

int
main(int argc, char *argv[])
{
	struct options options;
	struct vrrpd *vrrpd;

	options_parse(&options, ROLE_VRRPD, argc, argv);
	/* To stderr until it is ready, also on the way into background. */
	log_init("vrrpd", true, options.verbose);
	log_loop_messages();
	if (!options.foreground)
		background_begin("vrrpd");
	signal(SIGPIPE, SIG_IGN);
	if ((vrrpd = calloc(1, sizeof(*vrrpd))) == NULL)
		fatal("calloc");
	vrrpd->started = clock_monotonic();
	vrrpd->base = base_new();
	open_all(vrrpd, options.dir);
	start(vrrpd, &options);
	confine(vrrpd);
	if (event_base_dispatch(vrrpd->base) == -1)
		fatalx("event loop");
	log_info("ended");
	return 0;
}
