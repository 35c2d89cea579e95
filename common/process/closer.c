/* SPDX-License-Identifier: ISC */
/*
 * The thread and its queue, which is a pipe: there is no lock that the thread
 * could hold while the loop waits. The thread is an ordinary one, whatever the
 * policy of the daemon is.
 */
#include "process/closer.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "log_change.h"
#include "process/priv.h"
#include "process/timer.h"

/* A small one: all of it is resident where memory is locked. */
#define STACK_SIZE (64 * 1024)
/*
 * The handler of WAKE does nothing. The signal ends every wait inside the
 * close(2) that is under way.
 */
#define WAKE	   SIGURG
/* Descriptors that may wait to be closed. */
#define BEHIND	   64
/* closer_full(): 1/FULL of RLIMIT_NOFILE waits. */
#define FULL	   4
/* One close(2) may take so long before it is woken; each of the next ones,
 * until none waits any more. */
#define PATIENCE   (100 * NS_PER_MS)
#define IMPATIENT  (2 * NS_PER_MS)

static struct {
	pthread_t thread;
	int queue; /* the end to write to; -1: there is no thread */
	int taken; /* the thread's end */
	void (*confine)(void);
	sem_t confined; /* posted when the thread is confined */
	bool impatient; /* one had to be woken */
	struct timer watch;
	uint32_t full;		 /* descriptors that may wait, 0: any */
	uint32_t given;		 /* descriptors put into the queue */
	uint32_t seen;		 /* `closed` when it was looked at last */
	_Atomic uint32_t closed; /* by the thread */
} closer = {.queue = -1, .taken = -1};

static void
ignore(int number)
{
	(void)number;
}

static void *
closer_main(void *arg)
{
	ssize_t n;
	int fd;

	(void)arg;
	priv_ordinary("closer");
	closer.confine();
	sem_post(&closer.confined);
	for (;;) {
		n = read(closer.taken, &fd, sizeof(fd));
		if (n == -1 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(fd))
			return NULL;
		close(fd);
		atomic_fetch_add(&closer.closed, 1);
	}
}

static void
watch_on(void)
{
	timer_after(&closer.watch, closer.impatient ? IMPATIENT : PATIENCE);
}

/* Wakes the thread when it has closed nothing since the last look. */
static void
look(void *arg)
{
	uint32_t closed = atomic_load(&closer.closed);

	(void)arg;
	if (closed == closer.given) {
		closer.impatient = false;
		return;
	}
	if (closed == closer.seen)
		closer.impatient = true;
	if (closer.impatient)
		(void)pthread_kill(closer.thread, WAKE);
	closer.seen = closed;
	watch_on();
}

/* The thread is born with all signals blocked but its own. */
static void
thread_new(void)
{
	pthread_attr_t attr;
	sigset_t others, before;
	long least = sysconf(_SC_THREAD_STACK_MIN);
	int error;

	sigfillset(&others);
	sigdelset(&others, WAKE);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	error = pthread_attr_setstacksize(
	    &attr, least > STACK_SIZE ? (size_t)least : STACK_SIZE);
	if (error == 0)
		error = pthread_sigmask(SIG_SETMASK, &others, &before);
	if (error == 0)
		error = pthread_create(
		    &closer.thread, &attr, closer_main, NULL);
	if (error != 0)
		fatalx("closer: no thread: %s (LimitNPROC= and TasksMax= of a "
		       "unit have to allow one)",
		    strerror(error));
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
}

/*
 * Two threads that share the table of descriptors wait for all processors when
 * it grows (expand_files() of Linux, some 10 ms): it does so before, once.
 */
static void
grow_table(void)
{
	struct rlimit limit;
	int fd;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		fatal("closer");
	fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, (int)limit.rlim_cur - 1);
	if (fd != -1)
		close(fd);
	closer.full = (uint32_t)(limit.rlim_cur / FULL);
}

void
closer_start(struct event_base *base, void (*confine)(void))
{
	struct sigaction action = {.sa_handler = ignore};
	int ends[2];

	grow_table();
	if (pipe2(ends, O_CLOEXEC) == -1 ||
	    fcntl(ends[1], F_SETFL, O_NONBLOCK) == -1 ||
	    sigaction(WAKE, &action, NULL) == -1)
		fatal("closer");
	closer.taken = ends[0];
	closer.queue = ends[1];
	closer.confine = confine;
	timer_init(&closer.watch, base, look, NULL);
	if (sem_init(&closer.confined, 0, 0) == -1)
		fatal("closer");
	thread_new();
	/* Wait: nothing from outside is read before the thread is confined. */
	while (sem_wait(&closer.confined) == -1)
		continue;
}

void
closer_close(int fd)
{
	if (closer.queue == -1) {
		close(fd);
		return;
	}
	if (write(closer.queue, &fd, sizeof(fd)) != (ssize_t)sizeof(fd)) {
		/* The descriptor stays open: the loop must not pay for its
		 * close. */
		log_change_warnx("closer", "closer: a descriptor stays open");
		return;
	}
	closer.given++;
	if (!timer_pending(&closer.watch)) {
		closer.seen = atomic_load(&closer.closed);
		watch_on();
	}
}

void
closer_socket(int fd)
{
	(void)shutdown(fd, SHUT_RDWR);
	closer_close(fd);
}

uint32_t
closer_waiting(void)
{
	return closer.given - atomic_load(&closer.closed);
}

bool
closer_behind(void)
{
	return closer_waiting() >= BEHIND;
}

bool
closer_full(void)
{
	return closer.full != 0 && closer_waiting() >= closer.full;
}
