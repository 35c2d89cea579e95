/* SPDX-License-Identifier: ISC */
/*
 * Starts the parser. It is a program of its own (parser/), so that ipvsd, which
 * has a capability, maps no library that reads YAML.
 */
#ifndef IPVSD_RELOAD_PARSER_START_H
#define IPVSD_RELOAD_PARSER_START_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "parser/given.h"

/* What the parser is given. The paths are absolute. */
struct parser_job {
	char *file;
	char *node;		     /* NULL: the host's own */
	char *dirs[PARSER_DIRS_MAX]; /* -R: it may read these, too */
	size_t dir_count;
	bool verbose;
	bool background;
	bool needed; /* no generation is stored, so ipvsd needs the parser */
};

struct parser {
	const char *path; /* of the program; static memory */
	int fd;		  /* ipvsd's end of the pair; -1: there is no parser */
	pid_t pid;
};

/*
 * Starts the parser, before this process has opened anything. If it cannot be
 * started, or a directory of -R is not one, that is fatal when the parser is
 * needed; otherwise it is logged, and ipvsd goes on.
 */
void parser_start(struct parser *, const struct parser_job *);

/* ipvsd -n: this process becomes the parser, which checks the file and, when
 * verbose, prints its canonical form. Exits with 1 when there is no parser. */
void parser_check(const struct parser_job *) __attribute__((noreturn));

#endif
