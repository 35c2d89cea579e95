/* SPDX-License-Identifier: ISC */
/* Clocks, in nanoseconds. Decisions never read them: they are handed `now`. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <sys/time.h>

#include <stdint.h>

#define NS_PER_SEC UINT64_C(1000000000)
#define NS_PER_MS  UINT64_C(1000000)
#define NS_PER_US  UINT64_C(1000)

uint64_t clock_monotonic(void); /* CLOCK_MONOTONIC */
uint64_t clock_boottime(void);	/* CLOCK_BOOTTIME, counts suspend as well */
uint64_t clock_processor(void); /* what this thread has had of one */
uint64_t clock_realtime(void);	/* CLOCK_REALTIME, for what people read */

/* The same time span, rounded up to a microsecond. */
struct timeval clock_timeval(uint64_t ns);

#endif
