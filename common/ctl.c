/* SPDX-License-Identifier: ISC */
/*
 * The server's side of a control socket: accepts, bounds and authorises
 * clients, runs their commands and feeds them rows as fast as they read.
 */
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "ctl.h"
#include "log.h"
#include "priv.h"
#include "seqpacket.h"

struct ctl_out {
	TAILQ_ENTRY(ctl_out) entry;
	size_t len;
	uint8_t data[];
};

struct ctl_conn {
	TAILQ_ENTRY(ctl_conn) entry;
	struct ctl_server *server;
	uint64_t id;
	int fd;
	uid_t uid;
	bool root;
	struct event *read_event;
	struct event *write_event;
	const struct ctl_command *command; /* running, or NULL */
	bool waiting;
	bool subscribed;
	bool ending; /* CTL_END is queued */
	bool dead;   /* to be freed when nobody holds it */
	bool busy;   /* its command runs right now */
	char *words[CTL_WORDS_MAX];
	int count;
	uint64_t cursor[3];
	bool failed;
	char reason[1024];
	TAILQ_HEAD(, ctl_out) queue;
	uint32_t queued;
};

struct ctl_server {
	struct event_base *base;
	enum role self;
	const struct ctl_command *commands;
	void *arg;
	int fd;
	struct event *accept_event;
	TAILQ_HEAD(, ctl_conn) conns;
	uint32_t count;
	uint64_t next_id;
	struct log_limit complaints;
};

static void conn_pump(struct ctl_conn *);

static void
words_clear(struct ctl_conn *conn)
{
	for (int i = 0; i < conn->count; i++)
		free(conn->words[i]);
	conn->count = 0;
}

static void
conn_free(struct ctl_conn *conn)
{
	struct ctl_out *out;

	if (conn->busy) {
		conn->dead = true;
		return;
	}
	TAILQ_REMOVE(&conn->server->conns, conn, entry);
	conn->server->count--;
	while ((out = TAILQ_FIRST(&conn->queue)) != NULL) {
		TAILQ_REMOVE(&conn->queue, out, entry);
		free(out);
	}
	words_clear(conn);
	event_free(conn->read_event);
	event_free(conn->write_event);
	close(conn->fd);
	free(conn);
}

static void
conn_queue(struct ctl_conn *conn, const uint8_t *data, size_t len)
{
	struct ctl_out *out;

	if (conn->dead)
		return;
	if (conn->queued >= 2 * CTL_QUEUE_MAX ||
	    (out = malloc(sizeof(*out) + len)) == NULL) {
		/* Only a subscriber that does not read gets here. */
		log_info("control: a client that does not read is closed");
		conn->dead = true;
		return;
	}
	out->len = len;
	memcpy(out->data, data, len);
	TAILQ_INSERT_TAIL(&conn->queue, out, entry);
	conn->queued++;
	event_add(conn->write_event, NULL);
}

void
ctl_send(struct ctl_conn *conn, struct ctl_row *row)
{
	size_t len;

	if (!row->writer.error)
		row->buf[row->count_at] = row->count;
	len = msg_end(&row->writer);
	if (len == 0) {
		log_warnx("control: a row does not fit a packet");
		return;
	}
	conn_queue(conn, row->buf, len);
}

static void
conn_end(struct ctl_conn *conn)
{
	uint8_t buf[MSG_MAX];
	struct writer writer;
	size_t len;

	msg_begin(&writer, buf, MSG_CTL_END, 0);
	put_bool(&writer, !conn->failed);
	put_string(&writer, conn->reason);
	len = msg_end(&writer);
	conn_queue(conn, buf, len);
	conn->command = NULL;
	conn->waiting = false;
	conn->subscribed = false;
	conn->ending = true;
}

/* Runs the command while there is room for its rows. */
static void
conn_run(struct ctl_conn *conn)
{
	enum ctl_next next;

	if (conn->command == NULL || conn->waiting || conn->subscribed ||
	    conn->queued >= CTL_QUEUE_MAX / 2)
		return;
	conn->busy = true;
	next = conn->command->run(conn, conn->server->arg);
	conn->busy = false;
	if (conn->dead)
		return;
	switch (next) {
	case CTL_DONE:
		conn_end(conn);
		break;
	case CTL_MORE:
		event_add(conn->write_event, NULL);
		break;
	case CTL_WAIT:
		conn->waiting = true;
		break;
	case CTL_STAY:
		conn->subscribed = true;
		break;
	}
}

