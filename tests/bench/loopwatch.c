/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into a daemon by a benchmark: measures how long its event loop
 * is away, that is from the return of epoll_wait(2) to the next call, and
 * keeps a histogram in the file LOOPWATCH, which the benchmark reads while
 * the daemon runs. The daemon itself knows nothing of it.
 *
 * A turn is measured by the wall's clock and by the thread's own processor
 * time: the first has in it what other processes took from us on a busy
 * machine, the second what only blocks.
 *
 * The file: a u64 reset request (written by the benchmark; the counts start
 * anew when it differs from what was seen), u64 the one seen, then for the
 * wall and for the processor time: u64 the longest in ns and a u64 count for
 * each bucket of BUCKET_NS.
 */
#include <sys/epoll.h>
#include <sys/mman.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BUCKET_NS 20000 /* 20 us */
#define BUCKETS	  10000 /* up to 200 ms; the last takes what is longer */

struct histogram {
	uint64_t longest;
	uint64_t counts[BUCKETS];
};

struct watch {
	uint64_t wanted;
	uint64_t seen;
	struct histogram wall;
	struct histogram processor;
};

static struct watch *watch;
static pid_t owner;
static uint64_t wall_returned, processor_returned;

static uint64_t
now_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

__attribute__((constructor)) static void
loopwatch_open(void)
{
	const char *path = getenv("LOOPWATCH");
	void *map;
	int fd;

	if (path == NULL)
		return;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1 || ftruncate(fd, sizeof(struct watch)) == -1)
		abort();
	map = mmap(NULL, sizeof(struct watch), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		abort();
	watch = map;
	owner = getpid();
}

static void
count(struct histogram *histogram, uint64_t ns)
{
	uint64_t bucket = ns / BUCKET_NS;

	if (ns > histogram->longest)
		histogram->longest = ns;
	histogram->counts[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
}

static void
away(void)
{
	if (watch->wanted != watch->seen) {
		memset(&watch->wall, 0, sizeof(watch->wall));
		memset(&watch->processor, 0, sizeof(watch->processor));
		watch->seen = watch->wanted;
	}
	count(&watch->wall, now_ns(CLOCK_MONOTONIC) - wall_returned);
	count(&watch->processor,
	    now_ns(CLOCK_THREAD_CPUTIME_ID) - processor_returned);
}

typedef int (*epoll_wait_fn)(int, struct epoll_event *, int, int);

int
epoll_wait(int fd, struct epoll_event *events, int size, int timeout)
{
	static epoll_wait_fn real;
	int result;

	if (real == NULL)
		real = (epoll_wait_fn)(uintptr_t)dlsym(RTLD_NEXT, "epoll_wait");
	if (watch == NULL || getpid() != owner)
		return real(fd, events, size, timeout);
	if (wall_returned != 0)
		away();
	result = real(fd, events, size, timeout);
	wall_returned = now_ns(CLOCK_MONOTONIC);
	processor_returned = now_ns(CLOCK_THREAD_CPUTIME_ID);
	return result;
}
