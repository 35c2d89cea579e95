/* SPDX-License-Identifier: ISC */
/*
 * monitor: the events of all three daemons as they happen, until
 * interrupted. A daemon that goes or comes is an event as well.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "query.h"
#include "row.h"
#include "vipctl.h"

#define DAEMONS	 3
#define CHECKD	 2 /* in roles and pollfds */
#define RETRY_MS 1000

static const enum role roles[DAEMONS] = {ROLE_IPVSD, ROLE_VRRPD, ROLE_CHECKD};
static volatile sig_atomic_t interrupted;

static void
interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

/* The text without "FROM -> TO, ", which stands before it. */
static const char *
without_states(const char *text, const char *from, const char *to)
{
	char states[WHY_SIZE];
	size_t len;

	snprintf(states, sizeof(states), "%s -> %s, ", from, to);
	len = strlen(states);
	return strncmp(text, states, len) == 0 ? text + len : text;
}

static void
print_text(json_t *row)
{
	uint64_t ms = row_time(row, event, time_ms);
	time_t seconds = (time_t)(ms / 1000);
	const char *from = row_text(row, event, from),
		   *to = row_text(row, event, to);
	const char *text = without_states(row_text(row, event, text), from, to);
	char when[32] = "?";
	struct tm tm;

	if (localtime_r(&seconds, &tm) != NULL)
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	printf("%s.%03u %-6s %s %s", when, (unsigned)(ms % 1000),
	    row_text(row, event, daemon), row_text(row, event, object),
	    row_text(row, event, name));
	if (to[0] != '\0')
		printf(": %s%s%s", from, from[0] == '\0' ? "" : " -> ", to);
	printf("%s%s\n", text[0] == '\0' ? "" : ": ", text);
}

/* What ipvsd does upon checkd's word is the same change once more. Programs,
 * which read JSON, hear both. */
static bool
is_echo(const json_t *row, const struct pollfd pollfds[])
{
	return row_is(row, event, daemon, role_name(ROLE_IPVSD)) &&
	    row_is(row, event, object, "probe") && pollfds[CHECKD].fd != -1;
}

static void
print_event(const struct vipctl *ctx, json_t *row)
{
	if (ctx->json) {
		json_dumpf(row, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
		putchar('\n');
	} else
		print_text(row);
	if (fflush(stdout) == EOF)
		err(EXIT_REFUSED, "standard output");
}

static void
daemon_event(const struct vipctl *ctx, enum role role, const char *from,
    const char *to, const char *why)
{
	json_t *row = json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s}",
	    "kind", "event", "time_ms",
	    (json_int_t)(clock_realtime() / NS_PER_MS), "daemon",
	    role_name(role), "object", "daemon", "name", role_name(role),
	    "from", from, "to", to, "text", why);

	if (row == NULL)
		errx(EXIT_REFUSED, "out of memory");
	print_event(ctx, row);
	json_decref(row);
}

/* Reads one event. At the end of the stream it closes the fd. */
static void
read_event(const struct vipctl *ctx, int daemon, struct pollfd pollfds[])
{
	struct pollfd *pollfd = &pollfds[daemon];
	static struct ctl_answer answer;
	char reason[WHY_SIZE / 2] = "the connection is lost";
	json_t *row;
	bool ok = false;
	int next;

	next = ctl_next(pollfd->fd, &answer, &ok, reason, sizeof(reason));
	if (next == 1) {
		row = query_row(ctx, &answer);
		if (ctx->json || !is_echo(row, pollfds))
			print_event(ctx, row);
		json_decref(row);
		return;
	}
	text_clean(reason, ctx->keep);
	daemon_event(ctx, roles[daemon], "running", "not running", reason);
	query_close(pollfd->fd);
	pollfd->fd = -1;
}

/* Connects to the daemons that are not connected. Returns how many are. With
 * first, stderr and *code tell why the others are not. */
static int
connect_all(
    const struct vipctl *ctx, struct pollfd pollfds[], bool first, int *code)
{
	char why[WHY_SIZE];
	int connected = 0, result;

	for (int i = 0; i < DAEMONS; i++) {
		if (pollfds[i].fd == -1) {
			pollfds[i].fd = query_open(
			    ctx, roles[i], WORDS("monitor"), &result, why);
			if (pollfds[i].fd != -1 && !first)
				daemon_event(ctx, roles[i], "not running",
				    "running", "");
			if (pollfds[i].fd == -1 && first) {
				warnx("%s", why);
				*code = result;
			}
		}
		if (pollfds[i].fd != -1)
			connected++;
	}
	return connected;
}

static void
follow(const struct vipctl *ctx, struct pollfd pollfds[],
    const sigset_t *unblocked)
{
	const struct timespec retry = {.tv_sec = RETRY_MS / 1000};
	uint64_t last = clock_monotonic();
	int code;

	while (!interrupted) {
		/* A pollfd with a negative fd is passed over. */
		if (ppoll(pollfds, DAEMONS, &retry, unblocked) == -1) {
			if (errno != EINTR)
				err(EXIT_REFUSED, "poll");
			continue;
		}
		for (int i = 0; i < DAEMONS; i++) {
			if (pollfds[i].fd != -1 && pollfds[i].revents != 0)
				read_event(ctx, i, pollfds);
		}
		if (clock_monotonic() - last >= RETRY_MS * NS_PER_MS) {
			connect_all(ctx, pollfds, false, &code);
			last = clock_monotonic();
		}
	}
}

int
monitor(const struct vipctl *ctx, int argc, char *argv[])
{
	struct sigaction action = {.sa_handler = interrupt};
	struct pollfd pollfds[DAEMONS];
	sigset_t blocked, unblocked;
	int code = EXIT_DONE;

	(void)argc;
	(void)argv;
	/* Signals are blocked except in ppoll(), so that none is missed. */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &unblocked);
	sigdelset(&unblocked, SIGINT);
	sigdelset(&unblocked, SIGTERM);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	for (int i = 0; i < DAEMONS; i++)
		pollfds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	if (connect_all(ctx, pollfds, true, &code) == 0)
		return code;
	follow(ctx, pollfds, &unblocked);
	for (int i = 0; i < DAEMONS; i++) {
		if (pollfds[i].fd != -1)
			query_close(pollfds[i].fd);
	}
	return EXIT_DONE;
}
