/* SPDX-License-Identifier: ISC */
/*
 * One HTTP request over a connection of its own, by libevent's client. The
 * reply is a stranger's: headers and body are bounded, and only its status
 * and the text that is looked for count. What is kept of all replies together
 * has a budget.
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "budget.h"
#include "check_http.h"
#include "clock.h"
#include "log.h"
#include "verdict.h"

#define HEADERS_MAX  16384
#define BODY_MAX     (256 * 1024)
/* Longer than a check's own time-out can be, in s: checkd's timer ends it. */
#define PATIENCE     (2 * 24 * 3600)
/* Replies "100 Continue", which we do not ask for, before the real one. */
#define INTERIM_MAX  4

/*
 * Memory, not bytes: libevent keeps each line of a header in three pieces, and
 * each read in a chain, of which this much is its own.
 */
#define LINES_MAX    128
#define LINE_COST    128
#define CHAIN_MIN    1024
#define CHAIN_HEADER 64
/* Of headers behind the last chunk. */
#define TRAILERS_MAX 1024

/*
 * Outlives the run by a moment: a connection cannot be freed from within its
 * own callbacks, so `bury` does it in the loop's next turn.
 */
struct http {
	struct check_run *run; /* NULL: the run has ended */
	struct evhttp_connection *connection;
	struct event *bury;
	bufferevent_event_cb event_cb; /* libevent's own, while connecting */
	bufferevent_data_cb read_cb;
	bufferevent_data_cb write_cb;
	void *event_arg;
	struct budget_share share;
	bool in_header; /* what comes next belongs to one */
	bool in_line;	/* and to a line that is not empty */
	size_t header;	/* bytes of headers that came */
	unsigned lines; /* of them */
	int error;	/* errno of the connection, 0: none */
	int status;	/* 0: no header has come */
	int interim;	/* replies that were not the last word */
	bool failed;	/* libevent said why: failure */
	enum evhttp_request_error failure;
};

static const struct method {
	const char *name;
	enum evhttp_cmd_type type;
} methods[] = {
    {"GET", EVHTTP_REQ_GET},
    {"HEAD", EVHTTP_REQ_HEAD},
    {"OPTIONS", EVHTTP_REQ_OPTIONS},
};

static const struct method *
find_method(const char *name)
{
	if (name == NULL)
		return &methods[0];
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	}
	return NULL;
}

static const char *
refuse(const struct conf_probe *probe)
{
	if (addr_len(probe->addr.family) == 0 || probe->port == 0)
		return "an http check needs an address and a port";
	if (find_method(probe->method) == NULL)
		return "the method is not one of GET, HEAD, OPTIONS";
	if (probe->path == NULL || probe->path[0] != '/')
		return "the path does not start with /";
	return NULL;
}

static void
bury(evutil_socket_t fd, short what, void *arg)
{
	struct http *http = arg;

	(void)fd;
	(void)what;
	if (http->connection != NULL)
		evhttp_connection_free(http->connection);
	budget_end(&http->share);
	event_free(http->bury);
	free(http);
}

/* Ends the run; the connection goes with the loop's next turn. */
static void
finish(struct http *http, enum reason reason, uint32_t detail)
{
	struct check_run *run = http->run;

	if (run == NULL)
		return;
	http->run = NULL;
	run->state = NULL;
	event_active(http->bury, EV_TIMEOUT, 1);
	run->done(run, reason, detail);
}

static bool
status_expected(const struct conf_probe *conf, int status)
{
	for (uint32_t i = 0; i < conf->status_count; i++) {
		if (status >= conf->status[i].low &&
		    status <= conf->status[i].high)
			return true;
	}
	return conf->status_count == 0 && status >= 200 && status <= 299;
}

static bool
body_expected(struct evhttp_request *request, const char *body)
{
	struct evbuffer *input = evhttp_request_get_input_buffer(request);
	size_t len = strlen(body);

	return len == 0 || evbuffer_search(input, body, len, NULL).pos != -1;
}

