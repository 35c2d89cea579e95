/* SPDX-License-Identifier: ISC */
/* A crowd at a listener is let in slowly, and all of it in the end. */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "link/listener.h"
#include "log.h"
#include "unit.h"

#define CROWD	 200
#define AT_ONCE	 64
#define WINDOW	 (100 * NS_PER_MS)
#define DEADLINE (20 * NS_PER_SEC)
/* The loop's clock may be a tick behind, so that a window ends early. */
#define EARLY	 (8 * NS_PER_MS)

static unsigned count;

static void
accepted(int client, void *arg)
{
	(void)arg;
	count++;
	close(client);
}

static int
client(const struct sockaddr_un *sun)
{
	int fd = socket(
	    AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(
	    connect(fd, (const struct sockaddr *)sun, sizeof(*sun)), 0);
	return fd;
}

static void
a_crowd_waits(void **state)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	char dir[] = "/tmp/unit_listener.XXXXXX";
	struct event_base *base = event_base_new();
	struct listener *listener;
	uint64_t began, now;
	int fds[CROWD], fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/socket", dir);
	fd = listener_bind(sun.sun_path, geteuid(), getegid(), CROWD);
	listener = listener_new(base, fd, "unit", accepted, NULL);
	for (int i = 0; i < CROWD; i++)
		fds[i] = client(&sun);
	began = now = clock_monotonic();
	while (count < CROWD) {
		event_base_loop(base, EVLOOP_ONCE);
		now = clock_monotonic();
		assert_true(
		    count <= AT_ONCE * (1 + (now - began + EARLY) / WINDOW));
		assert_true(now - began < DEADLINE);
	}
	listener_free(listener);
	for (int i = 0; i < CROWD; i++)
		close(fds[i]);
	unlink(sun.sun_path);
	rmdir(dir);
	event_base_free(base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_crowd_waits)};

	log_init("unit_listener", true, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
