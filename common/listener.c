/* SPDX-License-Identifier: ISC */
/* Binds a name in a directory that others may write to; see listener.h. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "listener.h"
#include "log.h"

/* As often somebody may be faster than we are with another impostor. */
#define TRIES 64

static int
new_socket(void)
{
	int fd = socket(
	    AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		fatal("socket");
	return fd;
}

/* Of ours, what nobody listens on any more; fatal when somebody does. */
static void
remove_stale(const struct sockaddr_un *sun)
{
	int fd = new_socket();

	if (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 ||
	    (errno != ENOENT && errno != ECONNREFUSED))
		fatalx("%s: somebody listens there", sun->sun_path);
	close(fd);
	if (unlink(sun->sun_path) == -1 && errno != ENOENT)
		fatal("%s", sun->sun_path);
}

static void
move_aside(const char *path, uid_t owner)
{
	char to[PATH_MAX];

	snprintf(to, sizeof(to), "%s.%llu", path,
	    (unsigned long long)clock_monotonic());
	if (rename(path, to) == 0)
		log_warnx(
		    "%s: made by uid %u, now %s", path, (unsigned)owner, to);
	else if (errno != ENOENT)
		fatal("%s: made by uid %u", path, (unsigned)owner);
}

static void
make_way(const struct sockaddr_un *sun, uid_t user)
{
	struct stat st;

	if (lstat(sun->sun_path, &st) == -1) {
		if (errno != ENOENT)
			fatal("%s", sun->sun_path);
	} else if (st.st_uid == 0 || st.st_uid == user ||
	    st.st_uid == geteuid()) {
		remove_stale(sun);
	} else {
		move_aside(sun->sun_path, st.st_uid);
	}
}

int
listener_bind(const char *path, uid_t user)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd = new_socket();

	if (len >= sizeof(sun.sun_path))
		fatalx("%s: too long for a socket's name", path);
	memcpy(sun.sun_path, path, len);
	for (int i = 0; i < TRIES; i++) {
		make_way(&sun, user);
		if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
			return fd;
		if (errno != EADDRINUSE)
			break;
	}
	fatal("%s", path);
}
