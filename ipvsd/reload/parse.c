/* SPDX-License-Identifier: ISC */
/*
 * The parser answers PARSE with REPORTs, PARSED and, when that says ok, a CONF
 * for every reader. It is trusted no more than any other peer: a message out of
 * turn is a lie, and shuts its link.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf/wire_form.h"
#include "process/timer.h"
#include "reload/parse.h"

/* Longer than PARSER_SECONDS, after which the parser gives up on a worker. */
#define PARSE_SECONDS 35

enum parse_phase {
	PARSE_IDLE,
	PARSE_READING, /* REPORTs, then PARSED */
	PARSE_TAKING   /* CONFs */
};

struct parse {
	struct link *link;
	const char *path; /* the parser's program */
	struct timer timeout;
	const struct parse_handlers *handlers;
	void *arg;
	struct generation *generation;
	uint32_t warnings;
	enum parse_phase phase;
	bool given_up; /* done() was called at the timeout; the answer is
			  dropped when it comes */
};

static void
finish(struct parse *parse, uint32_t errors, uint32_t warnings)
{
	struct generation *generation = parse->generation;
	bool given_up = parse->given_up;

	timer_stop(&parse->timeout);
	parse->phase = PARSE_IDLE;
	parse->generation = NULL;
	parse->given_up = false;
	if (errors > 0 || given_up) {
		generation_free(generation);
		generation = NULL;
	}
	if (!given_up)
		parse->handlers->done(generation, errors, warnings, parse->arg);
}

static void
fail(struct parse *parse, const char *why)
{
	if (!parse->given_up)
		parse->handlers->report(SEVERITY_ERROR, why, parse->arg);
	finish(parse, 1, 0);
}

static int
take_report(struct parse *parse, struct reader *body, const char **why)
{
	char text[MSG_MAX];
	uint8_t severity;

	severity = get_u8(body);
	get_string(body, text, sizeof(text));
	if (!reader_done(body) || severity > SEVERITY_ERROR) {
		*why = "impossible values";
		return -1;
	}
	if (!parse->given_up)
		parse->handlers->report(
		    (enum conf_severity)severity, text, parse->arg);
	return 0;
}

static int
take_parsed(struct parse *parse, struct reader *body, const char **why)
{
	uint32_t errors, warnings;
	uint64_t id;
	bool ok;

	ok = get_bool(body);
	errors = get_u32(body);
	warnings = get_u32(body);
	id = get_u64(body);
	if (!reader_done(body) || ok != (errors == 0) || ok != (id != 0)) {
		*why = "impossible values";
		return -1;
	}
	if (!ok) {
		/* Also in PARSE_TAKING: the worker died between two CONFs. */
		finish(parse, errors, warnings);
		return 0;
	}
	if (parse->phase != PARSE_READING) {
		*why = "out of turn";
		return -1;
	}
	if ((parse->generation = generation_new(id)) == NULL) {
		*why = "out of memory";
		return -1;
	}
	parse->warnings = warnings;
	parse->phase = PARSE_TAKING;
	return 0;
}

/* Takes the memfd of a CONF over, if it has the size that the message says. */
static int
take_part(struct parse *parse, struct msg *msg, uint8_t reader, uint32_t size,
    const char **why)
{
	struct stat st;
	int seals = fcntl(msg->fd, F_GET_SEALS);

	if (seals == -1 || (seals & CONF_WIRE_SEALS) != CONF_WIRE_SEALS) {
		*why = "not a sealed memory file";
		return -1;
	}
	if (fstat(msg->fd, &st) == -1 || st.st_size != (off_t)size ||
	    size > CONF_SIZE_MAX) {
		*why = "not of the size it says";
		return -1;
	}
	parse->generation->fd[reader] = msg->fd;
	parse->generation->size[reader] = size;
	msg->fd = -1;
	return 0;
}

/* Whether this reader's CONF is still to come. */
static bool
conf_expected(const struct parse *parse, uint8_t reader, uint64_t id)
{
	if (parse->generation == NULL || parse->generation->id != id)
		return false;
	for (size_t i = 0; i < GENERATION_READERS; i++) {
		if (generation_readers[i] == reader)
			return parse->generation->fd[reader] == -1;
	}
	return false;
}