/* A reply has come, or its header and then too much of a body. */
static void
judge(struct http *http, struct evhttp_request *request)
{
	const struct conf_probe *conf = http->run->conf;

	if (!status_expected(conf, http->status))
		finish(http, REASON_STATUS, (uint32_t)http->status);
	else if (conf->body == NULL)
		finish(http, REASON_OK, (uint32_t)http->status);
	else if (request == NULL)
		finish(http, REASON_TOO_LARGE, (uint32_t)http->status);
	else if (!body_expected(request, conf->body))
		finish(http, REASON_BODY, (uint32_t)http->status);
	else
		finish(http, REASON_OK, (uint32_t)http->status);
}

static void
judge_failure(struct http *http)
{
	if (http->interim > INTERIM_MAX || http->lines > LINES_MAX) {
		finish(http, REASON_PROTOCOL, 0);
		return;
	}
	switch (http->failure) {
	case EVREQ_HTTP_DATA_TOO_LONG:
		if (http->status != 0)
			judge(http, NULL);
		else
			finish(http, REASON_TOO_LARGE, 0);
		break;
	case EVREQ_HTTP_EOF:
	case EVREQ_HTTP_BUFFER_ERROR:
		finish(http, REASON_CLOSED, (uint32_t)http->error);
		break;
	case EVREQ_HTTP_TIMEOUT:
		finish(http, REASON_TIMEOUT_REPLY, 0);
		break;
	case EVREQ_HTTP_INVALID_HEADER:
	case EVREQ_HTTP_REQUEST_CANCEL:
		finish(http, REASON_PROTOCOL, 0);
		break;
	}
}

/* The request is over. It is NULL, or without a status, when it failed. */
static void
replied(struct evhttp_request *request, void *arg)
{
	struct http *http = arg;
	enum reason reason;

	if (http->run == NULL)
		return;
	if (!http->run->connected) {
		/* At once: still within evhttp_make_request(). */
		if (http->error == 0)
			http->error = errno;
		reason = verdict_reason_errno(http->error);
		if (reason == REASON_OK)
			reason = REASON_ERROR;
		finish(http, reason, (uint32_t)http->error);
	} else if (http->failed) {
		judge_failure(http);
	} else if (request == NULL || http->status == 0) {
		finish(http, REASON_CLOSED, 0);
	} else {
		judge(http, request);
	}
}

static void
failed(enum evhttp_request_error failure, void *arg)
{
	struct http *http = arg;

	http->failed = true;
	http->failure = failure;
}

static struct evbuffer *
input_of(const struct http *http)
{
	return bufferevent_get_input(
	    evhttp_connection_get_bufferevent(http->connection));
}

/* What libevent allocates for so much that is read at once. */
static size_t
chain_size(size_t len)
{
	size_t size = CHAIN_MIN;

	while (size < len + CHAIN_HEADER)
		size *= 2;
	return size;
}

/* False: here the header ends. */
static bool
scan_byte(struct http *http, char byte)
{
	http->header++;
	if (byte != '\n') {
		http->in_line |= byte != '\r';
		return true;
	}
	http->lines++;
	http->in_header = http->in_line;
	http->in_line = false;
	return http->in_header;
}

/* What of the last so many bytes belongs to a header. */
static void
scan(struct http *http, struct evbuffer *input, size_t len)
{
	struct evbuffer_iovec piece;
	struct evbuffer_ptr at;
	const char *text;

	if (evbuffer_ptr_set(input, &at, evbuffer_get_length(input) - len,
		EVBUFFER_PTR_SET) == -1)
		return;
	while (len > 0 && http->in_header &&
	    evbuffer_peek(input, (ev_ssize_t)len, &at, &piece, 1) > 0) {
		text = piece.iov_base;
		if (piece.iov_len > len)
			piece.iov_len = len;
		for (size_t i = 0; i < piece.iov_len; i++)
			if (!scan_byte(http, text[i]))
				break;
		len -= piece.iov_len;
		if (evbuffer_ptr_set(
			input, &at, piece.iov_len, EVBUFFER_PTR_ADD) == -1)
			break;
	}
}

