/* SPDX-License-Identifier: ISC */
/*
 * What comes in on a link: every packet passes admission before the handler
 * sees it. Reading is sliced, so that a flood from one peer leaves room for
 * the others.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "link_int.h"
#include "seqpacket.h"

#define LINK_SLICE 64 /* packets read before the loop goes on */

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

void
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
