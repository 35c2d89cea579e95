/* SPDX-License-Identifier: ISC */
/* See log_loop.h. */
#include "process/log_loop.h"

#include "log.h"
#include "log_change.h"

static struct event *timer;

static void
libevent_says(int severity, const char *text)
{
	if (severity >= EVENT_LOG_WARN)
		log_warnx("libevent: %s", text);
	else
		log_debug("libevent: %s", text);
}

void
log_loop_messages(void)
{
	event_set_log_callback(libevent_says);
}

static void
arm(void)
{
	struct timeval tick = clock_timeval(LOG_CHANGE_TICK);

	if (!evtimer_pending(timer, NULL))
		evtimer_add(timer, &tick);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	log_change_tick();
}

void
log_loop_start(struct event_base *base)
{
	timer = evtimer_new(base, on_tick, NULL);
	if (timer == NULL)
		fatalx("log: no event");
	log_change_init(arm);
}
