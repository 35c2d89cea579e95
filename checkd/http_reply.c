/* SPDX-License-Identifier: ISC */
/* The reply to an HTTP check; see http_reply.h. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>

#include <string.h>

#include "budget.h"
#include "http_reply.h"

#define HEADERS_MAX  16384
#define BODY_MAX     (256 * 1024)
#define LINES_MAX    128
/* checkd does not ask for "100 Continue", but a server may send it. */
#define INTERIM_MAX  4
/* Bytes of headers behind the last chunk. */
#define TRAILERS_MAX 1024

/*
 * What libevent's memory is more than the bytes that came. It keeps a line of
 * a header in three allocations. It keeps what it reads at once in a chain,
 * which begins with a header of its own and has a power of two of bytes.
 */
#define LINE_COST    128
#define CHAIN_MIN    1024
#define CHAIN_HEADER 64

void
http_reply_init(struct http_reply *reply, struct evhttp_connection *connection)
{
	struct bufferevent *bev = evhttp_connection_get_bufferevent(connection);

	*reply = (struct http_reply){.in_header = true};
	evhttp_connection_set_max_headers_size(connection, HEADERS_MAX);
	evhttp_connection_set_max_body_size(connection, BODY_MAX);
	/*
	 * libevent does not bound the line that tells a chunk's size. The
	 * watermark does: libevent never buffers more than a reply may have.
	 */
	bufferevent_setwatermark(bev, EV_READ, 0, HEADERS_MAX + BODY_MAX);
	bufferevent_set_max_single_read(bev, BUDGET_READ - CHAIN_HEADER);
}

/* --- cost --- */

size_t
http_reply_chain_cost(size_t len)
{
	size_t size = CHAIN_MIN;

	while (size < len + CHAIN_HEADER)
		size *= 2;
	return size;
}

size_t
http_reply_header_cost(const struct http_reply *reply)
{
	return reply->header + (size_t)reply->lines * LINE_COST;
}

/* --- headers --- */

/* False: the header ends with this byte. */
static bool
count_byte(struct http_reply *reply, char byte)
{
	reply->header++;
	if (byte != '\n') {
		reply->in_line |= byte != '\r';
		return true;
	}
	reply->lines++;
	reply->in_header = reply->in_line;
	reply->in_line = false;
	return reply->in_header;
}

/* Counts those of the last len bytes that belong to a header. */
static void
count_last(struct http_reply *reply, struct evbuffer *input, size_t len)
{
	struct evbuffer_iovec piece;
	struct evbuffer_ptr at;
	const char *text;

	if (evbuffer_ptr_set(input, &at, evbuffer_get_length(input) - len,
		EVBUFFER_PTR_SET) == -1)
		return;
	while (len > 0 && reply->in_header &&
	    evbuffer_peek(input, (ev_ssize_t)len, &at, &piece, 1) > 0) {
		text = piece.iov_base;
		if (piece.iov_len > len)
			piece.iov_len = len;
		for (size_t i = 0; i < piece.iov_len; i++)
			if (!count_byte(reply, text[i]))
				break;
		len -= piece.iov_len;
		if (evbuffer_ptr_set(
			input, &at, piece.iov_len, EVBUFFER_PTR_ADD) == -1)
			break;
	}
}

size_t
http_reply_count(struct http_reply *reply, struct evbuffer *input, size_t len)
{
	size_t before = http_reply_header_cost(reply);

	count_last(reply, input, len);
	return http_reply_header_cost(reply) - before;
}

void
http_reply_began(
    struct http_reply *reply, struct evhttp_connection *connection, int status)
{
	reply->status = status;
	evhttp_connection_set_max_headers_size(
	    connection, (ev_ssize_t)(reply->header + TRAILERS_MAX));
}

size_t
http_reply_interim(struct http_reply *reply, struct evbuffer *input)
{
	reply->interim++;
	reply->in_header = true;
	return http_reply_count(reply, input, evbuffer_get_length(input));
}

bool
http_reply_excessive(const struct http_reply *reply)
{
	return reply->interim > INTERIM_MAX || reply->lines > LINES_MAX;
}

/* --- the verdict --- */

static bool
status_expected(const struct conf_probe *conf, int status)
{
	for (uint32_t i = 0; i < conf->http.status_count; i++) {
		if (status >= conf->http.status[i].low &&
		    status <= conf->http.status[i].high)
			return true;
	}
	return conf->http.status_count == 0 && status >= 200 && status <= 299;
}

static bool
body_expected(struct evhttp_request *request, const char *body)
{
	struct evbuffer *input = evhttp_request_get_input_buffer(request);
	size_t len = strlen(body);

	return len == 0 || evbuffer_search(input, body, len, NULL).pos != -1;
}

enum reason
http_reply_judge(const struct http_reply *reply, const struct conf_probe *conf,
    struct evhttp_request *request)
{
	if (!status_expected(conf, reply->status))
		return REASON_STATUS;
	if (conf->http.body == NULL)
		return REASON_OK;
	if (request == NULL)
		return REASON_TOO_LARGE;
	return body_expected(request, conf->http.body) ? REASON_OK :
							 REASON_BODY;
}
