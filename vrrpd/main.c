/* SPDX-License-Identifier: ISC */
/* vrrpd: options, the order of start, the loop, how it ends. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "notify.h"
#include "priv.h"
#include "vrrpd.h"

#define RUN_DIR	       "/run/triumvir"
/* The loop looks for packets at least this often while timers are due. */
#define DISPATCH_US    500
/* Longer than the longest interval that handing over may wait for. */
#define EXIT_BOUND_SEC 45
#define SHORT_LEASE_MS 1000
#define FDS_MAX	       2

struct options {
	bool foreground;
	int verbose;
	const char *dir;
	int count; /* of -F */
	enum role roles[FDS_MAX];
	int fds[FDS_MAX];
};

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr, "usage: vrrpd [-dv] [-r directory] [-F role=fd]\n");
	exit(1);
}

static void
option_fd(struct options *options, const char *text)
{
	const char *equals = strchr(text, '=');
	char name[16], *end;
	enum role role;
	long fd;

	if (equals == NULL || (size_t)(equals - text) >= sizeof(name) ||
	    options->count == FDS_MAX)
		usage();
	memcpy(name, text, (size_t)(equals - text));
	name[equals - text] = '\0';
	role = role_from_name(name);
	errno = 0;
	fd = strtol(equals + 1, &end, 10);
	if ((role != ROLE_IPVSD && role != ROLE_CHECKD) || errno != 0 ||
	    end == equals + 1 || *end != '\0' || fd < 3 || fd > 1 << 20)
		usage();
	options->roles[options->count] = role;
	options->fds[options->count++] = (int)fd;
}

static void
parse_options(struct options *options, int argc, char *argv[])
{
	int opt;

	options->dir = RUN_DIR;
	while ((opt = getopt(argc, argv, "dvr:F:")) != -1) {
		switch (opt) {
		case 'd':
			options->foreground = true;
			break;
		case 'v':
			options->verbose++;
			break;
		case 'r':
			options->dir = optarg;
			break;
		case 'F':
			option_fd(options, optarg);
			break;
		default:
			usage();
		}
	}
	if (optind != argc)
		usage();
}

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
			instance_leave(instance);
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
on_watchdog(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	notify("WATCHDOG=1");
}

static void
watchdog(struct vrrpd *vrrpd)
{
	struct timeval half = clock_timeval(notify_watchdog());
	struct event *event;

	if (notify_watchdog() == 0)
		return;
	event = event_new(vrrpd->base, -1, EV_PERSIST, on_watchdog, vrrpd);
	if (event == NULL || event_add(event, &half) == -1)
		fatalx("watchdog");
}

static void
interfaces_changed(void *arg)
{
	struct vrrpd *vrrpd = arg;

	work_scan(vrrpd);
	if (vrrpd->ready)
		return;
	vrrpd->ready = true;
	log_info("ready");
	notify("READY=1");
}

/* Everything that needs a capability or root, then never again. */
static void
open_all(struct vrrpd *vrrpd, const char *dir)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/vrrpd.ctl", dir);

	if (n < 0 || (size_t)n >= sizeof(path))
		fatalx("%s: path too long", dir);
	priv_run_dir(dir);
	notify_init();
	vrrpd->sockets = socket_open();
	vrrpd->ifaces = iface_open();
	vrrpd->ctl = ctl_server_new(
	    vrrpd->base, path, ROLE_VRRPD, control_commands, vrrpd);
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
	watchdog(vrrpd);
	socket_start(vrrpd->sockets, vrrpd->base, receive_packet, vrrpd);
	iface_start(vrrpd->ifaces, vrrpd->base, interfaces_changed, vrrpd);
	for (int i = 0; i < options->count; i++)
		dispatch_link(
		    options->roles[i], options->fds[i], epoch, 0, vrrpd);
	if (options->count == 0)
		vrrpd->rendezvous = rendezvous_new(vrrpd->base, options->dir,
		    ROLE_VRRPD, dispatch_link, vrrpd);
}

int
main(int argc, char *argv[])
{
	struct options options = {0};
	struct vrrpd *vrrpd;

	parse_options(&options, argc, argv);
	log_init("vrrpd", options.foreground, options.verbose);
	if (!options.foreground && daemon(1, 0) == -1)
		fatal("daemon");
	signal(SIGPIPE, SIG_IGN);
	if ((vrrpd = calloc(1, sizeof(*vrrpd))) == NULL)
		fatal("calloc");
	vrrpd->started = clock_monotonic();
	vrrpd->base = base_new();
	open_all(vrrpd, options.dir);
	start(vrrpd, &options);
	if (event_base_dispatch(vrrpd->base) == -1)
		fatalx("event loop");
	log_info("ended");
	return 0;
}
