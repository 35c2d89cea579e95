/* SPDX-License-Identifier: ISC */
/* See timer.h. */
#include "process/timer.h"

#include "clock.h"
#include "log.h"

/* Fits a time_t of 32 bits, also with the time since boot added. */
#define LONGEST (UINT64_C(30) * 365 * 24 * 3600 * NS_PER_SEC)

static void
due(evutil_socket_t fd, short what, void *arg)
{
	struct timer *timer = arg;

	(void)fd;
	(void)what;
	timer->fn(timer->arg);
}

void
timer_init(
    struct timer *timer, struct event_base *base, void (*fn)(void *), void *arg)
{
	timer->fn = fn;
	timer->arg = arg;
	(void)event_assign(&timer->event, base, -1, 0, due, timer);
}

static uint64_t
due_at(const struct timer *timer)
{
	return timer_pending(timer) ? timer->at : TIMER_NEVER;
}

static void
set(struct timer *timer, uint64_t at, uint64_t wait)
{
	struct timeval tv = clock_timeval(wait < LONGEST ? wait : LONGEST);

	if (event_add(&timer->event, &tv) == -1)
		fatalx("timer: out of memory");
	timer->at = at;
}

void
timer_at(struct timer *timer, uint64_t at)
{
	uint64_t now;

	if (at == due_at(timer))
		return;
	if (at == TIMER_NEVER) {
		timer_stop(timer);
		return;
	}
	now = clock_monotonic();
	set(timer, at, at > now ? at - now : 0);
}

void
timer_after(struct timer *timer, uint64_t ns)
{
	if (ns > LONGEST)
		ns = LONGEST;
	set(timer, clock_monotonic() + ns, ns);
}

void
timer_by(struct timer *timer, uint64_t at)
{
	if (at < due_at(timer))
		timer_at(timer, at);
}

void
timer_soon(struct timer *timer)
{
	timer_by(timer, 0);
}

void
timer_end_of_turn(struct timer *timer)
{
	timer->at = 0;
	event_active(&timer->event, EV_TIMEOUT, 0);
}

void
timer_stop(struct timer *timer)
{
	event_del(&timer->event);
}

bool
timer_pending(const struct timer *timer)
{
	return event_pending(&timer->event, EV_TIMEOUT, NULL);
}
