/* SPDX-License-Identifier: ISC */
/*
 * Starts the parser, which is a program of its own (parser/): ipvsd, which has
 * a capability, maps no library that takes files apart.
 */
#ifndef IPVSD_RELOAD_PARSER_START_H
#define IPVSD_RELOAD_PARSER_START_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "parser/given.h"

/* What it is given; a name of a file or directory begins with a slash. */
struct parser_job {
	char *file;
	char *node;		     /* NULL: the host's own */
	char *dirs[PARSER_DIRS_MAX]; /* -R: may be read, too */
	size_t dir_count;
	bool verbose;
	bool background;
	bool needed; /* without a parser there is no configuration */
};

struct parser {
	const char *path; /* the program */
	int fd;		  /* ipvsd's end of the pair; -1: there is no parser */
	pid_t pid;
};

/*
 * Starts it, before this process has opened anything. When it is needed, a
 * parser that cannot be started and a directory of -R that is none are fatal;
 * else the log says so, and ipvsd goes on without.
 */
void parser_start(struct parser *, const struct parser_job *);

/* ipvsd -n: this process becomes the parser, which checks the file, and with
 * verbose prints its canonical form. */
void parser_check(const struct parser_job *) __attribute__((noreturn));

#endif
