/* SPDX-License-Identifier: ISC */
/*
 * The parser is a process without any capability, where libyaml runs. It
 * answers each PARSE with REPORTs, PARSED and, when the configuration is good,
 * four CONFs (common/link/msg_table.h).
 */
#ifndef IPVSD_PARSER_PARSER_H
#define IPVSD_PARSER_PARSER_H

#include <stdbool.h>

/* Answers until ipvsd is gone; then it exits. */
void parser_serve(void) __attribute__((noreturn));

/* ipvsd -n (check.c): writes findings to stderr and, with print, the canonical
 * form to stdout. node NULL or "": the host's own. Returns the exit status. */
int parser_check(const char *file, const char *node, bool print);

#endif