static size_t
header_cost(const struct http *http)
{
	return http->header + (size_t)http->lines * LINE_COST;
}

/* Stops to read when there is no room for so much more. */
static void
charge(struct http *http, size_t size)
{
	if (budget_take(&http->share, size))
		return;
	if (http->run->held_since == 0)
		http->run->held_since = clock_monotonic();
	bufferevent_disable(
	    evhttp_connection_get_bufferevent(http->connection), EV_READ);
}

/* Before libevent looks at it. */
static void
grew(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
	struct http *http = arg;
	size_t before = header_cost(http);

	if (info->n_added == 0 || http->run == NULL)
		return;
	scan(http, input, info->n_added);
	charge(http, chain_size(info->n_added) + header_cost(http) - before);
	if (http->lines > LINES_MAX)
		finish(http, REASON_PROTOCOL, 0);
}

static void
go_on(struct budget_share *share)
{
	struct http *http = (struct http *)((char *)share -
	    offsetof(struct http, share));

	if (http->run == NULL)
		return;
	http->run->held += clock_monotonic() - http->run->held_since;
	http->run->held_since = 0;
	bufferevent_enable(
	    evhttp_connection_get_bufferevent(http->connection), EV_READ);
}

/* A piece of a body that nobody looks at. */
static void
forget(struct evhttp_request *request, void *arg)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(request);
	struct http *http = arg;
	size_t left = evbuffer_get_length(input_of(http));

	evbuffer_drain(body, evbuffer_get_length(body));
	left = header_cost(http) + (left == 0 ? 0 : chain_size(left));
	if (http->share.held > left)
		budget_give(&http->share, http->share.held - left);
}

static int
header_came(struct evhttp_request *request, void *arg)
{
	struct http *http = arg;
	int status = evhttp_request_get_response_code(request);
	size_t before = header_cost(http);

	if (status != 100) {
		http->status = status;
		evhttp_connection_set_max_headers_size(http->connection,
		    (ev_ssize_t)(http->header + TRAILERS_MAX));
		return 0;
	}
	/* Another one follows, perhaps in what has come already. */
	http->in_header = true;
	scan(http, input_of(http), evbuffer_get_length(input_of(http)));
	if (http->run != NULL)
		charge(http, header_cost(http) - before);
	/* libevent would collect the headers of all that come. */
	evhttp_clear_headers(evhttp_request_get_input_headers(request));
	return ++http->interim > INTERIM_MAX || http->lines > LINES_MAX ? -1 :
									  0;
}

/*
 * Stands before libevent's own callback while it connects, because that one
 * does not tell why a connection was not made. With BEV_EVENT_ERROR, and with
 * that alone, libevent has put the connection's error into errno.
 */
static void
connecting(struct bufferevent *bev, short what, void *arg)
{
	struct http *http = arg;

	if ((what & BEV_EVENT_ERROR) != 0)
		http->error = EVUTIL_SOCKET_ERROR();
	else if ((what & BEV_EVENT_CONNECTED) == 0)
		http->error = ETIMEDOUT;
	else if (http->run != NULL)
		http->run->connected = true;
	bufferevent_setcb(bev, http->read_cb, http->write_cb, http->event_cb,
	    http->event_arg);
	http->event_cb(bev, what, http->event_arg);
}

static void
watch_connecting(struct http *http)
{
	struct bufferevent *bev = evhttp_connection_get_bufferevent(
	    http->connection);

	bufferevent_getcb(bev, &http->read_cb, &http->write_cb, &http->event_cb,
	    &http->event_arg);
	if (http->event_cb != NULL)
		bufferevent_setcb(
		    bev, http->read_cb, http->write_cb, connecting, http);
}

