/* SPDX-License-Identifier: ISC */
/*
 * The life of a link: ends that come, ends that go, and the peer that lies.
 */
#include <sys/socket.h>

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
	log_change_warnx(link->key, "link %s: %s: %s; %s",
	    role_name(link->peer), msg_name(type), why,
	    refused ? "refused until another process says hello" :
		      "shut, to be set up anew");
	link_shut(link, refused ? LINK_REFUSED : LINK_DOWN, !refused);
}

void
link_gone(struct link *link, const char *how)
{
	log_change(link->key, "link %s: down, %s", role_name(link->peer), how);
	link_shut(link, LINK_DOWN, link->peer == ROLE_IPVSD);
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

/* What cannot be watched must not come as far as the loop. */
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
link_attach(struct link *link, int fd, uint64_t epoch, pid_t pid)
{
	if (still_refused(link, pid) || epoch <= link->stats.epoch) {
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
	if (link->state == LINK_UP)
		link_close(link);
	link_detach(link, LINK_UP);
	if (!link->fd_due)
		seqpacket_refuse_fds(fd);
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

const struct link_stats *
link_stats(const struct link *link)
{
	return &link->stats;
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
