/* SPDX-License-Identifier: ISC */
/*
 * The reply to an HTTP check: what it costs in memory, whether it is more than
 * checkd takes, and whether it is the one that the check expects. The server
 * chooses every byte of it, so headers, lines and body are bounded.
 */
#ifndef CHECKD_HTTP_REPLY_H
#define CHECKD_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "link/health.h"

struct evbuffer;
struct evhttp_connection;
struct evhttp_request;

/* What has come so far. */
struct http_reply {
	bool in_header; /* the next byte belongs to a header */
	bool in_line;	/* and to a line that is not empty */
	size_t header;	/* bytes of headers */
	unsigned lines; /* lines of headers */
	int status;	/* of the real reply; 0: its header has not come */
	int interim;	/* replies "100 Continue" before the real one */
};

/* Begins to count. Sets the limits that libevent itself keeps. */
void http_reply_init(struct http_reply *, struct evhttp_connection *);
/*
 * Counts the last len bytes of input, before libevent reads them. Returns how
 * many bytes of memory libevent needs more for the headers among them.
 */
size_t http_reply_count(
    struct http_reply *, struct evbuffer *input, size_t len);
/*
 * The header of the real reply is complete. From here on libevent takes no
 * more headers than a few behind the last chunk.
 */
void http_reply_began(
    struct http_reply *, struct evhttp_connection *, int status);
/*
 * The header of a reply "100 Continue" is complete. The next header may already
 * be in input: it is counted, and the result is that of http_reply_count().
 */
size_t http_reply_interim(struct http_reply *, struct evbuffer *input);
/* The reply has too many lines, or too many replies came before it. */
bool http_reply_excessive(const struct http_reply *);

/* Bytes of memory that libevent allocates for len bytes read at once. */
size_t http_reply_chain_cost(size_t len);
/* Bytes of memory that libevent needs for the headers so far. */
size_t http_reply_header_cost(const struct http_reply *);

/*
 * Whether a reply with a status is the expected one. request has its body;
 * NULL: the body was longer than checkd takes.
 */
enum reason http_reply_judge(const struct http_reply *,
    const struct conf_probe *, struct evhttp_request *);

#endif
