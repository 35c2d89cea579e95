/* SPDX-License-Identifier: ISC */
/* See log_loop.h. */
#include "process/log_loop.h"

#include "log.h"
#include "log_change.h"
#include "process/timer.h"

static struct timer tick;

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
	if (!timer_pending(&tick))
		timer_after(&tick, LOG_CHANGE_TICK);
}

static void
on_tick(void *arg)
{
	(void)arg;
	log_change_tick();
}

void
log_loop_start(struct event_base *base)
{
	timer_init(&tick, base, on_tick, NULL);
	log_change_init(arm);
}
