/* SPDX-License-Identifier: ISC */
/*
 * ipvsd's side of the parser: asks for one configuration at a time, collects
 * what comes back, gives up after a while.
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
	/* One finding of the parser's. */
	void (*report)(enum conf_severity, const char *text, void *arg);
	/* The end: the callee owns the generation, NULL when the
	 * configuration is bad or could not be read. */
	void (*done)(
	    struct generation *, uint32_t errors, uint32_t warnings, void *arg);
};

/* The parser's fd is taken over. Fatal on failure, but without a parser all
 * that is asked of it is refused. */
struct parse *parse_new(struct event_base *, const struct parser *,
    const struct parse_handlers *, void *arg);
void parse_free(struct parse *);
/*
 * Asks for file as node (NULL: the host's); urgent: nothing runs yet that the
 * reading could hold up. NULL, or why not: busy, too
 * long, no parser. done() is not called from within.
 */
const char *parse_start(
    struct parse *, const char *file, const char *node, bool urgent);
/* For `vipctl show links`. */
struct link *parse_link(struct parse *);

#endif
