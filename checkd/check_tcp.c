/* SPDX-License-Identifier: ISC */
/*
 * A TCP check connects and then closes. There may be thousands a second, so
 * their sockets wait in an epoll of their own, and libevent watches that epoll.
 * This saves two system calls a check: close(2) takes a socket out of an epoll,
 * and the epoll's flags tell whether there is an error to ask for.
 */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <errno.h>

#include "check_socket.h"
#include "check_tcp.h"
#include "log.h"
#include "verdict.h"

#define BATCH 64

static struct {
	int epoll;
	struct event *event;
} waiting = {.epoll = -1};

static void
finish(struct check_run *run, int error)
{
	check_close(run);
	run->done(run, verdict_reason_errno(error), (uint32_t)error);
}

static void
ready(struct check_run *run, uint32_t flags)
{
	socklen_t len = sizeof(int);
	int error = 0;

	/* EPOLLHUP alone is success: the server has closed already. */
	if ((flags & EPOLLERR) != 0 &&
	    getsockopt(run->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		error = errno;
	finish(run, error);
}

static void
readable(int fd, short what, void *arg)
{
	struct epoll_event events[BATCH];
	int count;

	(void)what;
	(void)arg;
	/* A run is in the batch once. So the rest of the batch names neither a
	 * run that has ended here nor one that has started since. */
	count = epoll_wait(fd, events, BATCH, 0);
	for (int i = 0; i < count; i++)
		ready(events[i].data.ptr, events[i].events);
}

/* The first TCP check makes the epoll. */
static bool
waiting_open(struct event_base *base)
{
	if (waiting.event != NULL)
		return true;
	waiting.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (waiting.epoll == -1)
		return false;
	waiting.event = event_new(
	    base, waiting.epoll, EV_READ | EV_PERSIST, readable, NULL);
	if (waiting.event == NULL || event_add(waiting.event, NULL) == -1)
		fatalx("tcp checks: no event");
	return true;
}

static void
start(struct check_run *run)
{
	struct epoll_event event = {.events = EPOLLOUT, .data.ptr = run};
	int error;

	if (!waiting_open(run->base)) {
		finish(run, errno);
		return;
	}
	error = check_connect(run);
	if (error != EINPROGRESS)
		finish(run, error);
	else if (epoll_ctl(waiting.epoll, EPOLL_CTL_ADD, run->fd, &event) == -1)
		finish(run, errno);
}

static const char *
refuse(const struct conf_probe *probe)
{
	if (addr_len(probe->addr.family) == 0 || probe->port == 0)
		return "a tcp check needs an address and a port";
	return NULL;
}

const struct check_type *
check_tcp(void)
{
	static const struct check_type type = {
	    .type = CHECK_TCP,
	    .refuse = refuse,
	    .start = start,
	    .cancel = check_close,
	};

	return &type;
}
