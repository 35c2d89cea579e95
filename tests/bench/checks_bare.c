/* SPDX-License-Identifier: ISC */
/*
 * The floor of TCP checks: connects, without blocking, to so many addresses
 * from 10.99.0.0 on in each interval, evenly, waits and closes. No schedule,
 * no time-outs, no verdicts.
 */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void
probe(int epoll, uint32_t number, in_port_t port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(0x0a630000 + number)};
	struct epoll_event event = {.events = EPOLLOUT};
	socklen_t len = sizeof(int);
	int error = 0;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		err(1, "socket");
	if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 &&
	    errno != EINPROGRESS)
		err(1, "connect");
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == -1 ||
	    epoll_wait(epoll, &event, 1, -1) != 1 ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1 ||
	    error != 0)
		errx(1, "probe %u failed", number);
	close(fd);
}

int
main(int argc, char *argv[])
{
	struct timespec at;
	uint32_t count, step_ns;
	int epoll = epoll_create1(0);

	if (argc != 4 || (count = (uint32_t)atoi(argv[1])) == 0)
		errx(1, "usage: checks_bare count interval_ms port");
	step_ns = (uint32_t)((uint64_t)atoi(argv[2]) * 1000000 / count);
	clock_gettime(CLOCK_MONOTONIC, &at);
	for (uint32_t n = 0;; n = (n + 1) % count) {
		probe(epoll, n, (in_port_t)atoi(argv[3]));
		at.tv_nsec += step_ns;
		if (at.tv_nsec >= 1000000000) {
			at.tv_nsec -= 1000000000;
			at.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
	}
}
