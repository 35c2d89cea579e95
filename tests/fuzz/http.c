/* SPDX-License-Identifier: ISC */
/*
 * What a real server answers to an HTTP check, over a connection of its own on
 * loopback. Exactly one end comes, and none is "up" but for a status that was
 * asked for.
 */
#include <sys/socket.h>

#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "check_http.h"
#include "fuzz.h"

static struct event_base *base;
static int listener = -1;
static uint16_t port;
static unsigned ends;

static void
done(struct check_run *run, enum reason reason, uint32_t detail)
{
	(void)run;
	ends++;
	if (reason == REASON_OK)
		MUST(detail == 200 || detail == 204);
	event_base_loopbreak(base);
}

static void
begin(void)
{
	struct sockaddr_in sin = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(sin);

	base = event_base_new();
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	MUST(base != NULL && listener != -1);
	MUST(bind(listener, (struct sockaddr *)&sin, sizeof(sin)) == 0);
	MUST(listen(listener, 16) == 0);
	MUST(getsockname(listener, (struct sockaddr *)&sin, &len) == 0);
	port = ntohs(sin.sin_port);
}

/* The first byte: which method, and whether a text is looked for. */
static void
configure(struct conf_probe *conf, uint8_t how)
{
	static const char *const methods[] = {NULL, "HEAD", "OPTIONS"};
	static struct conf_status_range status[] = {{200, 200}, {204, 204}};

	conf->type = CHECK_HTTP;
	conf->addr.family = AF_INET;
	memcpy(conf->addr.bytes, "\x7f\0\0\1", 4);
	conf->port = port;
	conf->timeout = 1000;
	conf->http.method = methods[how % 3];
	conf->http.path = "/";
	conf->http.status = status;
	conf->http.status_count = 2;
	conf->http.body = how & 8 ? "alive" : NULL;
}

/* Reset, so that no port of loopback's waits after its end. */
static void
answer(const uint8_t *data, size_t size)
{
	struct linger at_once = {1, 0};
	char request[4096];
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	MUST(fd != -1);
	while (event_base_loop(base, EVLOOP_NONBLOCK) == 0 &&
	    recv(fd, request, sizeof(request), MSG_DONTWAIT) <= 0)
		;
	if (send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		shutdown(fd, SHUT_WR);
	for (unsigned i = 0; ends == 0 && i < 64; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_probe conf = {0};
	struct check_run run = {.done = done, .fd = -1};

	if (size < 1)
		return 0;
	if (base == NULL)
		begin();
	configure(&conf, data[0]);
	run.base = base;
	run.conf = &conf;
	ends = 0;
	check_http()->start(&run);
	if (ends == 0)
		answer(data + 1, size - 1);
	if (ends == 0)
		check_http()->cancel(&run);
	/* What is buried in the next turn of the loop. */
	for (unsigned i = 0; i < 4; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	MUST(ends <= 1);
	return 0;
}
