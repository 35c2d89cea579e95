/* SPDX-License-Identifier: ISC */
/* checkd: options, the order of start, the loop. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checkd.h"
#include "clock.h"
#include "notify.h"
#include "priv.h"
#include "rendezvous.h"

#define RUN_DIR "/run/triumvir"

struct options {
	bool foreground;
	int verbose;
	const char *dir;
	bool given;	   /* -F was */
	int fds[ROLE_MAX]; /* -1: not given */
};

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr, "usage: checkd [-dv] [-r directory] [-F role=fd]\n");
	exit(1);
}

static void
option_fd(struct options *options, const char *text)
{
	const char *equals = strchr(text, '=');
	char name[16], *end;
	enum role role;
	long fd;

	if (equals == NULL || (size_t)(equals - text) >= sizeof(name))
		usage();
	memcpy(name, text, (size_t)(equals - text));
	name[equals - text] = '\0';
	role = role_from_name(name);
	errno = 0;
	fd = strtol(equals + 1, &end, 10);
	if ((role != ROLE_IPVSD && role != ROLE_VRRPD) || errno != 0 ||
	    end == equals + 1 || *end != '\0' || fd < 0 || fd > 1 << 20)
		usage();
	options->fds[role] = (int)fd;
	options->given = true;
}

static void
parse_options(struct options *options, int argc, char *argv[])
{
	int opt;

	options->dir = RUN_DIR;
	for (int i = 0; i < ROLE_MAX; i++)
		options->fds[i] = -1;
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

static void
on_link(enum role peer, int fd, uint64_t epoch, pid_t pid, void *arg)
{
	dispatch_attach(arg, peer, fd, epoch, pid);
}

static void
attach(struct checkd *checkd, const struct options *options)
{
	if (!options->given) {
		checkd->rendezvous = rendezvous_new(
		    checkd->base, options->dir, ROLE_CHECKD, on_link, checkd);
		return;
	}
	for (int i = 0; i < ROLE_MAX; i++) {
		if (options->fds[i] != -1)
			dispatch_attach(checkd, (enum role)i, options->fds[i],
			    clock_monotonic(), 0);
	}
}

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct checkd *checkd = arg;

	(void)what;
	log_info("%s", number == SIGUSR2 ? "restarting" : "leaving");
	event_base_loopexit(checkd->base, NULL);
}

static void
on_watchdog(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	notify("WATCHDOG=1");
}

static struct event *
watchdog(struct event_base *base)
{
	struct timeval every = clock_timeval(notify_watchdog());
	struct event *event;

	if (notify_watchdog() == 0)
		return NULL;
	event = event_new(base, -1, EV_PERSIST, on_watchdog, NULL);
	if (event == NULL || event_add(event, &every) == -1)
		fatalx("watchdog: no event");
	return event;
}

static void
loop(struct checkd *checkd)
{
	static const int numbers[] = {SIGTERM, SIGUSR2, SIGINT};
	struct event *signals[3], *alive = watchdog(checkd->base);

	for (int i = 0; i < 3; i++) {
		signals[i] = evsignal_new(
		    checkd->base, numbers[i], on_signal, checkd);
		if (signals[i] == NULL || event_add(signals[i], NULL) == -1)
			fatalx("signals: no event");
	}
	notify("READY=1");
	log_info("ready");
	if (event_base_dispatch(checkd->base) == -1)
		fatalx("the event loop ended");
	notify("STOPPING=1");
	for (int i = 0; i < 3; i++)
		event_free(signals[i]);
	if (alive != NULL)
		event_free(alive);
}

int
main(int argc, char *argv[])
{
	struct options options = {0};
	struct checkd checkd = {.started = clock_monotonic()};

	parse_options(&options, argc, argv);
	log_init("checkd", true, options.verbose);
	priv_run_dir(options.dir);
	if (!options.foreground) {
		if (daemon(0, 0) == -1)
			fatal("daemon");
		log_init("checkd", false, options.verbose);
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	notify_init();
	if ((checkd.base = event_base_new()) == NULL)
		fatalx("no event base");
	control_init(&checkd, options.dir);
	priv_drop(USER_CHECKD, PRIV_NONE);
	probes_init(&checkd);
	tell_init(&checkd);
	dispatch_init(&checkd);
	attach(&checkd, &options);
	loop(&checkd);
	if (checkd.rendezvous != NULL)
		rendezvous_free(checkd.rendezvous);
	dispatch_free(&checkd);
	tell_free(&checkd);
	probes_free(&checkd);
	control_free(&checkd);
	/* What was left to be freed in the next turn. */
	event_base_loop(checkd.base, EVLOOP_NONBLOCK);
	event_base_free(checkd.base);
	return 0;
}
