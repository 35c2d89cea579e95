/* SPDX-License-Identifier: ISC */
/*
 * The life of a link: ends that come and go, what is read from them, and the
 * peer that lies. Every packet passes admission before the handler sees it.
 * Reading is sliced, so that a flood from one peer leaves room for the others.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/sockios.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "link/link_int.h"
#include "link/seqpacket.h"
#include "log_change.h"
#include "name.h"
#include "process/closer.h"

/* Read in a turn of the loop: packets, and the time that they may take. */
#define LINK_SLICE    64
#define LINK_SLICE_NS (NS_PER_MS / 2)

NAME_FUNCTION(link_state_name, link_state, LINK_STATE_TABLE, "unknown")

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
	link->fd_due = msg_fd_due(peer, self);
	snprintf(link->key, sizeof(link->key), "link %s", role_name(peer));
	link->stats.since = clock_monotonic();
	TAILQ_INIT(&link->queue);
	return link;
}

static void
link_detach(struct link *link, enum link_state state)
{
	if (link->fd != -1) {
		event_free(link->read_event);
		event_free(link->write_event);
		closer_socket(link->fd);
		link->fd = -1;
	}
	link_queue_clear(link);
	link->deaf = false;
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

/* Shuts the link: the peer has lied. */
static void
link_lied(struct link *link, enum msg_type type, const char *why)
{
	bool refused;

	if (link->state != LINK_UP)
		return;
	refused = lies_exhausted(link, clock_monotonic());
	log_change_warnx(link->key, "link %s: %s: %s; %s",
	    role_name(link->peer), msg_name(type), why,
	    refused ? "refused until another process says hello" :
		      "shut, to be set up anew");
	link_shut(link, refused ? LINK_REFUSED : LINK_DOWN, !refused);
}

static void
link_gone(struct link *link, const char *how)
{
	log_change(link->key, "link %s: down, %s", role_name(link->peer), how);
	link_shut(link, LINK_DOWN, link->peer == ROLE_IPVSD);
}

/*
 * A message that a newer version has added. Descriptors that are not due wait
 * in the socket, which has to be shut then (seqpacket.h).
 */
static bool
is_newer(const struct link *link, const struct seqpacket *packet,
    enum msg_admit admit)
{
	return admit == ADMIT_TYPE && link->level > MSG_LEVEL &&
	    packet->nfds <= (link->fd_due ? 1u : 0u);
}

static void
close_fd(const struct msg *msg)
{
	if (msg->fd != -1)
		closer_close(msg->fd);
}

/* Counts a message that nobody needs; true, the link goes on. */
static bool
forget(const struct msg *msg, uint64_t *counter)
{
	(*counter)++;
	close_fd(msg);
	return true;
}

/* Hands a packet over. False: the handler closed or replaced the link. */
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
	msg.fd = packet->fd;
	if (admit != ADMIT_OK && !is_newer(link, packet, admit)) {
		close_fd(&msg);
		link_lied(link, msg.type, msg_admit_name(admit));
		return false;
	}
	link->stats.rx++;
	link->stats.last_rx = clock_monotonic();
	if (!pace_keeps(&link->said[msg.type], msg_pace(msg.type),
		&link->objects, packet->len, link->stats.last_rx)) {
		close_fd(&msg);
		link_lied(link, msg.type, "said more often than is honest");
		return false;
	}
	if (admit != ADMIT_OK)
		return forget(&msg, &link->stats.dropped_newer);
	if (msg.type == MSG_COMMITTED)
		link->generation_in = msg.generation;
	if (msg_wants_link_generation(msg.type) &&
	    msg.generation != link->generation_in)
		return forget(&msg, &link->stats.dropped_generation);
	result = link->handlers->message(link, &msg, &why, link->arg);
	close_fd(&msg);
	if (link->state != LINK_UP || link->stats.epoch != epoch)
		return false;
	if (result == -1) {
		link_lied(link, msg.type, why);
		return false;
	}
	return true;
}

/* Reads a packet and gives its length. 0: there is none, or the link is down.
 */