/* Writes what waits; false when the client is gone. */
static bool
conn_write(struct ctl_conn *conn)
{
	struct ctl_out *out;

	while ((out = TAILQ_FIRST(&conn->queue)) != NULL) {
		switch (seqpacket_send(conn->fd, out->data, out->len, -1)) {
		case SEQPACKET_OK:
			break;
		case SEQPACKET_AGAIN:
			return true;
		default:
			return false;
		}
		TAILQ_REMOVE(&conn->queue, out, entry);
		free(out);
		conn->queued--;
	}
	return true;
}

static void
conn_pump(struct ctl_conn *conn)
{
	if (conn->dead || !conn_write(conn)) {
		conn_free(conn);
		return;
	}
	conn_run(conn);
	if (conn->dead) {
		conn_free(conn);
		return;
	}
	if (TAILQ_EMPTY(&conn->queue) &&
	    (conn->command == NULL || conn->waiting || conn->subscribed))
		event_del(conn->write_event);
}

static void
on_write(evutil_socket_t fd, short events, void *arg)
{
	(void)fd;
	(void)events;
	conn_pump(arg);
}

/* The request's words; false when it is not a request. */
static bool
read_words(struct ctl_conn *conn, struct reader *body)
{
	const char *view;
	size_t len;
	uint8_t count = get_u8(body);

	words_clear(conn);
	if (count == 0 || count > CTL_WORDS_MAX)
		return false;
	for (int i = 0; i < count; i++) {
		view = get_string_view(body, &len);
		if (body->error || len >= CTL_WORD_LEN ||
		    memchr(view, '\0', len) != NULL)
			return false;
		if ((conn->words[i] = strndup(view, len)) == NULL)
			return false;
		conn->count = i + 1;
	}
	return reader_done(body);
}

static void
conn_start(struct ctl_conn *conn)
{
	const struct ctl_command *command;

	memset(conn->cursor, 0, sizeof(conn->cursor));
	conn->failed = false;
	conn->ending = false;
	conn->reason[0] = '\0';
	for (command = conn->server->commands; command->name != NULL;
	     command++) {
		if (strcmp(command->name, conn->words[0]) == 0)
			break;
	}
	if (command->name == NULL) {
		ctl_fail(conn, "%s: unknown command", conn->words[0]);
		conn_end(conn);
	} else if (command->changes && !conn->root) {
		ctl_fail(conn, "%s: only root may", conn->words[0]);
		conn_end(conn);
	} else {
		conn->command = command;
	}
	conn_pump(conn);
}

static void
on_read(evutil_socket_t fd, short events, void *arg)
{
	struct ctl_conn *conn = arg;
	uint8_t buf[MSG_MAX + 1];
	struct seqpacket packet;
	struct msg msg;
	enum msg_admit admit;

	(void)events;
	switch (seqpacket_receive(fd, buf, MSG_MAX, &packet)) {
	case SEQPACKET_AGAIN:
		return;
	case SEQPACKET_OK:
		break;
	default:
		conn_free(conn);
		return;
	}
	admit = packet.truncated ? ADMIT_LENGTH :
				   msg_admit(&msg, buf, packet.len, packet.nfds,
				       ROLE_CLIENT, conn->server->self);
	if (packet.fd != -1)
		close(packet.fd);
	if (admit != ADMIT_OK || msg.type != MSG_CTL_REQUEST ||
	    conn->command != NULL || !TAILQ_EMPTY(&conn->queue) ||
	    !read_words(conn, &msg.body)) {
		log_debug("control: a bad request, closed");
		conn_free(conn);
		return;
	}
	conn_start(conn);
}

static bool
may_read(const struct ucred *cred, int fd)
{
	gid_t wanted = priv_gid(GROUP_TRIUMVIR), groups[1024];
	socklen_t len = sizeof(groups);

	if (cred->uid == 0 || cred->uid == geteuid() || cred->gid == wanted)
		return true;
	if (wanted == (gid_t)-1 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == -1)
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++) {
		if (groups[i] == wanted)
			return true;
	}
	return false;
}

static bool
over_limit(const struct ctl_server *server, uid_t uid)
{
	const struct ctl_conn *conn;
	uint32_t mine = 0;

	/* Root is let in beside any number of others. */
	if (server->count >= CTL_CLIENTS_MAX + (uid == 0 ? 8 : 0))
		return true;
	TAILQ_FOREACH(conn, &server->conns, entry) {
		if (conn->uid == uid)
			mine++;
	}
	return mine >= CTL_CLIENTS_PER_UID;
}

