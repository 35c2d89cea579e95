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
on_work(void *arg)
{
	struct kernel_turn *turn = arg;

	if (turn->own->step(turn->own_arg))
		turn_schedule(turn);
}

static void
on_resync(void *arg)
{
	struct kernel_turn *turn = arg;
	bool all = turn->retrying;

	turn->retrying = false;
	turn->own->resync(all, turn->own_arg);
}

void
turn_init(struct kernel_turn *turn, struct event_base *base,
    const struct turn_handlers *own, void *arg)
{
	memset(turn, 0, sizeof(*turn));
	turn->own = own;
	turn->own_arg = arg;
	timer_init(&turn->work, base, on_work, turn);
	timer_init(&turn->resync, base, on_resync, turn);
}

void
turn_clear(struct kernel_turn *turn)
{
	timer_stop(&turn->work);
	timer_stop(&turn->resync);
}

void
turn_schedule(struct kernel_turn *turn)
{
	timer_soon(&turn->work);
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
	if (after != 0 && !turn->retrying)
		timer_after(&turn->resync, after * NS_PER_MS);
}

void
turn_retry(struct kernel_turn *turn)
{
	/* What is refused again and again does not put it off. */
	if (turn->retrying)
		return;
	turn->retrying = true;
	timer_after(&turn->resync, NS_PER_SEC);
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
