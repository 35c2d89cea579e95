/* SPDX-License-Identifier: ISC */
/* sd_notify(3) in a few lines: datagrams to the socket NOTIFY_SOCKET names. */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "process/notify.h"
#include "process/timer.h"

static int notify_fd = -1;
static uint64_t watchdog_ns; /* half its interval; 0: none */
static struct timer watchdog;

static void
notify_open(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	socklen_t sun_len;

	if (len == 0 || len >= sizeof(sun.sun_path) ||
	    (path[0] != '/' && path[0] != '@')) {
		log_warnx("notify: NOTIFY_SOCKET is not a socket's name");
		return;
	}
	memcpy(sun.sun_path, path, len);
	if (path[0] == '@')
		sun.sun_path[0] = '\0';
	sun_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (notify_fd == -1 ||
	    connect(notify_fd, (struct sockaddr *)&sun, sun_len) == -1) {
		log_warn("notify: connect to %s", path);
		if (notify_fd != -1)
			close(notify_fd);
		notify_fd = -1;
	}
}

static void
watchdog_read(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	unsigned long long value;
	char *end;

	if (usec == NULL || (pid != NULL && strtoll(pid, NULL, 10) != getpid()))
		return;
	errno = 0;
	value = strtoull(usec, &end, 10);
	if (errno != 0 || *end != '\0' || value == 0 ||
	    value > UINT64_MAX / NS_PER_US)
		return;
	watchdog_ns = value * NS_PER_US / 2;
}

void
notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	if (path != NULL)
		notify_open(path);
	watchdog_read();
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void
notify(const char *fmt, ...)
{
	char text[512];
	va_list args;
	int len;

	if (notify_fd == -1)
		return;
	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (len <= 0 || (size_t)len >= sizeof(text))
		return;
	if (send(notify_fd, text, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	    -1)
		log_debug("notify: %s", strerror(errno));
}

static void
on_watchdog(void *arg)
{
	(void)arg;
	timer_after(&watchdog, watchdog_ns);
	notify("WATCHDOG=1");
}

void
notify_watchdog(struct event_base *base)
{
	timer_init(&watchdog, base, on_watchdog, NULL);
	if (watchdog_ns != 0)
		timer_after(&watchdog, watchdog_ns);
}
