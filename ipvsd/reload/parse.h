/* SPDX-License-Identifier: ISC */
/*
 * ipvsd's side of the parser. It asks for one configuration at a time, collects
 * the answer, and gives up after 35 seconds.
 */
#ifndef IPVSD_RELOAD_PARSE_H
#define IPVSD_RELOAD_PARSE_H

#include <event2/event.h>

#include "conf/severity.h"
#include "link/link.h"
#include "reload/parser_start.h"
#include "running/generation.h"

struct parse;

struct parse_handlers {
	/* A finding of the parser, or why there is no answer. */
	void (*report)(enum conf_severity, const char *text, void *arg);
	/* The answer is complete. The callee owns the generation; it is NULL
	 * when the configuration is bad or could not be read. */
	void (*done)(
	    struct generation *, uint32_t errors, uint32_t warnings, void *arg);
};

/* Owns the parser's fd. Fatal on failure. If there is no parser, parse_start()
 * refuses. */
struct parse *parse_new(struct event_base *, const struct parser *,
    const struct parse_handlers *, void *arg);
void parse_free(struct parse *);
/*
 * Asks for the configuration in file, as node sees it (NULL: the host's own).
 * urgent: nothing is in force, so the parser need not be nice to the daemons.
 * NULL, or why it cannot be asked: busy, a name is too long, no parser. done()
 * is never called from within.
 */
const char *parse_start(
    struct parse *, const char *file, const char *node, bool urgent);
/* For `vipctl show links`. */
struct link *parse_link(struct parse *);

#endif
