/* SPDX-License-Identifier: ISC */
/*
 * One request to one daemon. ctl_client.c bounds what a daemon can answer;
 * here its strings are made safe to show, and what goes wrong gets a line
 * that says what to do about it.
 */
#include <sys/socket.h>
#include <sys/time.h>

#include <err.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf/codec.h"
#include "process/priv.h"
#include "query.h"
#include "vipctl.h"

#define FEW	    64 /* rows_max() of a command that it does not name */
/* How much memory the rows of an answer may take, looked at now and then. */
#define MEMORY_MAX  ((size_t)512 << 20)
#define MEMORY_LOOK 1024 /* rows */

/* How much of a command's time is kept for each daemon that is asked later. */
#define LATER_NS    (2500 * NS_PER_MS)
/* The alarm repeats: one might come just before connect(2). */
#define ALARM_EVERY (100 * NS_PER_MS)

/* "5 s", "2.5 s" */
static const char *
seconds(uint64_t ns, char buf[DURATION_SIZE])
{
	unsigned long long tenths = (ns + 50 * NS_PER_MS) / (100 * NS_PER_MS);

	if (tenths % 10 == 0)
		snprintf(buf, DURATION_SIZE, "%llu s", tenths / 10);
	else
		snprintf(buf, DURATION_SIZE, "%llu.%llu s", tenths / 10,
		    tenths % 10);
	return buf;
}

struct vipctl
query_begin(const struct vipctl *ctx)
{
	struct vipctl begun = *ctx;

	begun.end = clock_monotonic() + (uint64_t)ctx->total * NS_PER_SEC;
	return begun;
}

struct vipctl
query_share(const struct vipctl *begun, unsigned later)
{
	struct vipctl share = *begun;

	share.end -= later * LATER_NS;
	return share;
}

static int
too_late(enum role role, uint64_t waited, char why[WHY_SIZE])
{
	char time[DURATION_SIZE];

	snprintf(why, WHY_SIZE, "%s does not answer within %s", role_name(role),
	    seconds(waited, time));
	return EXIT_SILENT;
}

static int
connect_failed(const struct vipctl *ctx, enum role role, char why[WHY_SIZE])
{
	const char *name = role_name(role);

	switch (errno) {
	case ENOENT:
	case ECONNREFUSED:
		snprintf(why, WHY_SIZE, "%s is not running (%s/%s.ctl)", name,
		    ctx->dir, name);
		return EXIT_DOWN;
	case EACCES:
		snprintf(why, WHY_SIZE,
		    "%s/%s.ctl: permission denied: "
		    "asking is for root and group " GROUP_VIPCTL,
		    ctx->dir, name);
		return EXIT_REFUSED;
	case EPERM:
		snprintf(why, WHY_SIZE,
		    "%s/%s.ctl is held by an impostor, "
		    "neither _%s nor root",
		    ctx->dir, name, name);
		return EXIT_REFUSED;
	default:
		snprintf(why, WHY_SIZE, "%s/%s.ctl: %s", ctx->dir, name,
		    strerror(errno));
		return EXIT_REFUSED;
	}
}

/* Why an answer broke off after so many rows. */
static int
answer_failed(enum role role, size_t rows, char why[WHY_SIZE])
{
	const char *name = role_name(role);

	if (rows == 0 && geteuid() != 0)
		/* A daemon hangs up on a client that may not ask. */
		snprintf(why, WHY_SIZE,
		    "%s hung up: asking is for root and group " GROUP_VIPCTL,
		    name);
	else
		snprintf(why, WHY_SIZE, "%s hung up%s or gave a bad answer",
		    name, rows == 0 ? " (has it too many clients?)" : "");
	return EXIT_REFUSED;
}

static void
on_alarm(int number)
{
	(void)number;
}

/* After ns a signal interrupts whatever blocks, and then every ALARM_EVERY. */
static void
alarm_on(uint64_t ns)
{
	struct sigaction action = {.sa_handler = on_alarm};
	struct itimerval on = {
	    .it_value = clock_timeval(ns),
	    .it_interval = clock_timeval(ALARM_EVERY),
	};

	sigemptyset(&action.sa_mask);
	if (sigaction(SIGALRM, &action, NULL) == -1 ||
	    setitimer(ITIMER_REAL, &on, NULL) == -1)
		err(EXIT_REFUSED, "alarm");
}

