/* SPDX-License-Identifier: ISC */
/*
 * One end of a SOCK_SEQPACKET pair on libevent. Reading is sliced, so that a
 * flood from one peer leaves room for the others; writing goes straight to
 * the socket and queues, bounded, only when that is full.
 */
#include <sys/queue.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "link.h"
#include "seqpacket.h"

#define LINK_SLICE 64 /* packets read before the loop goes on */

struct packet {
	TAILQ_ENTRY(packet) entry;
	uint64_t key;
	enum msg_type type;
	int fd;
	size_t len;
	uint8_t data[];
};
TAILQ_HEAD(packets, packet);

struct link {
	struct event_base *base;
	enum role self;
	enum role peer;
	const struct link_handlers *handlers;
	void *arg;
	enum link_state state;
	int fd;
	pid_t pid;
	struct event *read_event;
	struct event *write_event;
	struct packets queue;
	bool overflowed; /* something was dropped: snapshot when empty */
	bool asks;	 /* see link_asks() */
	uint64_t generation_in;
	uint64_t generation_out;
	uint64_t lies[LINK_LIES_MAX]; /* when, 0: never */
	struct link_stats stats;
	struct writer writer;
	enum msg_type composing;
	uint8_t out[MSG_MAX];
	uint8_t in[MSG_MAX + 1];
};

const char *
link_state_name(enum link_state state)
{
	static const char *const names[LINK_STATE_MAX] = {
#define X(id, text) [LINK_##id] = text,
	    LINK_STATE_TABLE(X)
#undef X
	};

	return state < LINK_STATE_MAX ? names[state] : "unknown";
}

struct link *
link_new(struct event_base *base, enum role self, enum role peer,
    const struct link_handlers *handlers, void *arg)
{
	struct link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		fatal("link to %s", role_name(peer));
	link->base = base;
	link->self = self;
	link->peer = peer;
	link->handlers = handlers;
	link->arg = arg;
	link->state = LINK_DOWN;
	link->fd = -1;
	link->stats.since = clock_monotonic();
	TAILQ_INIT(&link->queue);
	return link;
}

static void
packet_free(struct packet *packet)
{
	if (packet->fd != -1)
		close(packet->fd);
	free(packet);
}

static void
queue_clear(struct link *link)
{
	struct packet *packet;

	while ((packet = TAILQ_FIRST(&link->queue)) != NULL) {
		TAILQ_REMOVE(&link->queue, packet, entry);
		packet_free(packet);
	}
	link->stats.queued = 0;
	link->overflowed = false;
}

static void
link_detach(struct link *link, enum link_state state)
{
	if (link->fd != -1) {
		event_free(link->read_event);
		event_free(link->write_event);
		close(link->fd);
		link->fd = -1;
	}
	queue_clear(link);
	link->generation_in = 0;
	link->generation_out = 0;
	link->state = state;
	link->stats.since = clock_monotonic();
}

void
link_free(struct link *link)
{
	if (link == NULL)
		return;
	link_detach(link, LINK_DOWN);
	free(link);
}

static void
link_shut(struct link *link, enum link_state state, bool asks)
{
	if (link->state != LINK_UP)
		return;
	link_detach(link, state);
	link->asks = asks;
	link->handlers->down(link, link->arg);
}

void
link_close(struct link *link)
{
	link_shut(link, LINK_DOWN, false);
}

/* Remembers the lie; true when it was one too many. */
static bool
lies_exhausted(struct link *link, uint64_t now)
{
	uint64_t *oldest = &link->lies[0];

	link->stats.lies++;
	for (size_t i = 1; i < LINK_LIES_MAX; i++) {
		if (link->lies[i] < *oldest)
			oldest = &link->lies[i];
	}
	*oldest = now;
	for (size_t i = 0; i < LINK_LIES_MAX; i++) {
		if (link->lies[i] == 0 ||
		    now - link->lies[i] > LINK_LIES_WINDOW)
			return false;
	}
	return true;
}

void
link_lied(struct link *link, enum msg_type type, const char *why)
{
	bool refused;

	if (link->state != LINK_UP)
		return;
	refused = lies_exhausted(link, clock_monotonic());
	log_warnx("link %s: %s: %s; %s", role_name(link->peer), msg_name(type),
	    why,
	    refused ? "refused until another process says hello" :
		      "shut, to be set up anew");
	link_shut(link, refused ? LINK_REFUSED : LINK_DOWN, !refused);
}

