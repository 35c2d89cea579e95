/* SPDX-License-Identifier: ISC */
/*
 * A client of a control socket: runs its commands and feeds it rows as fast
 * as it reads.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "ctl/ctl_int.h"
#include "link/seqpacket.h"
#include "log_change.h"
#include "process/closer.h"

#define WRITE_MAX (2 * CTL_SLICE) /* rows written in a turn */

/*
 * Clients that are not root's share a tenth of a processor. After each of their
 * turns the server pauses for PAUSE times the processor time that the turn
 * took. PAUSE_MIN stands for what a turn costs outside of ctl_conn_turn():
 * accepting and reading.
 */
#define PAUSE	  9
#define PAUSE_MIN (500 * NS_PER_US)

/* A bug of ours, which no test must miss. */
#ifdef TRIUMVIR_FILTER_KILLS
#define bug fatalx
#else
#define bug log_warnx
#endif

static void
words_clear(struct ctl_conn *conn)
{
	for (int i = 0; i < conn->count; i++)
		free(conn->words[i]);
	conn->count = 0;
}

void
ctl_conn_free(struct ctl_conn *conn)
{
	struct ctl_out *out;

	if (conn->busy) {
		conn->dead = true;
		return;
	}
	if (conn->queues)
		TAILQ_REMOVE(&conn->server->turns, conn, turn_entry);
	TAILQ_REMOVE(&conn->server->conns, conn, entry);
	conn->server->count--;
	while ((out = TAILQ_FIRST(&conn->queue)) != NULL) {
		TAILQ_REMOVE(&conn->queue, out, entry);
		free(out);
	}
	words_clear(conn);
	event_free(conn->read_event);
	event_free(conn->write_event);
	closer_socket(conn->fd);
	free(conn);
}

static void
conn_queue(struct ctl_conn *conn, const uint8_t *data, size_t len)
{
	struct ctl_out *out;

	if (conn->dead)
		return;
	if (conn->queued >= CTL_QUEUE_MAX ||
	    (out = malloc(sizeof(*out) + len)) == NULL) {
		/* A subscriber has read too slowly, or has waited too long for
		 * its turn. */
		log_change("control",
		    "control: a client that is too far behind is closed");
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
ctl_send_row(
    struct ctl_conn *conn, const struct ctl_kind *kind, const void *row)
{
	const struct ctl_key *lacks = ctl_row_lacks(kind, row);
	uint8_t buf[MSG_MAX];
	size_t len;

	if (lacks != NULL) {
		bug("control: a row %s has no %s", kind->name, lacks->name);
		return;
	}
	len = ctl_row_write(kind, row, buf);
	if (len == 0) {
		log_warnx(
		    "control: a row %s does not fit a packet", kind->name);
		return;
	}
	conn_queue(conn, buf, len);
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
}

/* Runs the command while there is room for its rows. */
static void
conn_run(struct ctl_conn *conn)
{
	enum ctl_next next;

	if (conn->command == NULL || conn->waiting || conn->subscribed ||
	    conn->queued >= CTL_SLICE)
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

	for (int i = 0;
	     i < WRITE_MAX && (out = TAILQ_FIRST(&conn->queue)) != NULL; i++) {
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
		ctl_conn_free(conn);
		return;
	}
	conn_run(conn);
	if (conn->dead) {
		ctl_conn_free(conn);
		return;
	}
	if (!TAILQ_EMPTY(&conn->queue) ||
	    (conn->command != NULL && !conn->waiting && !conn->subscribed))
		event_add(conn->write_event, NULL);
}

/* Of a processor, for this thread, ns. */
static uint64_t
time_used(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

/* Sets the timer of the next turn. Only root need not wait for the end of a
 * pause. */
static void
turn_soon(struct ctl_server *server)
{
	const struct ctl_conn *first = TAILQ_FIRST(&server->turns);

	if (first != NULL)
		timer_by(&server->turn, first->root ? 0 : server->pause_end);
}

void
ctl_conn_turn(struct ctl_server *server)
{
	struct ctl_conn *conn = TAILQ_FIRST(&server->turns);
	uint64_t began = time_used(), pause;
	bool root;

	if (conn == NULL)
		return;
	root = conn->root;
	TAILQ_REMOVE(&server->turns, conn, turn_entry);
	conn->queues = false;
	conn_pump(conn);
	if (!root) {
		pause = PAUSE * (time_used() - began);
		server->pause_end = clock_monotonic() +
		    (pause > PAUSE_MIN ? pause : PAUSE_MIN);
	}
	turn_soon(server);
}

/* Connections of root come before all others. */
static void
turns_insert(struct ctl_conn *conn)
{
	struct ctl_server *server = conn->server;
	struct ctl_conn *other = NULL;

	if (conn->root) {
		TAILQ_FOREACH(other, &server->turns, turn_entry) {
			if (!other->root)
				break;
		}
	}
	if (other != NULL)
		TAILQ_INSERT_BEFORE(other, conn, turn_entry);
	else
		TAILQ_INSERT_TAIL(&server->turns, conn, turn_entry);
}

static void
conn_go_on(struct ctl_conn *conn)
{
	if (conn->queues)
		return;
	turns_insert(conn);
	conn->queues = true;
	turn_soon(conn->server);
}

static void
on_write(evutil_socket_t fd, short events, void *arg)
{
	(void)fd;
	(void)events;
	conn_go_on(arg);
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
	conn_go_on(conn);
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
	switch (seqpacket_receive(fd, buf, MSG_MAX, false, &packet)) {
	case SEQPACKET_AGAIN:
		return;
	case SEQPACKET_OK:
		break;
	default:
		ctl_conn_free(conn);
		return;
	}
	admit = packet.truncated ? ADMIT_LENGTH :
				   msg_admit(&msg, buf, packet.len, packet.nfds,
				       ROLE_CLIENT, conn->server->self);
	if (packet.fd != -1)
		closer_close(packet.fd);
	if (admit != ADMIT_OK || msg.type != MSG_CTL_REQUEST ||
	    conn->command != NULL || !TAILQ_EMPTY(&conn->queue) ||
	    !read_words(conn, &msg.body)) {
		log_debug("control: a bad request, closed");
		ctl_conn_free(conn);
		return;
	}
	conn_start(conn);
}

void
ctl_conn_new(struct ctl_server *server, int fd, const struct ucred *cred)
{
	struct ctl_conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL) {
		closer_socket(fd);
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
	    server->base, fd, EV_WRITE, on_write, conn);
	TAILQ_INSERT_TAIL(&server->conns, conn, entry);
	server->count++;
	if (conn->read_event == NULL || conn->write_event == NULL ||
	    event_add(conn->read_event, NULL) == -1)
		fatalx("control: cannot watch a client");
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

void
ctl_resume(struct ctl_conn *conn)
{
	conn->waiting = false;
	event_add(conn->write_event, NULL);
}
