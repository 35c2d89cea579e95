/* SPDX-License-Identifier: ISC */
/* A link's inside, shared by its life (link.c) and its queue (link_send.c). */
#ifndef COMMON_LINK_LINK_INT_H
#define COMMON_LINK_LINK_INT_H

#include <sys/queue.h>

#include "link/link.h"
#include "link/pace.h"

/* A packet that waits to be sent; link_send.c. */
struct packet;
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
	uint16_t level;
	struct event *read_event;
	struct event *write_event;
	char key[32]; /* in the log */
	bool fd_due;  /* the peer may send descriptors */
	struct packets queue;
	bool overflowed; /* something was dropped: refill() when empty */
	bool asks;	 /* see link_asks() */
	bool deaf;	 /* a packet could not be sent */
	uint64_t generation_in;
	uint64_t generation_out;
	uint64_t lies[LINK_LIES_MAX]; /* when, 0: never */
	struct pace_objects objects;
	uint64_t said[MSG_TYPE_MAX]; /* pace_keeps(), by kind */
	struct link_stats stats;
	struct writer writer;
	enum msg_type composing;
	uint8_t out[MSG_MAX];
	uint8_t in[MSG_MAX + 1];
};

/* Forgets all that waits to be sent. */
void link_queue_clear(struct link *);

/*
 * Sends what waits. False: a packet could not be sent and `deaf` is set; the
 * caller has to end the link.
 */
bool link_flush(struct link *);

#endif
