/* SPDX-License-Identifier: ISC */
/* checkd: options, the order of start, the loop. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "control.h"
#include "dispatch.h"
#include "link/rendezvous.h"
#include "log.h"
#include "probe.h"
#include "reload.h"
#include "process/background.h"
#include "process/closer.h"
#include "process/log_loop.h"
#include "process/notify.h"
#include "process/options.h"
#include "process/priv.h"
#include "process/sandbox.h"
#include "process/signals.h"
#include "tell.h"

static void
on_link(const struct link_end *end, void *arg)
{
	dispatch_attach(arg, end);
}

static void
attach(struct checkd *checkd, const struct options *options)
{
	struct link_end end = {.epoch = clock_monotonic(), .level = MSG_LEVEL};

	if (!options->given) {
		checkd->rendezvous = rendezvous_new(
		    checkd->base, options->dir, ROLE_CHECKD, on_link, checkd);
		return;
	}
	for (end.peer = 0; end.peer < ROLE_MAX; end.peer++) {
		end.fd = options->fds[end.peer];
		if (end.fd != -1)
			dispatch_attach(checkd, &end);
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
loop(struct checkd *checkd)
{
	static const int numbers[] = {SIGTERM, SIGUSR2, SIGINT};
	struct event *signals[3];

	for (int i = 0; i < 3; i++) {
		signals[i] = evsignal_new(
		    checkd->base, numbers[i], on_signal, checkd);
		if (signals[i] == NULL || event_add(signals[i], NULL) == -1)
			fatalx("signals: no event");
	}
	signals_hint(checkd->base, SIGHUP, SIGNALS_HINT_RELOAD);
	signals_ignore(checkd->base);
	notify_watchdog(checkd->base);
	notify("READY=1");
	background_ready();
	log_info("ready");
	if (event_base_dispatch(checkd->base) == -1)
		fatalx("the event loop ended");
	notify("STOPPING=1");
	for (int i = 0; i < 3; i++)
		event_free(signals[i]);
}

static void
filter_calls(void)
{
	sandbox_enter(ROLE_CHECKD);
}

/* From here on checkd opens no file. */
static void
confine(const struct checkd *checkd)
{
	static const struct priv_need need = {
	    .files = CHECKD_OPEN_MAX + CHECKD_RESERVED_FDS};

	sandbox_files(NULL, 0);
	priv_limit(&need);
	closer_start(checkd->base, filter_calls);
	priv_no_forks();
	filter_calls();
}

int
main(int argc, char *argv[])
{
	struct options options;
	struct checkd checkd = {.started = clock_monotonic()};

	options_parse(&options, ROLE_CHECKD, argc, argv);
	/* checkd logs to stderr until it is ready, also on its way into the
	 * background. */
	log_init("checkd", true, options.verbose);
	log_loop_messages();
	if (!options.foreground)
		background_begin("checkd");
	priv_run_dir(options.dir, USER_CHECKD);
	signal(SIGPIPE, SIG_IGN);
	notify_init();
	if ((checkd.base = event_base_new()) == NULL)
		fatalx("no event base");
	control_init(&checkd, options.dir);
	priv_drop(USER_CHECKD, PRIV_NONE);
	probes_init(&checkd);
	tell_init(&checkd);
	dispatch_init(&checkd);
	attach(&checkd, &options);
	confine(&checkd);
	loop(&checkd);
	if (checkd.rendezvous != NULL)
		rendezvous_free(checkd.rendezvous);
	dispatch_free(&checkd);
	tell_free(&checkd);
	reload_free(&checkd);
	probes_free(&checkd);
	control_free(&checkd);
	/* In this turn check_http.c frees the connections of ended checks. */
	event_base_loop(checkd.base, EVLOOP_NONBLOCK);
	event_base_free(checkd.base);
	return 0;
}
