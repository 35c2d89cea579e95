/* SPDX-License-Identifier: ISC */
/*
 * Why a connection of an HTTP check was not made, whatever errno was before;
 * and that only checkd says when a check has lasted too long. Servers are
 * sockets on loopback, and the test can put the clock forward.
 */
#include "unit.h"

#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check_http.h"
#include "clock.h"

/* Longer than libevent has patience by itself. */
#define LONG_SEC 120

static time_t forward; /* s, for libevent as well */
static struct event_base *base;
static struct conf_probe conf;
static struct check_run run;
static unsigned ends;
static enum reason end_reason;
static uint32_t end_detail;

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int result = (int)syscall(SYS_clock_gettime, id, ts);

	ts->tv_sec += forward;
	return result;
}

static void
ended(struct check_run *done, enum reason reason, uint32_t detail)
{
	assert_ptr_equal(done, &run);
	ends++;
	end_reason = reason;
	end_detail = detail;
}

static void
turn(void)
{
	/* What some call before has left. */
	errno = EAGAIN;
	event_base_loop(base, EVLOOP_NONBLOCK);
}

static void
turns(void)
{
	for (int i = 0; i < 8; i++)
		turn();
}

/* A bound socket of loopback, and its port. */
static int
bound(uint16_t *port)
{
	struct sockaddr_in sin = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	*port = ntohs(sin.sin_port);
	return fd;
}

static void
start(const char *address, uint16_t port)
{
	forward = 0;
	ends = 0;
	base = event_base_new();
	assert_non_null(base);
	assert_true(addr_parse(&conf.addr, address));
	conf.type = CHECK_HTTP;
	conf.port = port;
	conf.http.path = "/";
	run = (struct check_run){
	    .fd = -1, .base = base, .conf = &conf, .done = ended};
	check_http()->start(&run);
}

static void
end(void)
{
	if (ends == 0)
		check_http()->cancel(&run);
	turns();
	event_base_free(base);
}

static void
expect_end(enum reason reason, int error)
{
	uint64_t until = clock_monotonic() + 10 * NS_PER_SEC;

	while (ends == 0 && clock_monotonic() < until)
		turn();
	assert_int_equal(ends, 1);
	assert_int_equal(end_reason, reason);
	assert_int_equal(end_detail, error);
	end();
}

static void
test_refused(void **state)
{
	uint16_t port;
	int fd = bound(&port);

	(void)state;
	start("127.0.0.1", port);
	expect_end(REASON_REFUSED, ECONNREFUSED);
	close(fd);
}

/* connect(2) says so at once: TCP has no multicast. */
static void
test_unreachable(void **state)
{
	(void)state;
	errno = EAGAIN;
	start("224.0.0.1", 80);
	expect_end(REASON_UNREACHABLE, ENETUNREACH);
}

/* The queue of the listener is full, and the kernel drops what comes. */
static void
test_no_connection(void **state)
{
	struct sockaddr_in sin = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	uint16_t port;
	int fd = bound(&port), full[4];

	(void)state;
	assert_int_equal(listen(fd, 0), 0);
	sin.sin_port = htons(port);
	for (int i = 0; i < 4; i++) {
		full[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(full[i], (struct sockaddr *)&sin, sizeof(sin));
	}
	start("127.0.0.1", port);
	turns();
	forward = LONG_SEC;
	turns();
	assert_int_equal(ends, 0);
	assert_false(run.connected);
	end();
	for (int i = 0; i < 4; i++)
		close(full[i]);
	close(fd);
}

static void
test_no_reply(void **state)
{
	uint16_t port;
	int fd = bound(&port);

	(void)state;
	assert_int_equal(listen(fd, 4), 0);
	start("127.0.0.1", port);
	turns();
	assert_true(run.connected);
	forward = LONG_SEC;
	turns();
	assert_int_equal(ends, 0);
	end();
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_unreachable),
	    cmocka_unit_test(test_no_connection),
	    cmocka_unit_test(test_no_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