static size_t
link_read(struct link *link)
{
	struct seqpacket packet;

	if (link->fd_due && closer_full()) {
		link_gone(
		    link, "descriptors come faster than they can be closed");
		return 0;
	}
	switch (seqpacket_receive(
	    link->fd, link->in, MSG_MAX, link->fd_due, &packet)) {
	case SEQPACKET_OK:
		return link_deliver(link, &packet) ? packet.len : 0;
	case SEQPACKET_AGAIN:
		return 0;
	case SEQPACKET_EOF:
		link_gone(link, "the peer closed it");
		return 0;
	case SEQPACKET_ERROR:
		link_gone(link, strerror(errno));
		return 0;
	}
	return 0;
}

static void
on_read(evutil_socket_t fd, short events, void *arg)
{
	uint64_t end = clock_monotonic() + LINK_SLICE_NS;

	(void)fd;
	(void)events;
	for (int i = 0; i < LINK_SLICE; i++) {
		if (link_read(arg) == 0 || clock_monotonic() >= end)
			return;
	}
}

void
link_drain(struct link *link)
{
	int waiting;
	size_t len, done = 0;

	if (link->state != LINK_UP || ioctl(link->fd, SIOCINQ, &waiting) == -1)
		return;
	/* Packets that come meanwhile are the loop's: this must end. */
	while (done < (size_t)waiting && (len = link_read(link)) != 0)
		done += len;
}

/*
 * A packet could not be sent. A peer that is gone has left its last words and
 * its end to be read: these are read first, and the end shuts the link. A peer
 * that lives and takes no packets loses its link too.
 */
static void
hears_no_more(struct link *link)
{
	link_drain(link);
	if (link->deaf)
		(void)link_read(link);
	if (link->deaf)
		link_gone(link, "the peer hears no more");
}

static void
on_write(evutil_socket_t fd, short events, void *arg)
{
	struct link *link = arg;

	(void)fd;
	(void)events;
	if (link->deaf || !link_flush(link))
		hears_no_more(link);
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

/* Whether fd is a socket that the loop can watch; makes it non-blocking. */
static bool
is_an_end(int fd)
{
	int domain, type, flags = fcntl(fd, F_GETFL);
	socklen_t domain_len = sizeof(domain), type_len = sizeof(type);

	return flags != -1 &&
	    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_len) == 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) == 0 &&
	    domain == AF_UNIX && type == SOCK_SEQPACKET &&
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

int
link_attach(struct link *link, const struct link_end *end)
{
	int fd = end->fd;

	if (still_refused(link, end->pid) || end->epoch <= link->stats.epoch) {
		log_debug("link %s: an end was refused", role_name(link->peer));
		closer_close(fd);
		return -1;
	}
	if (!is_an_end(fd)) {
		log_change_warnx(link->key,
		    "link %s: what was given is no end of a link",
		    role_name(link->peer));
		closer_close(fd);
		return -1;
	}
	if (link->state == LINK_REFUSED)
		memset(link->lies, 0, sizeof(link->lies));
	link_shut(link, LINK_DOWN, false);
	link_detach(link, LINK_UP);
	memset(link->said, 0, sizeof(link->said));
	if (!link->fd_due)
		seqpacket_refuse_fds(fd);
	link->fd = fd;
	link->pid = end->pid;
	link->level = end->level;
	link->stats.epoch = end->epoch;
	link->read_event = event_new(
	    link->base, fd, EV_READ | EV_PERSIST, on_read, link);
	link->write_event = event_new(
	    link->base, fd, EV_WRITE | EV_PERSIST, on_write, link);
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

const char *
link_key(const struct link *link)
{
	return link->key;
}

pid_t
link_peer_pid(const struct link *link)
{
	return link->pid;
}

uint16_t
link_level(const struct link *link)
{
	return link->level;
}

const struct link_stats *
link_stats(const struct link *link)
{
	return &link->stats;
}

void
link_expect(struct link *link, uint32_t objects, uint64_t per_second)
{
	link->objects = (struct pace_objects){objects, per_second};
}

void
link_count_unknown(struct link *link)
{
	link->stats.dropped_unknown++;
}

uint64_t
link_generation_out(const struct link *link)
{
	return link->generation_out;
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
