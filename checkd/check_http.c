/* SPDX-License-Identifier: ISC */
/*
 * An HTTP check: one request over a connection of its own. Here are the
 * connection and the request; http_reply.c reads the reply.
 */
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "check_http.h"
#include "check_socket.h"
#include "http_reply.h"
#include "verdict.h"

#define READ_MAX 16384 /* bytes in a turn of the loop */

/* A check that has begun. */
struct http {
	struct check_run *run;
	struct event *io;
	char *request;
	size_t request_len;
	size_t sent; /* bytes of the request */
	struct http_reply reply;
};

static const char *
refuse(const struct conf_probe *probe)
{
	static const char *const methods[] = {"GET", "HEAD", "OPTIONS"};
	bool known = probe->http.method == NULL;

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		known |= probe->http.method != NULL &&
		    strcmp(probe->http.method, methods[i]) == 0;
	if (addr_len(probe->addr.family) == 0 || probe->port == 0)
		return "an http check needs an address and a port";
	if (!known)
		return "the method is not one of GET, HEAD, OPTIONS";
	if (probe->http.path == NULL || probe->http.path[0] != '/')
		return "the path does not start with /";
	return NULL;
}

/* --- the request --- */

/* Whether the operator gives a header of this name. */
static bool
has_header(const struct conf_http *conf, const char *name)
{
	for (uint32_t i = 0; i < conf->header_count; i++)
		if (strcasecmp(conf->headers[i].name, name) == 0)
			return true;
	return false;
}

static void
write_request(FILE *file, const struct conf_probe *probe)
{
	const struct conf_http *conf = &probe->http;
	char address[ADDR_PORT_STRLEN];

	fprintf(file, "%s %s HTTP/1.1\r\n",
	    conf->method != NULL ? conf->method : "GET", conf->path);
	if (!has_header(conf, "Host"))
		fprintf(file, "Host: %s\r\n",
		    conf->host != NULL ?
			conf->host :
			addr_port_format(&probe->addr, probe->port, address));
	if (!has_header(conf, "Connection"))
		fputs("Connection: close\r\n", file);
	for (uint32_t i = 0; i < conf->header_count; i++)
		fprintf(file, "%s: %s\r\n", conf->headers[i].name,
		    conf->headers[i].value);
	if (!has_header(conf, "User-Agent"))
		fputs("User-Agent: triumvir-checkd/" TRIUMVIR_VERSION "\r\n",
		    file);
	fputs("\r\n", file);
}

/* False: no memory. */
static bool
make_request(struct http *http, const struct conf_probe *probe)
{
	FILE *file = open_memstream(&http->request, &http->request_len);

	if (file == NULL)
		return false;
	write_request(file, probe);
	return fclose(file) == 0 && http->request != NULL;
}

/* --- the end --- */

static void
cancel(struct check_run *run)
{
	struct http *http = run->state;

	run->state = NULL;
	if (http->io != NULL)
		event_free(http->io);
	check_close(run);
	http_reply_free(&http->reply);
	free(http->request);
	free(http);
}

static void
finish(struct check_run *run, enum reason reason, uint32_t detail)
{
	cancel(run);
	run->done(run, reason, detail);
}

/* --- the connection --- */

/* Forgets the request when it is sent, or nobody reads it any more: what comes
 * then tells. */
static void
send_request(struct http *http)
{
	ssize_t n = send(http->run->fd, http->request + http->sent,
	    http->request_len - http->sent, MSG_NOSIGNAL);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != -1)
		http->sent += (size_t)n;
	if (n != -1 && http->sent < http->request_len)
		return;
	event_del(http->io);
	event_assign(http->io, http->run->base, http->run->fd,
	    EV_READ | EV_PERSIST, event_get_callback(http->io), http);
	if (event_add(http->io, NULL) == -1)
		finish(http->run, REASON_LIMIT, ENOMEM);
}

static void
receive(struct http *http)
{
	static char bytes[READ_MAX];
	struct check_run *run = http->run;
	struct http_reply *reply = &http->reply;
	ssize_t n = recv(run->fd, bytes, sizeof(bytes), 0);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		http_reply_take(reply, bytes, (size_t)n);
	else if (n == 0)
		http_reply_close(reply);
	if (reply->part == HTTP_DONE)
		finish(run, http_reply_judge(reply, &run->conf->http),
		    (uint32_t)reply->status);
	else if (reply->part == HTTP_INVALID)
		finish(run, REASON_PROTOCOL, 0);
	else if (n <= 0)
		finish(run, REASON_CLOSED, 0);
}

static void
on_io(evutil_socket_t fd, short what, void *arg)
{
	struct http *http = arg;
	struct check_run *run = http->run;
	socklen_t len = sizeof(int);
	int error = 0;

	if (!run->connected) {
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
			error = errno;
		if (error != 0) {
			finish(
			    run, verdict_reason_errno(error), (uint32_t)error);
			return;
		}
		run->connected = true;
	}
	if ((what & EV_READ) != 0)
		receive(http);
	else
		send_request(http);
}

static void
start(struct check_run *run)
{
	struct http *http = calloc(1, sizeof(*http));
	int error;

	if (http == NULL) {
		run->done(run, REASON_LIMIT, ENOMEM);
		return;
	}
	http->run = run;
	run->state = http;
	if (!http_reply_init(&http->reply, &run->conf->http) ||
	    !make_request(http, run->conf)) {
		finish(run, REASON_LIMIT, ENOMEM);
		return;
	}
	error = check_connect(run);
	if (error != 0 && error != EINPROGRESS) {
		finish(run, verdict_reason_errno(error), (uint32_t)error);
		return;
	}
	http->io = event_new(
	    run->base, run->fd, EV_READ | EV_WRITE | EV_PERSIST, on_io, http);
	if (http->io == NULL || event_add(http->io, NULL) == -1)
		finish(run, REASON_LIMIT, ENOMEM);
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
