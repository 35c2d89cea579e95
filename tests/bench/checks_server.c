/* SPDX-License-Identifier: ISC */
/*
 * What the checks' benchmark probes: accepts connections to any address at
 * one port, waits for their end and says, for each line on stdin, how many
 * have been accepted.
 */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int
listen_at(in_port_t port)
{
	struct sockaddr_in sin = {
	    .sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 4096) == -1)
		err(1, "port %u", port);
	return fd;
}

static void
watch(int epoll, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == -1)
		err(1, "epoll_ctl");
}

static unsigned long
accept_all(int epoll, int listener)
{
	unsigned long count = 0;
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) != -1) {
		watch(epoll, fd);
		count++;
	}
	return count;
}

int
main(int argc, char *argv[])
{
	struct epoll_event events[256];
	unsigned long count = 0;
	char buf[256];
	int epoll, listener;

	if (argc != 2)
		errx(1, "usage: checks_server port");
	listener = listen_at((in_port_t)atoi(argv[1]));
	epoll = epoll_create1(0);
	watch(epoll, listener);
	watch(epoll, STDIN_FILENO);
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		int n = epoll_wait(epoll, events, 256, -1);

		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd == listener) {
				count += accept_all(epoll, listener);
			} else if (fd == STDIN_FILENO) {
				if (read(fd, buf, sizeof(buf)) <= 0)
					return 0;
				printf("%lu\n", count);
				fflush(stdout);
			} else if (read(fd, buf, sizeof(buf)) <= 0) {
				close(fd);
			}
		}
	}
}
