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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf_codec.h"
#include "priv.h"
#include "vipctl.h"

/* Rows of commands that answer with one of each thing, at most. */
#define FEW		    64
#define ADDRESSES_AND_LEASE 256 /* of as many instances as there may be */
#define CHECKS_MAX	    4	/* of as many servers */

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

/* rows: how many had come. */
static int
answer_failed(
    const struct vipctl *ctx, enum role role, size_t rows, char why[WHY_SIZE])
{
	const char *name = role_name(role);

	if (errno == EAGAIN || errno == EWOULDBLOCK)
		snprintf(why, WHY_SIZE, "%s does not answer within %d s", name,
		    ctx->timeout);
	else if (rows == 0 && geteuid() != 0)
		/* That is how a daemon treats those it does not answer. */
		snprintf(why, WHY_SIZE,
		    "%s hung up: asking is for root and group " GROUP_VIPCTL,
		    name);
	else
		snprintf(why, WHY_SIZE, "%s hung up%s or gave a bad answer",
		    name, rows == 0 ? " (has it too many clients?)" : "");
	return EXIT_REFUSED;
}

int
query_open(const struct vipctl *ctx, enum role role, const char *const words[],
    int *code, char why[WHY_SIZE])
{
	struct timeval timeout = {.tv_sec = ctx->timeout};
	int fd, count = 0;

	while (words[count] != NULL)
		count++;
	fd = ctl_connect(ctx->dir, role);
	if (fd == -1) {
		*code = connect_failed(ctx, role, why);
		return -1;
	}
	if (setsockopt(
		fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == -1 ||
	    setsockopt(
		fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) == -1)
		err(EXIT_REFUSED, "setsockopt");
	if (ctl_request(fd, count, words) == -1) {
		*code = answer_failed(ctx, role, 0, why);
		close(fd);
		return -1;
	}
	*code = EXIT_DONE;
	return fd;
}

static json_t *
value_json(const struct vipctl *ctx, struct ctl_answer *answer,
    const struct ctl_value *value)
{
	char *string;

	switch (value->type) {
	case CTL_STRING:
		/* The same bytes, which are ours to change. */
		string = answer->strings + (value->string - answer->strings);
		text_clean(string, ctx->keep);
		return json_stringn_nocheck(string, strlen(string));
	case CTL_UINT:
		/* JSON integers end where int64_t does. */
		return json_integer(value->number > INT64_MAX ?
			INT64_MAX :
			(json_int_t)value->number);
	case CTL_INT:
		return json_integer((json_int_t)value->number);
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

/*
 * More rows than a daemon can have are no answer: one that was taken over
 * must not make us keep what the memory has no room for.
 */
static size_t
rows_max(const char *command)
{
	static const struct {
		const char *command;
		size_t rows;
	} many[] = {
	    {"instances", CONF_INSTANCES_MAX},
	    {"leases", (size_t)CONF_INSTANCES_MAX * ADDRESSES_AND_LEASE},
	    {"services", CONF_SERVICES_MAX + CONF_SERVERS_MAX},
	    {"probes", (size_t)CONF_SERVERS_MAX * CHECKS_MAX},
	    {"config", CONF_SIZE_MAX / CTL_TEXT_PIECE + 1},
	    {"reload", CTL_FINDINGS_MAX},
	};

	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		if (strcmp(command, many[i].command) == 0)
			return many[i].rows;
	}
	return FEW;
}

int
query_try(const struct vipctl *ctx, enum role role, const char *const words[],
    row_fn fn, void *arg, char why[WHY_SIZE])
{
	static struct ctl_answer answer;
	char reason[WHY_SIZE / 2];
	json_t *row;
	bool ok;
	size_t rows = 0, most = rows_max(words[0]);
	int fd, code, next;

	fd = query_open(ctx, role, words, &code, why);
	if (fd == -1)
		return code;
	for (;;) {
		/* Only a time-out sets it: a bad packet is no error of ours. */
		errno = 0;
		next = ctl_next(fd, &answer, &ok, reason, sizeof(reason));
		if (next != 1)
			break;
		if (++rows > most) {
			next = -1;
			break;
		}
		if (fn == NULL)
			continue;
		row = query_row(ctx, &answer);
		fn(row, arg);
		json_decref(row);
	}
	if (next == -1)
		code = answer_failed(ctx, role, rows, why);
	else if (!ok) {
		text_clean(reason, KEEP_PRINTABLE);
		snprintf(why, WHY_SIZE, "%s: %s", role_name(role), reason);
		code = EXIT_REFUSED;
	}
	close(fd);
	return code;
}

int
query(const struct vipctl *ctx, enum role role, const char *const words[],
    row_fn fn, void *arg)
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
row_list_add(json_t *row, void *arg)
{
	struct row_list *list = arg;

	fputs(list->open ? ",\n  " : "[\n  ", stdout);
	list->open = true;
	json_dumpf(row, stdout, JSON_ENSURE_ASCII);
}

/* Nothing at all is printed when it failed before the first row. */
void
row_list_end(struct row_list *list, int code)
{
	if (list->open)
		fputs("\n]\n", stdout);
	else if (code == EXIT_DONE)
		fputs("[]\n", stdout);
}

int
query_json(const struct vipctl *ctx, enum role role, const char *const words[])
{
	struct row_list list = {false};
	char why[WHY_SIZE];
	int code;

	code = query_try(ctx, role, words, row_list_add, &list, why);
	row_list_end(&list, code);
	if (code != EXIT_DONE) {
		fflush(stdout);
		warnx("%s", why);
	}
	return code;
}