static int
take_conf(struct parse *parse, struct msg *msg, const char **why)
{
	uint8_t reader;
	uint32_t size;

	reader = get_u8(&msg->body);
	size = get_u32(&msg->body);
	if (!reader_done(&msg->body) || parse->phase != PARSE_TAKING ||
	    !conf_expected(parse, reader, msg->generation)) {
		*why = "out of turn";
		return -1;
	}
	if (take_part(parse, msg, reader, size, why) == -1)
		return -1;
	if (generation_whole(parse->generation))
		finish(parse, 0, parse->warnings);
	return 0;
}

static int
parse_message(struct link *link, struct msg *msg, const char **why, void *arg)
{
	struct parse *parse = arg;

	(void)link;
	if (parse->phase == PARSE_IDLE) {
		*why = "out of turn";
		return -1;
	}
	switch (msg->type) {
	case MSG_REPORT:
		return take_report(parse, &msg->body, why);
	case MSG_PARSED:
		return take_parsed(parse, &msg->body, why);
	case MSG_CONF:
		return take_conf(parse, msg, why);
	default:
		*why = "not the parser's to say";
		return -1;
	}
}

/* The parser has no snapshot to hear, and a PARSE that is lost ends by the
 * timeout. */
static void
parse_untold(struct link *link, void *arg)
{
	(void)link;
	(void)arg;
}

static void
say_gone(const struct parse *parse)
{
	log_warnx("parser: gone (%s); the configuration cannot be read again "
		  "before ipvsd is restarted",
	    parse->path);
}

static void
parse_down(struct link *link, void *arg)
{
	struct parse *parse = arg;

	(void)link;
	say_gone(parse);
	if (parse->phase != PARSE_IDLE)
		fail(parse, "the parser is gone");
}

static void
parse_timeout(void *arg)
{
	struct parse *parse = arg;

	parse->handlers->report(
	    SEVERITY_ERROR, "the parser does not answer", parse->arg);
	parse->given_up = true;
	parse->handlers->done(NULL, 1, 0, parse->arg);
}

struct parse *
parse_new(struct event_base *base, const struct parser *parser,
    const struct parse_handlers *handlers, void *arg)
{
	static const struct link_handlers link_handlers = {
	    .up = parse_untold,
	    .message = parse_message,
	    .down = parse_down,
	    .refill = parse_untold,
	};
	struct link_end end = {.fd = parser->fd,
	    .peer = ROLE_PARSER,
	    .epoch = clock_monotonic(),
	    .pid = parser->pid,
	    .level = MSG_LEVEL};
	struct parse *parse = calloc(1, sizeof(*parse));

	if (parse == NULL)
		fatal("parse");
	parse->path = parser->path;
	parse->handlers = handlers;
	parse->arg = arg;
	timer_init(&parse->timeout, base, parse_timeout, parse);
	parse->link = link_new(
	    base, ROLE_IPVSD, ROLE_PARSER, &link_handlers, parse);
	if (parser->fd == -1)
		say_gone(parse);
	else if (link_attach(parse->link, &end) == -1)
		fatalx("parse: not an end of a link");
	return parse;
}

void
parse_free(struct parse *parse)
{
	if (parse == NULL)
		return;
	parse->phase = PARSE_IDLE;
	link_free(parse->link);
	timer_stop(&parse->timeout);
	generation_free(parse->generation);
	free(parse);
}

const char *
parse_start(
    struct parse *parse, const char *file, const char *node, bool urgent)
{
	struct writer *writer;

	if (link_state(parse->link) != LINK_UP)
		return "the parser is gone; restart ipvsd";
	if (parse->phase != PARSE_IDLE)
		return "the parser is still busy";
	writer = link_compose(parse->link, MSG_PARSE);
	put_bool(writer, urgent);
	put_string(writer, file);
	put_string(writer, node);
	if (writer->error || !link_send(parse->link, 0, -1))
		return "the parser cannot be asked";
	parse->phase = PARSE_READING;
	timer_after(&parse->timeout, PARSE_SECONDS * NS_PER_SEC);
	return NULL;
}

struct link *
parse_link(struct parse *parse)
{
	return parse->link;
}
