/* SPDX-License-Identifier: ISC */
/* What vipctl says of itself, from the table of commands. */
#ifndef VIPCTL_HELP_H
#define VIPCTL_HELP_H

#include <stdbool.h>
#include <stdio.h>

#include "command.h"

/* All commands, a line each. */
void help_all(FILE *, const struct command *list);
/* The commands that begin with this word, a line each; false: there are none.
 */
bool help_begun(FILE *, const struct command *list, const char *word);
/* One command: usage, what it does, options, an example. */
void help_one(FILE *, const struct command *);
/* Says that there is no such command, and what was meant. Returns an enum
 * exit_code. */
int help_unknown(const struct command *list, int argc, char *argv[]);

#endif
