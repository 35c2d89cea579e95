/* SPDX-License-Identifier: ISC */
/*
 * What comes in on a link: every packet passes admission before the handler
 * sees it. Reading is sliced, so that a flood from one peer leaves room for
 * the others.
 */
#include <sys/ioctl.h>

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>

#include "clock.h"
#include "link/link_int.h"
#include "link/seqpacket.h"
#include "process/closer.h"

/* Read before the loop goes on: packets, and how long what they ask takes. */
#define LINK_SLICE    64
#define LINK_SLICE_NS (NS_PER_MS / 2)

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
			closer_close(packet->fd);
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
			closer_close(msg.fd);
		return true;
	}
	result = link->handlers->message(link, &msg, &why, link->arg);
	if (msg.fd != -1)
		closer_close(msg.fd);
	if (link->state != LINK_UP || link->stats.epoch != epoch)
		return false;
	if (result == -1) {
		link_lied(link, msg.type, why);
		return false;
	}
	return true;
}

size_t
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

void
link_on_read(evutil_socket_t fd, short events, void *arg)
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
	/* What comes meanwhile is for the loop: it might never end. */
	while (done < (size_t)waiting && (len = link_read(link)) != 0)
		done += len;
}
