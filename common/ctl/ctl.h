/* SPDX-License-Identifier: ISC */
/*
 * The control sockets DIR/{ipvsd,vrrpd,checkd}.ctl. A client sends one
 * CTL_REQUEST (words); the daemon answers with CTL_ROWs, self-describing
 * records of named values, and one CTL_END. Rows are produced only as fast
 * as the client reads. Reading is for root, the daemon's own user and group
 * _vipctl, and for no other daemon; what changes something is for root.
 */
#ifndef COMMON_CTL_CTL_H
#define COMMON_CTL_CTL_H

#include <event2/event.h>

#include "ctl/ctl_row.h"

#define CTL_CLIENTS_MAX	    64
#define CTL_CLIENTS_PER_UID 32
#define CTL_WORD_LEN	    4096
#define CTL_QUEUE_MAX	    1024 /* rows waiting for one client */

struct ctl_conn;

/*
 * A command. `run` is called when the request came and, until it returns
 * CTL_DONE, again each time there is room for more rows; it sends at most
 * about CTL_SLICE rows a call and keeps its place in ctl_cursor(). CTL_WAIT
 * parks the request until ctl_resume(); CTL_STAY makes the connection a
 * subscriber of ctl_broadcast() (monitor).
 */
enum ctl_next { CTL_DONE, CTL_MORE, CTL_WAIT, CTL_STAY };
#define CTL_SLICE 64

struct ctl_command {
	const char *name;
	bool changes; /* root only */
	enum ctl_next (*run)(struct ctl_conn *, void *arg);
};

int ctl_argc(const struct ctl_conn *);
const char *ctl_argv(const struct ctl_conn *, int); /* 0 is the command */
/* Four numbers of the command's own, 0 at first. */
uint64_t *ctl_cursor(struct ctl_conn *);
/*
 * Sends a row, a struct ctl_row_KIND. A row that lacks a value which its kind
 * always has, or that does not fit a packet, is not sent, and the log says so.
 * In a build with TRIUMVIR_FILTER_KILLS a value that is lacking ends the
 * daemon, so that no test misses it.
 */
#define ctl_send(conn, row) ctl_send_row(conn, CTL_KIND_OF(row), row)
void ctl_send_row(struct ctl_conn *, const struct ctl_kind *, const void *row);
/* Sets the error that CTL_END will carry (success otherwise). */
void ctl_fail(struct ctl_conn *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Of the connection, for ctl_find(): who waits may be gone by then. */
uint64_t ctl_id(const struct ctl_conn *);
/* Goes on with a request that waits (CTL_WAIT). */
void ctl_resume(struct ctl_conn *);

#endif