/* errno stays as it was. */
static void
alarm_off(void)
{
	static const struct itimerval off;
	int error = errno;

	setitimer(ITIMER_REAL, &off, NULL);
	errno = error;
}

/* connect(2) blocks while the backlog of a daemon that does not accept is full.
 */
static int
connect_within(const struct vipctl *ctx, enum role role, uint64_t ns)
{
	int fd;

	alarm_on(ns);
	fd = ctl_connect(ctx->dir, role);
	alarm_off();
	return fd;
}

void
query_close(int fd)
{
	alarm_on(ALARM_EVERY);
	close(fd);
	alarm_off();
}

static uint64_t
end_of(const struct vipctl *ctx)
{
	return ctx->end != 0 ?
	    ctx->end :
	    clock_monotonic() + (uint64_t)ctx->total * NS_PER_SEC;
}

/*
 * How long to wait for the next row: the time for a row, or what is left for
 * all rows. It is never 0, because a socket's time-out of 0 means for ever.
 */
static uint64_t
patience(const struct vipctl *ctx, uint64_t end)
{
	uint64_t now = clock_monotonic(), left = end > now ? end - now : 0;
	uint64_t row = (uint64_t)ctx->timeout * NS_PER_SEC;

	left = left < row ? left : row;
	return left > NS_PER_MS ? left : NS_PER_MS;
}

static void
set_timeout(int fd, int option, uint64_t ns)
{
	struct timeval time = clock_timeval(ns);

	if (setsockopt(fd, SOL_SOCKET, option, &time, sizeof(time)) == -1)
		err(EXIT_REFUSED, "setsockopt");
}

static int
open_until(const struct vipctl *ctx, enum role role, const char *const words[],
    uint64_t end, int *code, char why[WHY_SIZE])
{
	uint64_t began = clock_monotonic();
	int fd, count = 0;

	while (words[count] != NULL)
		count++;
	fd = connect_within(ctx, role, patience(ctx, end));
	if (fd == -1) {
		*code = errno == EINTR ?
		    too_late(role, clock_monotonic() - began, why) :
		    connect_failed(ctx, role, why);
		return -1;
	}
	set_timeout(fd, SO_SNDTIMEO, patience(ctx, end));
	set_timeout(fd, SO_RCVTIMEO, patience(ctx, end));
	if (ctl_request(fd, count, words) == -1) {
		*code = errno == EAGAIN ?
		    too_late(role, clock_monotonic() - began, why) :
		    answer_failed(role, 0, why);
		query_close(fd);
		return -1;
	}
	*code = EXIT_DONE;
	return fd;
}

int
query_open(const struct vipctl *ctx, enum role role, const char *const words[],
    int *code, char why[WHY_SIZE])
{
	return open_until(ctx, role, words, end_of(ctx), code, why);
}

static json_t *
value_json(const struct vipctl *ctx, struct ctl_answer *answer,
    const struct ctl_value *value)
{
	char *string;

	switch (value->type) {
	case CTL_STRING:
		/* The strings are ours to change, value->string is const. */
		string = answer->strings + (value->string - answer->strings);
		text_clean(string, ctx->keep);
		return json_stringn_nocheck(string, strlen(string));
	case CTL_UINT:
		/* JSON integers end where int64_t does. */
		return json_integer(value->number > INT64_MAX ?
			INT64_MAX :
			(json_int_t)value->number);
	case CTL_BOOL:
		return json_boolean(value->number != 0);
	default:
		return json_null();
	}
}

json_t *
query_row(const struct vipctl *ctx, struct ctl_answer *answer)
{
	json_t *row = json_object();
	char key[sizeof(answer->values[0].key) + sizeof("_count")];

	text_clean(answer->kind, KEEP_PRINTABLE);
	if (row == NULL ||
	    json_object_set_new_nocheck(
		row, "kind", json_string(answer->kind)) == -1)
		errx(EXIT_REFUSED, "out of memory");
	for (int i = 0; i < answer->count; i++) {
		struct ctl_value *value = &answer->values[i];

		text_clean(value->key, KEEP_PRINTABLE);
		/* vrrpd counts drops by reasons such as "version", which is
		 * the name of a property too: both are kept. */
		snprintf(key, sizeof(key), "%s%s", value->key,
		    json_object_get(row, value->key) == NULL ? "" : "_count");
		if (json_object_set_new_nocheck(
			row, key, value_json(ctx, answer, value)) == -1)
			errx(EXIT_REFUSED, "out of memory");
	}
	return row;
}

