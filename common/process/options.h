/* SPDX-License-Identifier: ISC */
/* The options that the daemons share: [-dhvV] [-r DIR] [-F role=fd]. */
#ifndef COMMON_PROCESS_OPTIONS_H
#define COMMON_PROCESS_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>

#include "role.h"

#define OPTIONS_DIR	"/run/triumvir"
/* For getopt_long(3), with options_long. */
#define OPTIONS_LETTERS "dhvVr:F:"
/* What these are for, a line each. */
#define OPTIONS_HELP                                                         \
	"  -d          stay in the foreground, log to standard error\n"      \
	"  -F role=fd  this descriptor is a link to that daemon\n"           \
	"  -r DIR      the run-time directory, by default " OPTIONS_DIR "\n" \
	"  -v          log more; twice: all that is sent and received\n"     \
	"  -h, --help  print this\n"                                         \
	"  -V, --version\n"                                                  \
	"              print the version\n"

struct options {
	bool foreground;
	int verbose;
	const char *dir;
	bool given;	   /* -F was */
	int fds[ROLE_MAX]; /* ready-made ends of links, -1: none */
};

extern const struct option options_long[];

void options_init(struct options *);
/*
 * Takes one option in if it is of those that all have; text is its argument.
 * False when it is none of them or its argument is impossible. self is whose
 * options they are: it has no link to itself. -V prints the version and exits.
 */
bool options_take(
    struct options *, enum role self, int option, const char *text);
/* -h, or the word help: prints these lines and exits with 0. */
void options_help(enum role self, const char *help) __attribute__((noreturn));
/* Whether what stands behind the options is the word help, and no more. */
bool options_word_help(int argc, char *argv[]);
/* All of vrrpd's or checkd's; exits with a usage line on any other. */
void options_parse(struct options *, enum role self, int argc, char *argv[]);

#endif
