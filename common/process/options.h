/* SPDX-License-Identifier: ISC */
/* The options that the daemons share: [-dv] [-r DIR] [-F role=fd]. */
#ifndef COMMON_PROCESS_OPTIONS_H
#define COMMON_PROCESS_OPTIONS_H

#include <stdbool.h>

#include "role.h"

#define OPTIONS_DIR "/run/triumvir"

struct options {
	bool foreground;
	int verbose;
	const char *dir;
	bool given;	   /* -F was */
	int fds[ROLE_MAX]; /* ready-made ends of links, -1: none */
};

void options_init(struct options *);
/*
 * Takes one option in if it is of those that all have; text is its argument.
 * False when it is none of them or its argument is impossible. self is whose
 * options they are: it has no link to itself.
 */
bool options_take(
    struct options *, enum role self, int option, const char *text);
/* All of vrrpd's or checkd's; exits with a usage line on any other. */
void options_parse(struct options *, enum role self, int argc, char *argv[]);

#endif
