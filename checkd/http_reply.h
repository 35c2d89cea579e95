/* SPDX-License-Identifier: ISC */
/*
 * The reply to an HTTP check, read as it comes (RFC 9112), and whether it is
 * the one that the check expects. No input and output here. The server chooses
 * every byte of it: of a reply nothing is kept but the beginning of the line
 * that is being read.
 *
 * Why not by a library: libevent's parser takes a reply 1xx for the answer and
 * a chunk's size "zz" for one, and gives up on a large page as a whole. The
 * parsers that do better are not kept any more or not in Debian 12, and libcurl
 * brings some thirty libraries into this process.
 */
#ifndef CHECKD_HTTP_REPLY_H
#define CHECKD_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "link/health.h"

#define HTTP_HEADER_MAX 16384 /* bytes, of trailers and replies 1xx as well */
#define HTTP_LINES_MAX	128   /* of these */
#define HTTP_BODY_MAX	(256 * 1024) /* bytes that are looked at */
#define HTTP_CHUNK_LINE 4096	     /* bytes of the line of a chunk's size */

struct search;

/* What the next byte belongs to. */
enum http_part {
	HTTP_STATUS_LINE,
	HTTP_HEADER,
	HTTP_BODY,
	HTTP_CHUNK_SIZE,
	HTTP_CHUNK,
	HTTP_CHUNK_END, /* the end of the line behind a chunk */
	HTTP_TRAILER,
	HTTP_DONE,   /* none: the reply has been read */
	HTTP_INVALID /* none: it is no reply */
};

struct http_reply {
	enum http_part part;
	bool head;	 /* the request was HEAD: there is no body */
	bool excess;	 /* more body came than is looked at */
	int status;	 /* of the newest status line */
	bool has_length; /* Content-Length, and what is wrong with it */
	bool bad_length;
	bool coded; /* Transfer-Encoding, and whether chunked is the last */
	bool chunked;
	bool line_ended; /* a header's line, if the next does not go on */
	uint64_t length; /* Content-Length */
	uint64_t left;	 /* of the body or chunk; UINT64_MAX: until the end */
	uint64_t body;	 /* bytes of it so far */
	size_t header;	 /* bytes of headers so far */
	unsigned lines;	 /* of these */
	size_t line_len; /* of the line so far */
	char line[256];	 /* its beginning */
	struct search *search; /* NULL: no text is looked for */
};

/* Begins to read the reply to the probe's request. False: no memory. */
bool http_reply_init(struct http_reply *, const struct conf_http *);
void http_reply_free(struct http_reply *);
/* Takes bytes that came. They do not matter after the end of the reply. */
void http_reply_take(struct http_reply *, const char *, size_t);
/* The server has closed. This may be the end of the reply. */
void http_reply_close(struct http_reply *);
/* Whether a reply that has been read is the one that the probe expects. */
enum reason http_reply_judge(
    const struct http_reply *, const struct conf_http *);

#endif
