/* SPDX-License-Identifier: ISC */
/*
 * The gate for messages that strangers provoke, the journal's lines, and a log
 * that nobody reads.
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <event2/event.h>

#include <signal.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "process/log_loop.h"
#include "unit.h"

static void
bursts_and_counts(void **state)
{
	struct log_limit limit = {0};
	uint32_t suppressed;
	uint64_t now = NS_PER_SEC;

	(void)state;
	assert_true(log_limit(&limit, now, 2, NS_PER_SEC, &suppressed));
	assert_true(log_limit(&limit, now, 2, NS_PER_SEC, &suppressed));
	for (int i = 0; i < 5; i++)
		assert_false(
		    log_limit(&limit, now + 1, 2, NS_PER_SEC, &suppressed));
	assert_false(log_limit(
	    &limit, now + NS_PER_SEC - 1, 2, NS_PER_SEC, &suppressed));
	assert_true(
	    log_limit(&limit, now + NS_PER_SEC, 2, NS_PER_SEC, &suppressed));
	assert_int_equal(suppressed, 6);
	assert_true(
	    log_limit(&limit, now + NS_PER_SEC, 2, NS_PER_SEC, &suppressed));
	assert_int_equal(suppressed, 0);
}

/* What a warning looks like on a stderr that is this pipe. */
static const char *
warned(const int pipe_fds[2])
{
	static char text[128];
	int own = dup(STDERR_FILENO);
	ssize_t len;

	dup2(pipe_fds[1], STDERR_FILENO);
	log_init("test", true, 0);
	log_warnx("eth0: odd");
	dup2(own, STDERR_FILENO);
	close(own);
	log_init("test", true, 0);
	len = read(pipe_fds[0], text, sizeof(text) - 1);
	assert_true(len > 0);
	text[len] = '\0';
	return text;
}

static void
journal_gets_priorities(void **state)
{
	char stream[64];
	struct stat st;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fstat(fds[1], &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu",
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	assert_string_equal(warned(fds), "<4>eth0: odd\n");
	snprintf(stream, sizeof(stream), "%llu:%llu",
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino + 1);
	setenv("JOURNAL_STREAM", stream, 1);
	assert_non_null(strstr(warned(fds), " test: eth0: odd\n"));
	assert_null(strchr(warned(fds), '<'));
	unsetenv("JOURNAL_STREAM");
	close(fds[0]);
	close(fds[1]);
}

/* stderr is this from here to the next call, and then ours again. */
static void
swap_stderr(int fd)
{
	static int own = -1;

	if (own == -1) {
		own = dup(STDERR_FILENO);
		dup2(fd, STDERR_FILENO);
	} else {
		dup2(own, STDERR_FILENO);
		close(own);
		own = -1;
	}
	log_init("test", true, 0);
}

/* All that lies there; how many lines it is. */
static unsigned
drain(int fd, char *text, size_t size)
{
	unsigned lines = 0;
	size_t used = 0;
	ssize_t n;

	while ((n = recv(fd, text + used, size - 1 - used, MSG_DONTWAIT)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	for (const char *p = text; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	return lines;
}

/* The calls return, and say later what was lost. */
static void
nobody_reads(int type)
{
	enum { LINES = 20000 };
	static char text[1 << 20];
	char said[128];
	unsigned came;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds), 0);
	swap_stderr(fds[1]);
	alarm(30);
	for (int i = 0; i < LINES; i++)
		log_warnx("line %d", i);
	alarm(0);
	came = drain(fds[0], text, sizeof(text));
	log_warnx("again");
	log_warnx("and again");
	swap_stderr(-1);
	assert_in_range(came, 1, LINES - 2);
	assert_int_equal(drain(fds[0], text, sizeof(text)), 2);
	snprintf(said, sizeof(said),
	    " test: again (%u lines of the log were lost)\n", LINES - came);
	assert_non_null(strstr(text, said));
	assert_non_null(strstr(text, " test: and again\n"));
	close(fds[0]);
	close(fds[1]);
}

static void
a_socket_is_not_waited_for(void **state)
{
	(void)state;
	nobody_reads(SOCK_STREAM);
	nobody_reads(SOCK_DGRAM);
}

/* Nor is its end ours. */
static void
a_reader_that_has_gone(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	close(fds[0]);
	swap_stderr(fds[1]);
	log_warnx("to nobody");
	swap_stderr(-1);
	close(fds[1]);
	log_warnx("to somebody"); /* forgets what is lost */
}

/* As on a disk that is full for a while: each line is one all the same. */
static void
half_a_line_is_ended(void **state)
{
	struct rlimit limit, few;
	char text[256];
	int fd = memfd_create("log", MFD_CLOEXEC);
	ssize_t n;

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	few = limit;
	few.rlim_cur = 25;
	signal(SIGXFSZ, SIG_IGN);
	swap_stderr(fd);
	setrlimit(RLIMIT_FSIZE, &few);
	log_warnx("one that does not fit");
	log_warnx("nor this");
	setrlimit(RLIMIT_FSIZE, &limit);
	log_warnx("whole");
	swap_stderr(-1);
	n = pread(fd, text, sizeof(text) - 1, 0);
	assert_true(n > 25);
	text[n] = '\0';
	assert_int_equal(text[25], '\n');
	assert_non_null(
	    strstr(text + 26, " test: whole (2 lines of the log were lost)\n"));
	close(fd);
}

static void
ignore(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* What libevent has to say goes no way of its own. */
static void
libevent_is_heard(void **state)
{
	struct event_base *base = event_base_new();
	int fds[2];
	char text[256];

	(void)state;
	assert_non_null(base);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	log_loop_messages();
	swap_stderr(fds[1]);
	assert_null(event_new(base, 1, EV_SIGNAL | EV_READ, ignore, NULL));
	swap_stderr(-1);
	assert_int_equal(drain(fds[0], text, sizeof(text)), 1);
	assert_non_null(strstr(text, " test: libevent: "));
	close(fds[0]);
	close(fds[1]);
	event_base_free(base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bursts_and_counts),
	    cmocka_unit_test(journal_gets_priorities),
	    cmocka_unit_test(a_socket_is_not_waited_for),
	    cmocka_unit_test(a_reader_that_has_gone),
	    cmocka_unit_test(half_a_line_is_ended),
	    cmocka_unit_test(libevent_is_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
