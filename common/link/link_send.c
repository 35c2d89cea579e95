/* SPDX-License-Identifier: ISC */
/*
 * What goes out on a link: straight to the socket, and into a bounded queue
 * only when that is full. A peer that cannot be reached is only marked here;
 * link.c ends the link.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "link/link_int.h"
#include "link/seqpacket.h"
#include "process/closer.h"

struct packet {
	TAILQ_ENTRY(packet) entry;
	uint64_t key;
	enum msg_type type;
	int fd;
	size_t len;
	uint8_t data[];
};

static void
packet_free(struct packet *packet)
{
	if (packet->fd != -1)
		closer_close(packet->fd);
	free(packet);
}

void
link_queue_clear(struct link *link)
{
	struct packet *packet;

	while ((packet = TAILQ_FIRST(&link->queue)) != NULL) {
		TAILQ_REMOVE(&link->queue, packet, entry);
		packet_free(packet);
	}
	link->stats.queued = 0;
	link->overflowed = false;
}

bool
link_flush(struct link *link)
{
	struct packet *packet;

	while ((packet = TAILQ_FIRST(&link->queue)) != NULL) {
		switch (seqpacket_send(
		    link->fd, packet->data, packet->len, packet->fd)) {
		case SEQPACKET_OK:
			break;
		case SEQPACKET_AGAIN:
			return true;
		default:
			link->deaf = true;
			return false;
		}
		link->stats.tx++;
		link->stats.queued--;
		TAILQ_REMOVE(&link->queue, packet, entry);
		packet_free(packet);
	}
	event_del(link->write_event);
	if (link->overflowed) {
		link->overflowed = false;
		link->handlers->refill(link, link->arg);
	}
	return true;
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
		event_add(link->write_event, NULL);
		return false;
	}
	if (TAILQ_EMPTY(&link->queue))
		event_add(link->write_event, NULL);
	TAILQ_INSERT_TAIL(&link->queue, packet, entry);
	link->stats.queued++;
	return true;
}

bool
link_knows(const struct link *link, enum msg_type type)
{
	return link->level >= msg_since(type);
}

bool
link_send(struct link *link, uint64_t key, int fd)
{
	size_t len = msg_end(&link->writer);

	if (link->state != LINK_UP || !link_knows(link, link->composing))
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
		link->deaf = true;
		event_active(link->write_event, EV_WRITE, 0);
		return false;
	}
}

bool
link_send_snapshot(struct link *link, bool begins)
{
	put_bool(link_compose(link, MSG_SNAPSHOT), begins);
	return link_send(link, 0, -1);
}
