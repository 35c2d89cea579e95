/* SPDX-License-Identifier: ISC */
/* See turn.h. */
#include "kernel/turn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CLOCK_EVERY 64 /* small things between two looks at the clock */
#define LOG_BURST   20 /* refused commands logged in LOG_WINDOW */
#define LOG_WINDOW  (60 * NS_PER_SEC)

static void
on_work(evutil_socket_t fd, short what, void *arg)
{
	struct kernel_turn *turn = arg;

	(void)fd;
	(void)what;
	if (turn->own->step(turn->own_arg))
		turn_schedule(turn);
}

static void
on_resync(evutil_socket_t fd, short what, void *arg)
{
	struct kernel_turn *turn = arg;

	(void)fd;
	(void)what;
	turn->retrying = false;
	turn->own->resync(turn->own_arg);
}

void
turn_init(struct kernel_turn *turn, struct event_base *base,
    const struct turn_handlers *own, void *arg)
{
	memset(turn, 0, sizeof(*turn));
	turn->own = own;
	turn->own_arg = arg;
	turn->work = evtimer_new(base, on_work, turn);
	turn->resync = evtimer_new(base, on_resync, turn);
	if (turn->work == NULL || turn->resync == NULL)
		fatalx("out of memory");
}

void
turn_clear(struct kernel_turn *turn)
{
	event_free(turn->work);
	event_free(turn->resync);
}

void
turn_schedule(struct kernel_turn *turn)
{
	/* By a timer, so that the loop polls in between. */
	static const struct timeval now = {.tv_sec = 0};

	if (!evtimer_pending(turn->work, NULL))
		(void)evtimer_add(turn->work, &now);
}

bool
turn_slice_over(uint64_t *start, uint32_t done)
{
	uint64_t now;

	if (done % CLOCK_EVERY != 0)
		return false;
	now = clock_monotonic();
	if (*start == 0)
		*start = now;
	return now - *start > TURN_SLICE;
}

void
turn_resync(struct kernel_turn *turn, uint64_t after)
{
	struct timeval delay = clock_timeval(after * NS_PER_MS);

	if (after != 0 && !turn->retrying)
		(void)evtimer_add(turn->resync, &delay);
}

void
turn_retry(struct kernel_turn *turn)
{
	static const struct timeval soon = {.tv_sec = 1};

	/* What is refused again and again does not put it off. */
	if (turn->retrying)
		return;
	turn->retrying = true;
	(void)evtimer_add(turn->resync, &soon);
}

void
turn_refused(struct kernel_turn *turn, const char *format, ...)
{
	struct kernel_stats *stats = &turn->stats;
	char more[LOG_MORE_SIZE];
	uint32_t suppressed;
	va_list ap;

	va_start(ap, format);
	vsnprintf(stats->last_error, sizeof(stats->last_error), format, ap);
	va_end(ap);
	stats->errors++;
	stats->last_error_at = clock_monotonic();
	if (log_limit(&turn->limit, stats->last_error_at, LOG_BURST, LOG_WINDOW,
		&suppressed))
		log_warnx(
		    "%s%s", stats->last_error, log_more(suppressed, more));
}

void
turn_save_changed(struct kernel_turn *turn)
{
	turn->handlers->save(turn->arg);
}
