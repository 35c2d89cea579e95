/* SPDX-License-Identifier: ISC */
/*
 * The parser: ipvsd's child, without any capability, where libyaml runs. It
 * answers each PARSE with REPORTs, PARSED and, when the configuration is
 * good, a DRAFT before and three CONFs behind that (common/link/msg_table.h).
 */
#ifndef IPVSD_PARSER_H
#define IPVSD_PARSER_H

#include <sys/types.h>

#include <stdbool.h>

/* What to read without being asked; node NULL: the host's own. */
struct parser_first {
	const char *file;
	const char *node;
};

/*
 * Forks the parser, before this process has opened anything. Returns ipvsd's
 * end of the pair (non-blocking); argc and argv are main's, for the title. It
 * can read what is beside `file` and below, nothing else.
 * With `first` the parser goes to work on that at once, as on a PARSE, while
 * ipvsd gets ready to take the answer. Fatal on failure.
 */
int parser_fork(int argc, char *argv[], const char *file,
    const struct parser_first *first, pid_t *pid);

/* ipvsd -n, in this process: findings to stderr, with print the canonical
 * form to stdout. Returns the exit status. */
int parser_check(const char *file, const char *node, bool print);

#endif