static void
link_gone(struct link *link, const char *how)
{
	log_info("link %s: down, %s", role_name(link->peer), how);
	link_shut(link, LINK_DOWN, link->peer == ROLE_IPVSD);
}

/*
 * Hands one packet over. False when the link was closed or replaced by it.
 */
static bool
link_deliver(struct link *link, const struct seqpacket *packet)
{
	uint64_t epoch = link->stats.epoch;
	const char *why = "impossible content";
	enum msg_admit admit;
	struct msg msg;
	int result;

	if (packet->truncated) {
		link_lied(link, MSG_NONE, "truncated packet");
		return false;
	}
	admit = msg_admit(
	    &msg, link->in, packet->len, packet->nfds, link->peer, link->self);
	if (admit != ADMIT_OK) {
		if (packet->fd != -1)
			close(packet->fd);
		link_lied(link, msg.type, msg_admit_name(admit));
		return false;
	}
	msg.fd = packet->fd;
	link->stats.rx++;
	link->stats.last_rx = clock_monotonic();
	if (msg.type == MSG_COMMITTED)
		link->generation_in = msg.generation;
	if (msg_wants_link_generation(msg.type) &&
	    msg.generation != link->generation_in) {
		link->stats.dropped_generation++;
		if (msg.fd != -1)
			close(msg.fd);
		return true;
	}
	result = link->handlers->message(link, &msg, &why, link->arg);
	if (msg.fd != -1)
		close(msg.fd);
	if (link->state != LINK_UP || link->stats.epoch != epoch)
		return false;
	if (result == -1) {
		link_lied(link, msg.type, why);
		return false;
	}
	return true;
}

/* Reads up to limit packets; false when none is left or the link closed. */
static bool
link_read(struct link *link, int limit)
{
	struct seqpacket packet;

	for (int i = 0; i < limit; i++) {
		switch (
		    seqpacket_receive(link->fd, link->in, MSG_MAX, &packet)) {
		case SEQPACKET_OK:
			break;
		case SEQPACKET_AGAIN:
			return false;
		case SEQPACKET_EOF:
			link_gone(link, "the peer closed it");
			return false;
		case SEQPACKET_ERROR:
			link_gone(link, strerror(errno));
			return false;
		}
		if (!link_deliver(link, &packet))
			return false;
	}
	return true;
}

static void
link_on_read(evutil_socket_t fd, short events, void *arg)
{
	(void)fd;
	(void)events;
	(void)link_read(arg, LINK_SLICE);
}

void
link_drain(struct link *link)
{
	if (link->state == LINK_UP)
		(void)link_read(link, LINK_QUEUE_MAX);
}

static void
link_flush(struct link *link)
{
	struct packet *packet;

	while ((packet = TAILQ_FIRST(&link->queue)) != NULL) {
		switch (seqpacket_send(
		    link->fd, packet->data, packet->len, packet->fd)) {
		case SEQPACKET_OK:
			break;
		case SEQPACKET_AGAIN:
			return;
		default:
			link_gone(link, strerror(errno));
			return;
		}
		link->stats.tx++;
		link->stats.queued--;
		TAILQ_REMOVE(&link->queue, packet, entry);
		packet_free(packet);
	}
	event_del(link->write_event);
	if (link->overflowed) {
		link->overflowed = false;
		link->handlers->up(link, link->arg);
	}
}

static void
link_on_write(evutil_socket_t fd, short events, void *arg)
{
	(void)fd;
	(void)events;
	link_flush(arg);
}

/* Whether a link that was refused may try again. */
static bool
still_refused(const struct link *link, pid_t pid)
{
	if (link->state != LINK_REFUSED)
		return false;
	if (pid != 0)
		return pid == link->pid;
	return clock_monotonic() - link->stats.since < LINK_LIES_WINDOW;
}

