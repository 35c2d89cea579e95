/* SPDX-License-Identifier: ISC */
/* What ctl.c (connections) and ctl_server.c (the socket) share. */
#ifndef COMMON_CTL_CTL_INT_H
#define COMMON_CTL_CTL_INT_H

#include <sys/queue.h>

#include <sys/socket.h>

#include "ctl/ctl.h"
#include "log.h"
#include "process/timer.h"

struct listener;

#define CTL_SIBLINGS 2 /* the other two daemons */

struct ctl_out {
	TAILQ_ENTRY(ctl_out) entry;
	size_t len;
	uint8_t data[];
};

struct ctl_conn {
	TAILQ_ENTRY(ctl_conn) entry;
	TAILQ_ENTRY(ctl_conn) turn_entry;
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
	bool dead;   /* closed; freed when its command returns */
	bool busy;   /* its command runs right now */
	bool queues; /* is in server->turns */
	char *words[CTL_WORDS_MAX];
	int count;
	uint64_t cursor[4];
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
	struct listener *listener;
	TAILQ_HEAD(, ctl_conn) conns;
	TAILQ_HEAD(, ctl_conn) turns; /* whose turn comes, in order */
	struct timer turn;
	uint64_t pause_end;	      /* before it only root has turns, ns */
	gid_t readers;		      /* the group that may ask, beside root */
	uid_t siblings[CTL_SIBLINGS]; /* users that may not, whatever their
					 groups */
	uint32_t count;
	uint64_t next_id;
	struct log_limit complaints;
};

/* Takes an accepted client over. */
void ctl_conn_new(struct ctl_server *, int fd, const struct ucred *);
/* Gives the first of `turns` its turn: it writes, and its command runs. */
void ctl_conn_turn(struct ctl_server *);
/* Frees the connection: now, or when its command returns. */
void ctl_conn_free(struct ctl_conn *);

#endif
