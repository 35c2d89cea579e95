/* SPDX-License-Identifier: ISC */
/*
 * An HTTP check: one request over a connection of its own, by libevent's
 * client. Here are the request and the connection; http_reply.c reads the
 * reply. All replies together have a budget of memory: a connection stops
 * reading while there is no room for more.
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
#include "http_reply.h"
#include "log.h"
#include "process/timer.h"
#include "verdict.h"

/*
 * libevent's own time-out, in s. It is longer than any check's, because
 * checkd's timer ends a check, not libevent.
 */
#define PATIENCE (2 * 24 * 3600)

/*
 * A check that has begun. It outlives its run by a moment: a connection cannot
 * be freed within its own callbacks, so `bury` frees it at the end of the
 * loop's turn.
 */
struct http {
	struct check_run *run; /* NULL: the run has ended */
	struct evhttp_connection *connection;
	struct timer bury;
	bufferevent_event_cb event_cb; /* libevent's own, while connecting */
	bufferevent_data_cb read_cb;
	bufferevent_data_cb write_cb;
	void *event_arg;
	struct budget_share share; /* memory that libevent holds for us */
	struct http_reply reply;
	int error;   /* errno of the connection, 0: none */
	bool failed; /* libevent has called failed(): failure is valid */
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
	if (find_method(probe->http.method) == NULL)
		return "the method is not one of GET, HEAD, OPTIONS";
	if (probe->http.path == NULL || probe->http.path[0] != '/')
		return "the path does not start with /";
	return NULL;
}

static void
bury(void *arg)
{
	struct http *http = arg;

	if (http->connection != NULL)
		evhttp_connection_free(http->connection);
	budget_end(&http->share);
	free(http);
}

/* Ends the run. bury() frees the connection at the end of this turn. */
static void
finish(struct http *http, enum reason reason, uint32_t detail)
{
	struct check_run *run = http->run;

	if (run == NULL)
		return;
	http->run = NULL;
	run->state = NULL;
	timer_end_of_turn(&http->bury);
	run->done(run, reason, detail);
}

/* Ends the run with the verdict on a reply whose status is known. */
static void
judge(struct http *http, struct evhttp_request *request)
{
	finish(http, http_reply_judge(&http->reply, http->run->conf, request),
	    (uint32_t)http->reply.status);
}

static void
judge_failure(struct http *http)
{
	if (http_reply_excessive(&http->reply)) {
		finish(http, REASON_PROTOCOL, 0);
		return;
	}
	switch (http->failure) {
	case EVREQ_HTTP_DATA_TOO_LONG:
		if (http->reply.status != 0)
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

/*
 * The request is over. When it has failed, it is NULL or its status is not
 * known.
 */
static void
replied(struct evhttp_request *request, void *arg)
{
	struct http *http = arg;
	enum reason reason;

	if (http->run == NULL)
		return;
	if (!http->run->connected) {
		/*
		 * connecting() has not run when connect(2) fails at once,
		 * within evhttp_make_request(): errno is still connect's.
		 */
		if (http->error == 0)
			http->error = errno;
		reason = verdict_reason_errno(http->error);
		if (reason == REASON_OK)
			reason = REASON_ERROR;
		finish(http, reason, (uint32_t)http->error);
	} else if (http->failed) {
		judge_failure(http);
	} else if (request == NULL || http->reply.status == 0) {
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

/* Takes size bytes of the budget. Stops reading when there is no room. */
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

/* Bytes have come. libevent calls this before it parses them. */
static void
grew(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
	struct http *http = arg;
	size_t headers;

	if (info->n_added == 0 || http->run == NULL)
		return;
	headers = http_reply_count(&http->reply, input, info->n_added);
	charge(http, http_reply_chain_cost(info->n_added) + headers);
	if (http_reply_excessive(&http->reply))
		finish(http, REASON_PROTOCOL, 0);
}

/* The budget has room again. The connection reads on. */
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

/*
 * Drops a piece of a body when no text is looked for, and gives its memory back
 * to the budget. What is left are the headers and what libevent has not parsed.
 */
static void
forget(struct evhttp_request *request, void *arg)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(request);
	struct http *http = arg;
	size_t unread = evbuffer_get_length(input_of(http));
	size_t left = http_reply_header_cost(&http->reply);

	evbuffer_drain(body, evbuffer_get_length(body));
	if (unread != 0)
		left += http_reply_chain_cost(unread);
	if (http->share.held > left)
		budget_give(&http->share, http->share.held - left);
}

/* A header is complete. -1: libevent gives the request up. */
static int
header_came(struct evhttp_request *request, void *arg)
{
	struct http *http = arg;
	int status = evhttp_request_get_response_code(request);
	size_t headers;

	if (status != 100) {
		http_reply_began(&http->reply, http->connection, status);
		return 0;
	}
	headers = http_reply_interim(&http->reply, input_of(http));
	if (http->run != NULL)
		charge(http, headers);
	/* Otherwise libevent keeps the headers of every reply that comes. */
	evhttp_clear_headers(evhttp_request_get_input_headers(request));
	return http_reply_excessive(&http->reply) ? -1 : 0;
}

/*
 * Stands in for libevent's event callback while the connection is made, because
 * that callback does not tell why a connection was not made. libevent puts the
 * connection's error into errno with BEV_EVENT_ERROR, and with no other event.
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
		conf->http.host != NULL ?
		    conf->http.host :
		    addr_port_format(&conf->addr, conf->port, address)) == -1 ||
	    evhttp_add_header(headers, "Connection", "close") == -1)
		return false;
	for (uint32_t i = 0; i < conf->http.header_count; i++) {
		const struct conf_header *header = &conf->http.headers[i];

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

/* False: the request cannot be made. It is freed then. */
static bool
send_request(struct http *http, const struct conf_probe *conf)
{
	struct evhttp_request *request = evhttp_request_new(replied, http);

	if (request == NULL)
		return false;
	evhttp_request_set_error_cb(request, failed);
	evhttp_request_set_header_cb(request, header_came);
	if (conf->http.body == NULL)
		evhttp_request_set_chunked_cb(request, forget);
	if (!add_headers(request, conf)) {
		evhttp_request_free(request);
		return false;
	}
	errno = 0;
	/* libevent owns the request now, and may call replied() at once. */
	return evhttp_make_request(http->connection, request,
		   find_method(conf->http.method)->type, conf->http.path) == 0;
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
	timer_init(&http->bury, run->base, bury, http);
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
	http_reply_init(&http->reply, http->connection);
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
	timer_end_of_turn(&http->bury);
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