int
link_attach(struct link *link, int fd, uint64_t epoch, pid_t pid)
{
	int flags = fcntl(fd, F_GETFL);

	if (still_refused(link, pid) || epoch <= link->stats.epoch ||
	    flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1) {
		log_debug("link %s: an end was refused", role_name(link->peer));
		close(fd);
		return -1;
	}
	if (link->state == LINK_REFUSED)
		memset(link->lies, 0, sizeof(link->lies));
	if (link->state == LINK_UP)
		link_close(link);
	link_detach(link, LINK_UP);
	link->fd = fd;
	link->pid = pid;
	link->stats.epoch = epoch;
	link->read_event = event_new(
	    link->base, fd, EV_READ | EV_PERSIST, link_on_read, link);
	link->write_event = event_new(
	    link->base, fd, EV_WRITE | EV_PERSIST, link_on_write, link);
	if (link->read_event == NULL || link->write_event == NULL ||
	    event_add(link->read_event, NULL) == -1)
		fatalx(
		    "link %s: cannot watch its socket", role_name(link->peer));
	log_debug("link %s: up", role_name(link->peer));
	link->handlers->up(link, link->arg);
	return 0;
}

enum link_state
link_state(const struct link *link)
{
	return link->state;
}

bool
link_asks(const struct link *link)
{
	return link->asks;
}

enum role
link_peer(const struct link *link)
{
	return link->peer;
}

pid_t
link_peer_pid(const struct link *link)
{
	return link->pid;
}

const struct link_stats *
link_stats(const struct link *link)
{
	return &link->stats;
}

uint64_t
link_generation_out(const struct link *link)
{
	return link->generation_out;
}

uint64_t
link_generation_in(const struct link *link)
{
	return link->generation_in;
}

void
link_set_generation(struct link *link, uint64_t out)
{
	if (link->state != LINK_UP || out == 0)
		return;
	link->generation_out = out;
	link_compose(link, MSG_COMMITTED);
	link_send(link, 0, -1);
}

struct writer *
link_compose(struct link *link, enum msg_type type)
{
	return link_compose_generation(link, type, link->generation_out);
}

struct writer *
link_compose_generation(
    struct link *link, enum msg_type type, uint64_t generation)
{
	link->composing = type;
	msg_begin(&link->writer, link->out, type, generation);
	return &link->writer;
}

static struct packet *
packet_new(const struct link *link, uint64_t key, size_t len, int fd)
{
	struct packet *packet = calloc(1, sizeof(*packet) + len);

	if (packet == NULL)
		return NULL;
	packet->key = key;
	packet->type = link->composing;
	packet->len = len;
	packet->fd = -1;
	memcpy(packet->data, link->out, len);
	if (fd != -1 && (packet->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3)) == -1) {
		free(packet);
		return NULL;
	}
	return packet;
}

static bool
link_queue(struct link *link, uint64_t key, size_t len, int fd)
{
	struct packet *packet, *old;

	if (key != 0) {
		TAILQ_FOREACH(old, &link->queue, entry) {
			if (old->key != key || old->type != link->composing ||
			    old->len != len)
				continue;
			memcpy(old->data, link->out, len);
			return true;
		}
	}
	if (link->stats.queued >= LINK_QUEUE_MAX ||
	    (packet = packet_new(link, key, len, fd)) == NULL) {
		link->stats.dropped_full++;
		link->overflowed = true;
		return false;
	}
	if (TAILQ_EMPTY(&link->queue))
		event_add(link->write_event, NULL);
	TAILQ_INSERT_TAIL(&link->queue, packet, entry);
	link->stats.queued++;
	return true;
}

bool
link_send(struct link *link, uint64_t key, int fd)
{
	size_t len = msg_end(&link->writer);

	if (link->state != LINK_UP)
		return false;
	if (len == 0) {
		log_warnx("link %s: %s does not fit a packet",
		    role_name(link->peer), msg_name(link->composing));
		return false;
	}
	if (!TAILQ_EMPTY(&link->queue))
		return link_queue(link, key, len, fd);
	switch (seqpacket_send(link->fd, link->out, len, fd)) {
	case SEQPACKET_OK:
		link->stats.tx++;
		return true;
	case SEQPACKET_AGAIN:
		return link_queue(link, key, len, fd);
	default:
		/* The read side will tell that the peer is gone. */
		return false;
	}
}
