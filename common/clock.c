/* SPDX-License-Identifier: ISC */
/* Clocks, in nanoseconds. */
#include <time.h>

#include "clock.h"
#include "log.h"

static uint64_t
clock_read(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) == -1)
		fatal("clock_gettime");
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

uint64_t
clock_monotonic(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

uint64_t
clock_boottime(void)
{
	return clock_read(CLOCK_BOOTTIME);
}

uint64_t
clock_realtime(void)
{
	return clock_read(CLOCK_REALTIME);
}

uint64_t
clock_processor(void)
{
	return clock_read(CLOCK_THREAD_CPUTIME_ID);
}

struct timeval
clock_timeval(uint64_t ns)
{
	uint64_t us = (ns + NS_PER_US - 1) / NS_PER_US;
	struct timeval tv;

	tv.tv_sec = (time_t)(us / 1000000);
	tv.tv_usec = (suseconds_t)(us % 1000000);
	return tv;
}
