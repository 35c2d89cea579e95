/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into a daemon, this moves its wall clock and nothing else: what
 * CLOCK_REALTIME is said to be is off by the seconds that $CLOCK_SHIFT, a
 * file of one int64_t, holds at that moment. The machine's clock stays.
 */
#include <sys/mman.h>
#include <sys/time.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shift;
static int (*real_gettime)(clockid_t, struct timespec *);

static void __attribute__((constructor)) begin(void)
{
	const char *path = getenv("CLOCK_SHIFT");
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	void *map;

	real_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	map = mmap(NULL, sizeof(*shift), PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		abort();
	close(fd);
	shift = map;
}

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int result = real_gettime(id, ts);

	if (result == 0 &&
	    (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		ts->tv_sec += *shift;
	return result;
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *where)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (where != NULL)
		*where = ts.tv_sec;
	return ts.tv_sec;
}
