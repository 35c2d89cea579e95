/* SPDX-License-Identifier: ISC */
/* A command of vipctl, as main.c lists them: what it takes, and how its help
 * and its completion describe it. */
#ifndef VIPCTL_COMMAND_H
#define VIPCTL_COMMAND_H

#include <stddef.h>

#include "given.h"
#include "vipctl.h"

/* What an argument names. Completion asks the daemons for names. */
enum command_names {
	NAMES_NONE,
	NAMES_INSTANCE,
	NAMES_SERVICE, /* or one of its servers */
	NAMES_SERVER,
	NAMES_TARGET, /* an instance or a server */
	NAMES_FILE,
	NAMES_COMMAND,
	NAMES_SHELL
};

struct command {
	const char *name; /* a word, or `show` and another */
	const char *args;
	const char *line; /* what it does, for the list of all */
	const char *more; /* the same at more length */
	const char *example;
	unsigned options; /* GIVEN_BIT()s of those that it takes */
	int least;	  /* arguments */
	int most;
	enum command_names names;
	command_fn run;
};

/* The command that these words name; *words is how many of them are its name.
 * NULL: none is meant. The list ends with a name of NULL. */
const struct command *command_find(
    const struct command *list, int argc, char *argv[], int *words);
/* The name that was most likely meant; NULL: none is near. */
const char *command_nearest(const struct command *list, int argc, char *argv[]);

#endif