static void
conn_new(struct ctl_server *server, int fd, const struct ucred *cred)
{
	struct ctl_conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL) {
		close(fd);
		return;
	}
	conn->server = server;
	conn->id = ++server->next_id;
	conn->fd = fd;
	conn->uid = cred->uid;
	conn->root = cred->uid == 0;
	TAILQ_INIT(&conn->queue);
	conn->read_event = event_new(
	    server->base, fd, EV_READ | EV_PERSIST, on_read, conn);
	conn->write_event = event_new(
	    server->base, fd, EV_WRITE | EV_PERSIST, on_write, conn);
	TAILQ_INSERT_TAIL(&server->conns, conn, entry);
	server->count++;
	if (conn->read_event == NULL || conn->write_event == NULL ||
	    event_add(conn->read_event, NULL) == -1)
		fatalx("control: cannot watch a client");
}

static void
on_accept(evutil_socket_t fd, short events, void *arg)
{
	struct ctl_server *server = arg;
	struct ucred cred;
	socklen_t len = sizeof(cred);
	uint32_t suppressed;
	int client;

	(void)events;
	client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client == -1)
		return;
	if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1 ||
	    !may_read(&cred, client) || over_limit(server, cred.uid)) {
		if (log_limit(&server->complaints, clock_monotonic(), 1,
			10 * NS_PER_SEC, &suppressed))
			log_info("control: a client of uid %u is refused "
				 "(%u more were)",
			    (unsigned)cred.uid, suppressed);
		close(client);
		return;
	}
	conn_new(server, client, &cred);
}

/* Removes a socket that nobody listens on; fatal when somebody does. */
static void
remove_stale(const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd == -1)
		fatal("socket");
	if (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0)
		fatalx("%s: another one is running", sun->sun_path);
	if (errno == ECONNREFUSED && unlink(sun->sun_path) == -1)
		fatal("unlink %s", sun->sun_path);
	close(fd);
}

static int
listen_at(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd;

	if (len >= sizeof(sun.sun_path))
		fatalx("%s: path too long", path);
	memcpy(sun.sun_path, path, len);
	remove_stale(&sun);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    chmod(path, 0666) == -1 || listen(fd, CTL_CLIENTS_MAX) == -1)
		fatal("%s", path);
	return fd;
}

struct ctl_server *
ctl_server_new(struct event_base *base, const char *path, enum role self,
    const struct ctl_command *commands, void *arg)
{
	struct ctl_server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		fatal("control");
	server->base = base;
	server->self = self;
	server->commands = commands;
	server->arg = arg;
	TAILQ_INIT(&server->conns);
	server->fd = listen_at(path);
	server->accept_event = event_new(
	    base, server->fd, EV_READ | EV_PERSIST, on_accept, server);
	if (server->accept_event == NULL ||
	    event_add(server->accept_event, NULL) == -1)
		fatalx("control: cannot watch %s", path);
	return server;
}

void
ctl_server_free(struct ctl_server *server)
{
	struct ctl_conn *conn;

	if (server == NULL)
		return;
	while ((conn = TAILQ_FIRST(&server->conns)) != NULL)
		conn_free(conn);
	event_free(server->accept_event);
	close(server->fd);
	free(server);
}

int
ctl_argc(const struct ctl_conn *conn)
{
	return conn->count;
}

const char *
ctl_argv(const struct ctl_conn *conn, int i)
{
	return i >= 0 && i < conn->count ? conn->words[i] : "";
}

uint64_t *
ctl_cursor(struct ctl_conn *conn)
{
	return conn->cursor;
}

void
ctl_fail(struct ctl_conn *conn, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(conn->reason, sizeof(conn->reason), fmt, args);
	va_end(args);
	conn->failed = true;
}

uint64_t
ctl_id(const struct ctl_conn *conn)
{
	return conn->id;
}

struct ctl_conn *
ctl_find(struct ctl_server *server, uint64_t id)
{
	struct ctl_conn *conn;

	TAILQ_FOREACH(conn, &server->conns, entry) {
		if (conn->id == id && !conn->dead)
			return conn;
	}
	return NULL;
}

void
ctl_resume(struct ctl_conn *conn)
{
	conn->waiting = false;
	event_add(conn->write_event, NULL);
}

void
ctl_broadcast(struct ctl_server *server, struct ctl_row *row)
{
	struct ctl_conn *conn, *next;

	for (conn = TAILQ_FIRST(&server->conns); conn != NULL; conn = next) {
		next = TAILQ_NEXT(conn, entry);
		if (!conn->subscribed)
			continue;
		ctl_send(conn, row);
		if (conn->dead)
			conn_free(conn);
	}
}
