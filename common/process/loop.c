/* SPDX-License-Identifier: ISC */
/* See loop.h. */
#include <sys/resource.h>

#include <time.h>

#include "clock.h"
#include "process/loop.h"

/* How often this thread has slept. To wait for a processor is no sleep. */
static long
sleeps(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw;
}

int
loop_run(struct event_base *base, uint64_t awake)
{
	static const struct timespec rest = {.tv_nsec = LOOP_REST};
	uint64_t since = clock_monotonic(), now;
	long before = sleeps(), slept;
	int result;

	do {
		result = event_base_loop(base, EVLOOP_ONCE);
		now = clock_monotonic();
		if (now - since < awake)
			continue;
		slept = sleeps();
		if (slept == before)
			nanosleep(&rest, NULL);
		before = slept;
		since = clock_monotonic();
	} while (result == 0 && !event_base_got_exit(base) &&
	    !event_base_got_break(base));
	return result == -1 ? -1 : 0;
}