static bool
add_headers(struct evhttp_request *request, const struct conf_probe *conf)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	char address[ADDR_PORT_STRLEN];
	bool agent = false;

	if (evhttp_add_header(headers, "Host",
		conf->host != NULL ?
		    conf->host :
		    addr_port_format(&conf->addr, conf->port, address)) == -1 ||
	    evhttp_add_header(headers, "Connection", "close") == -1)
		return false;
	for (uint32_t i = 0; i < conf->header_count; i++) {
		const struct conf_header *header = &conf->headers[i];

		if (strcasecmp(header->name, "User-Agent") == 0)
			agent = true;
		if (strcasecmp(header->name, "Host") == 0 ||
		    strcasecmp(header->name, "Connection") == 0)
			evhttp_remove_header(headers, header->name);
		if (evhttp_add_header(headers, header->name, header->value) ==
		    -1)
			return false;
	}
	return agent ||
	    evhttp_add_header(headers, "User-Agent",
		"triumvir-checkd/" TRIUMVIR_VERSION) == 0;
}

/* False when it could not be made; the request is freed then. */
static bool
send_request(struct http *http, const struct conf_probe *conf)
{
	struct evhttp_request *request = evhttp_request_new(replied, http);

	if (request == NULL)
		return false;
	evhttp_request_set_error_cb(request, failed);
	evhttp_request_set_header_cb(request, header_came);
	if (conf->body == NULL)
		evhttp_request_set_chunked_cb(request, forget);
	if (!add_headers(request, conf)) {
		evhttp_request_free(request);
		return false;
	}
	errno = 0;
	/* Owns the request from here on, may have called replied(). */
	return evhttp_make_request(http->connection, request,
		   find_method(conf->method)->type, conf->path) == 0;
}

static void
bound(struct http *http)
{
	struct bufferevent *bev = evhttp_connection_get_bufferevent(
	    http->connection);

	evhttp_connection_set_max_headers_size(http->connection, HEADERS_MAX);
	evhttp_connection_set_max_body_size(http->connection, BODY_MAX);
	/* Nor is there a bound on the line that tells a chunk's size: what
	 * cannot be part of a reply that we take is not read. */
	bufferevent_setwatermark(bev, EV_READ, 0, HEADERS_MAX + BODY_MAX);
	bufferevent_set_max_single_read(bev, BUDGET_READ - CHAIN_HEADER);
}

static void
start(struct check_run *run)
{
	struct http *http = calloc(1, sizeof(*http));
	char address[ADDR_STRLEN];

	if (http == NULL) {
		run->done(run, REASON_LIMIT, ENOMEM);
		return;
	}
	http->run = run;
	http->share.go_on = go_on;
	http->in_header = true;
	http->bury = event_new(run->base, -1, 0, bury, http);
	if (http->bury == NULL) {
		free(http);
		run->done(run, REASON_LIMIT, ENOMEM);
		return;
	}
	run->state = http;
	http->connection = evhttp_connection_base_bufferevent_new(run->base,
	    NULL, NULL, addr_format(&run->conf->addr, address),
	    run->conf->port);
	if (http->connection == NULL) {
		finish(http, REASON_LIMIT, ENOMEM);
		return;
	}
	evhttp_connection_set_family(http->connection, run->conf->addr.family);
	evhttp_connection_set_retries(http->connection, 0);
	evhttp_connection_set_timeout(http->connection, PATIENCE);
	bound(http);
	if (evbuffer_add_cb(input_of(http), grew, http) == NULL) {
		finish(http, REASON_LIMIT, ENOMEM);
		return;
	}
	if (!send_request(http, run->conf))
		finish(http, REASON_ERROR, (uint32_t)errno);
	else if (http->run != NULL)
		watch_connecting(http);
}

static void
cancel(struct check_run *run)
{
	struct http *http = run->state;

	http->run = NULL;
	run->state = NULL;
	event_active(http->bury, EV_TIMEOUT, 1);
}

const struct check_type *
check_http(void)
{
	static const struct check_type type = {
	    .type = CHECK_HTTP,
	    .refuse = refuse,
	    .start = start,
	    .cancel = cancel,
	};

	return &type;
}
