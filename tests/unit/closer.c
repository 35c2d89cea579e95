/* SPDX-License-Identifier: ISC */
/*
 * The closer, with what is slow to close: TCP sockets on loopback whose data
 * nobody reads and that linger for half a minute.
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "process/closer.h"
#include "unit.h"

#define LINGER	 30 /* s */
#define DEADLINE (10 * NS_PER_SEC)
#define MANY	 50

static struct event_base *base;
static pthread_t confined; /* who called confine() */

static void
confine(void)
{
	confined = pthread_self();
}

/* Connected, full of data, and in no hurry when it is closed. */
static int
lingering(int listener, int *other)
{
	static const char data[65536];
	struct sockaddr_in to;
	socklen_t len = sizeof(to);
	const struct linger linger = {1, LINGER};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(
	    getsockname(listener, (struct sockaddr *)&to, &len), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, len), 0);
	*other = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_int_not_equal(*other, -1);
	while (send(fd, data, sizeof(data), MSG_DONTWAIT) > 0)
		continue;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
	return fd;
}

static int
listening(void)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, MANY), 0);
	return fd;
}

static void
send_fd(int sock, int fd)
{
	union {
		struct cmsghdr header;
		char buf[CMSG_SPACE(sizeof(int))];
	} control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct iovec iov = {"x", 1};
	struct msghdr header = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control)};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	assert_int_equal(sendmsg(sock, &header, 0), 1);
}

/* All is closed, long before the linger is over. */
static void
wait_closed(void)
{
	uint64_t end = clock_monotonic() + DEADLINE;

	while (closer_waiting() > 0) {
		assert_true(clock_monotonic() < end);
		event_base_loop(base, EVLOOP_ONCE);
	}
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

static void
closes_at_once_without_a_thread(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	closer_close(fd);
	assert_false(is_open(fd));
	assert_int_equal(closer_waiting(), 0);
}

static void
the_thread_is_confined(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	closer_start(base, confine);
	closer_close(fd);
	wait_closed();
	assert_false(is_open(fd));
	assert_false(pthread_equal(confined, pthread_self()));
}

static void
nobody_waits_for_a_socket_that_lingers(void **state)
{
	int listener = listening(), other;

	(void)state;
	closer_close(lingering(listener, &other));
	/* Still at it: the caller did not wait. */
	assert_int_equal(closer_waiting(), 1);
	wait_closed();
	close(other);
	close(listener);
}

/* The last copies are in a queue, of which one close(2) is the end. */
static void
a_queue_full_of_them(void **state)
{
	int listener = listening(), others[MANY], pair[2], fd;
	char byte;

	(void)state;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	for (int i = 0; i < MANY; i++) {
		fd = lingering(listener, &others[i]);
		send_fd(pair[1], fd);
		close(fd);
	}
	closer_socket(pair[0]);
	/* Its peer need not wait either. */
	assert_true(recv(pair[1], &byte, 1, 0) <= 0);
	wait_closed();
	close(pair[1]);
	for (int i = 0; i < MANY; i++)
		close(others[i]);
	close(listener);
}

static void
many_are_closed_in_a_row(void **state)
{
	int fds[500];

	(void)state;
	for (int i = 0; i < 500; i++)
		fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	for (int i = 0; i < 500; i++)
		closer_close(fds[i]);
	wait_closed();
	for (int i = 0; i < 500; i++)
		assert_false(is_open(fds[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(closes_at_once_without_a_thread),
	    cmocka_unit_test(the_thread_is_confined),
	    cmocka_unit_test(nobody_waits_for_a_socket_that_lingers),
	    cmocka_unit_test(a_queue_full_of_them),
	    cmocka_unit_test(many_are_closed_in_a_row),
	};

	log_init("unit_closer", true, 0);
	base = event_base_new();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