/* How a question went. */
struct reply {
	uint64_t end; /* when the answer must be complete, monotonic ns */
	size_t rows;
	bool ok;
	char reason[WHY_SIZE / 2]; /* unless ok */
};

/*
 * The most rows that an honest daemon can send. One that was taken over might
 * send rows until memory is full, so more rows are a bad answer.
 */
static size_t
rows_max(const char *command)
{
	static const struct {
		const char *command;
		size_t rows;
	} many[] = {
	    {"instances", CONF_INSTANCES_MAX},
	    {"leases", CONF_INSTANCES_MAX + CONF_ADDRESSES_MAX},
	    {"services", CONF_SERVICES_MAX + CONF_SERVERS_MAX},
	    {"probes", CONF_SERVERS_MAX},
	    {"config", CONF_SIZE_MAX / CTL_TEXT_PIECE + 1},
	    {"reload", CTL_FINDINGS_MAX},
	};

	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		if (strcmp(command, many[i].command) == 0)
			return many[i].rows;
	}
	return FEW;
}

/* Allocated so far, bytes. */
static size_t
memory_used(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* Reads rows until the answer ends. Returns what ctl_next() does; -1 with errno
 * EAGAIN: the time is over. */
static int
take_rows(const struct vipctl *ctx, int fd, const char *command,
    query_row_fn fn, void *arg, struct reply *reply)
{
	static struct ctl_answer answer;
	size_t most = rows_max(command), before = memory_used();
	json_t *row;
	int next;

	for (;;) {
		/* The time ends also while rows keep coming. */
		if (clock_monotonic() >= reply->end) {
			errno = EAGAIN;
			return -1;
		}
		set_timeout(fd, SO_RCVTIMEO, patience(ctx, reply->end));
		/* A time-out sets errno, a bad packet does not. */
		errno = 0;
		next = ctl_next(fd, &answer, &reply->ok, reply->reason,
		    sizeof(reply->reason));
		if (next != 1)
			return next;
		if (++reply->rows > most ||
		    (reply->rows % MEMORY_LOOK == 0 &&
			memory_used() > before + MEMORY_MAX))
			return -1;
		if (fn == NULL)
			continue;
		row = query_row(ctx, &answer);
		fn(row, arg);
		json_decref(row);
	}
}

int
query_try(const struct vipctl *ctx, enum role role, const char *const words[],
    query_row_fn fn, void *arg, char why[WHY_SIZE])
{
	uint64_t began = clock_monotonic();
	struct reply reply = {.end = end_of(ctx)};
	int fd, code, next;

	fd = open_until(ctx, role, words, reply.end, &code, why);
	if (fd == -1)
		return code;
	next = take_rows(ctx, fd, words[0], fn, arg, &reply);
	if (next == -1 && errno == EAGAIN)
		code = too_late(role, clock_monotonic() - began, why);
	else if (next == -1)
		code = answer_failed(role, reply.rows, why);
	else if (!reply.ok) {
		text_clean(reply.reason, KEEP_PRINTABLE);
		snprintf(
		    why, WHY_SIZE, "%s: %s", role_name(role), reply.reason);
		code = EXIT_REFUSED;
	}
	query_close(fd);
	return code;
}

int
query(const struct vipctl *ctx, enum role role, const char *const words[],
    query_row_fn fn, void *arg)
{
	char why[WHY_SIZE];
	int code;

	code = query_try(ctx, role, words, fn, arg, why);
	if (code != EXIT_DONE) {
		fflush(stdout);
		warnx("%s", why);
	}
	return code;
}

void
query_list_add(json_t *row, void *arg)
{
	struct query_list *list = arg;

	fputs(list->open ? ",\n  " : "[\n  ", stdout);
	list->open = true;
	json_dumpf(row, stdout, JSON_ENSURE_ASCII);
}

/* After a failure before the first row nothing is printed. */
void
query_list_end(struct query_list *list, int code)
{
	if (list->open)
		fputs("\n]\n", stdout);
	else if (code == EXIT_DONE)
		fputs("[]\n", stdout);
}

int
query_json(const struct vipctl *ctx, enum role role, const char *const words[])
{
	struct query_list list = {false};
	char why[WHY_SIZE];
	int code;

	code = query_try(ctx, role, words, query_list_add, &list, why);
	query_list_end(&list, code);
	if (code != EXIT_DONE) {
		fflush(stdout);
		warnx("%s", why);
	}
	return code;
}
