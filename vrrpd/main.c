/* SPDX-License-Identifier: ISC */
/* vrrpd: options, the order of start, the loop, how it ends. */
#include <sys/mman.h>
#include <sys/resource.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "beside.h"
#include "clock.h"
#include "control.h"
#include "dispatch.h"
#include "group.h"
#include "iface.h"
#include "leave.h"
#include "link/rendezvous.h"
#include "process/background.h"
#include "process/closer.h"
#include "process/log_loop.h"
#include "process/loop.h"
#include "process/notify.h"
#include "process/options.h"
#include "process/priv.h"
#include "process/sandbox.h"
#include "process/signals.h"
#include "receive.h"
#include "reload.h"
#include "rtnetlink.h"
#include "say.h"
#include "socket.h"
#include "strangers.h"
#include "turn.h"
#include "vrrpd.h"
#include "work.h"

/* The loop looks for packets at least this often while timers are due. */
#define DISPATCH_US    500
/* A shorter lease ends before a new vrrpd can renew it. */
#define SHORT_LEASE_MS 1000
/* Far below the unit's LimitRTTIME, and no advert is late for it. */
#define AWAKE_NS       (200 * NS_PER_MS)
/* Memberships may need a socket each; links and clients are some 100. */
#define FILES_MAX      (CONF_INSTANCES_MAX + 256)

/*
 * The loop's timers are as exact as the kernel's, and never relative to a time
 * that was read before other callbacks ran. Many due timers do not keep
 * packets waiting.
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

/* Leaves: all hand over, and forward until the new master is heard. */
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

/* Leaves for a vrrpd that starts at once. A lease that is long enough outlives
 * this process, and its instance does not hand over. */
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

	turn_scan(vrrpd);
	if (vrrpd->ready)
		return;
	vrrpd->ready = true;
	background_ready();
	log_info("ready");
	notify("READY=1");
}

/*
 * Locks all pages, so that none is read from a disk between a timer and its
 * advert. Under a limit of locked memory a later allocation would fail, so
 * nothing is locked there.
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

/* Opens all that needs a capability or root, then gives both up. */
static void
open_all(struct vrrpd *vrrpd, const char *dir)
{
	lock_memory();
	priv_run_dir(dir, USER_VRRPD);
	notify_init();
	vrrpd->sockets = socket_open();
	vrrpd->ifaces = iface_new();
	vrrpd->rtnl = rtnl_open(vrrpd->ifaces);
	log_loop_start(vrrpd->base);
	control_init(vrrpd, dir);
	priv_drop(USER_VRRPD, PRIV_NONE);
}

static void
start(struct vrrpd *vrrpd, const struct options *options)
{
	static const struct socket_handlers handlers = {
	    .receive = receive_packet,
	    .neighbour = receive_neighbour,
	    .outgoing = beside_outgoing,
	};
	struct link_end end = {.epoch = clock_monotonic(), .level = MSG_LEVEL};

	vrrpd->groups = group_new();
	vrrpd->strangers = strangers_new();
	TAILQ_INIT(&vrrpd->announcing);
	leave_init(vrrpd);
	say_init(vrrpd);
	turn_init(vrrpd, work);
	dispatch_init(vrrpd);
	reload_init(vrrpd);
	on_signal(vrrpd, SIGTERM, on_term);
	on_signal(vrrpd, SIGINT, on_term);
	on_signal(vrrpd, SIGUSR2, on_usr2);
	signals_hint(vrrpd->base, SIGHUP, SIGNALS_HINT_RELOAD);
	signals_ignore(vrrpd->base);
	notify_watchdog(vrrpd->base);
	socket_start(vrrpd->sockets, vrrpd->base, &handlers, vrrpd);
	rtnl_start(vrrpd->rtnl, vrrpd->base, interfaces_changed, vrrpd);
	for (end.peer = 0; end.peer < ROLE_MAX; end.peer++) {
		end.fd = options->fds[end.peer];
		if (end.fd != -1)
			dispatch_link(&end, vrrpd);
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

/* From here on vrrpd opens no file. */
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
	/* The log goes to stderr until vrrpd is ready, even if it goes to the
	 * background then. */
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
	if (loop_run(vrrpd->base, AWAKE_NS) == -1)
		fatalx("event loop");
	log_info("ended");
	return 0;
}
