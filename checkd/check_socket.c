/* SPDX-License-Identifier: ISC */
/* The connection of a check; see check_socket.h. */
#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "check.h"
#include "check_socket.h"

int
check_connect(struct check_run *run)
{
	struct sockaddr_storage to;
	socklen_t len;

	run->fd = socket(run->conf->addr.family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (run->fd == -1)
		return errno;
	len = addr_to_sockaddr(&run->conf->addr, run->conf->port, &to);
	return connect(run->fd, (struct sockaddr *)&to, len) == 0 ? 0 : errno;
}

void
check_close(struct check_run *run)
{
	if (run->fd != -1)
		close(run->fd);
	run->fd = -1;
}
