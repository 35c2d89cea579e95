/* SPDX-License-Identifier: ISC */
/* Binds a name in a directory that others may write to, and accepts there; see
 * listener.h. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "link/listener.h"
#include "link/seqpacket.h"
#include "log.h"
#include "process/closer.h"
#include "process/priv.h"
#include "process/timer.h"

/* So often somebody else may take the name between make_way() and bind(2). */
#define TRIES	    64
#define PAUSE	    NS_PER_SEC
/*
 * Clients accepted in RATE_WINDOW before the next one has to wait, so that
 * connecting again and again does not take the loop's time.
 */
#define RATE	    64
#define RATE_WINDOW (100 * NS_PER_MS)
#define LOG_BURST   3 /* lines about a lack of descriptors, in LOG_WINDOW */
#define LOG_WINDOW  (60 * NS_PER_SEC)

struct listener {
	int fd;
	const char *name; /* in the log */
	listener_fn accepted;
	void *arg;
	struct event *readable;
	struct timer pause;
	struct log_limit limit;
	uint64_t window; /* its begin */
	uint32_t count;	 /* accepted in it */
};

static int
new_socket(void)
{
	int fd = socket(
	    AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1)
		fatal("socket");
	return fd;
}

/* Removes a socket of ours that nobody listens on; fatal when somebody does. */
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
		priv_move_aside(sun->sun_path, st.st_uid);
	}
}

/* bind(2) gives the name the socket's own mode, less the umask. */
static bool
bind_with_mode(int fd, const struct sockaddr_un *sun)
{
	mode_t mask = umask(0);
	bool bound;
	int error;

	bound = bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0;
	error = errno;
	(void)umask(mask);
	errno = error;
	return bound;
}

/*
 * Changes the owner, as the last step: while the name is root's nobody else can
 * put a link in its place. Its mode is right since bind_with_mode().
 */
static void
give(const char *path, uid_t user, gid_t group)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		fatal("%s", path);
	if (group == (gid_t)-1 || (st.st_gid == group && st.st_uid == user))
		return;
	if (lchown(path, user, group) == -1)
		log_warn("%s: cannot be given to its group, gid %u", path,
		    (unsigned)group);
}

int
listener_bind(const char *path, uid_t user, gid_t group, int backlog)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd = new_socket();

	seqpacket_refuse_fds(fd);
	if (fchmod(fd, 0660) == -1)
		fatal("%s", path);
	if (len >= sizeof(sun.sun_path))
		fatalx("%s: too long for a socket's name", path);
	memcpy(sun.sun_path, path, len);
	for (int i = 0; i < TRIES; i++) {
		make_way(&sun, user);
		if (!bind_with_mode(fd, &sun)) {
			if (errno == EADDRINUSE)
				continue;
			break;
		}
		give(path, user, group);
		if (listen(fd, backlog) == -1)
			break;
		return fd;
	}
	fatal("%s", path);
}

static void
pause_for(struct listener *listener, uint64_t ns)
{
	event_del(listener->readable);
	timer_after(&listener->pause, ns);
}

static void
pause_begin(struct listener *listener)
{
	char more[LOG_MORE_SIZE];
	uint32_t suppressed;

	pause_for(listener, PAUSE);
	if (log_limit(&listener->limit, clock_monotonic(), LOG_BURST,
		LOG_WINDOW, &suppressed))
		log_warn(
		    "%s: accept%s", listener->name, log_more(suppressed, more));
}

static void
pause_over(void *arg)
{
	struct listener *listener = arg;

	if (closer_behind())
		pause_for(listener, RATE_WINDOW);
	else
		event_add(listener->readable, NULL);
}

/* Whether the next client has to wait. */
static bool
enough(struct listener *listener)
{
	uint64_t now = clock_monotonic();

	if (now - listener->window >= RATE_WINDOW) {
		listener->window = now;
		listener->count = 0;
	}
	return ++listener->count >= RATE || closer_behind();
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct listener *listener = arg;
	int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)what;
	if (client != -1) {
		listener->accepted(client, listener->arg);
		if (enough(listener))
			pause_for(listener, RATE_WINDOW);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
	    errno == ENOMEM) {
		pause_begin(listener);
	}
}

struct listener *
listener_new(struct event_base *base, int fd, const char *name,
    listener_fn accepted, void *arg)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	if (listener == NULL)
		fatal("%s", name);
	listener->fd = fd;
	listener->name = name;
	listener->accepted = accepted;
	listener->arg = arg;
	listener->readable = event_new(
	    base, fd, EV_READ | EV_PERSIST, on_readable, listener);
	timer_init(&listener->pause, base, pause_over, listener);
	if (listener->readable == NULL ||
	    event_add(listener->readable, NULL) == -1)
		fatalx("%s: out of memory", name);
	return listener;
}

void
listener_free(struct listener *listener)
{
	event_free(listener->readable);
	timer_stop(&listener->pause);
	/* The clients that wait in its backlog go with it. */
	closer_socket(listener->fd);
	free(listener);
}
