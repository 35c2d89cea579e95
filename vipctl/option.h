/* SPDX-License-Identifier: ISC */
/* The options of a command. */
#ifndef VIPCTL_OPTION_H
#define VIPCTL_OPTION_H

#include <stdbool.h>

/*
 * Reads the options of a command that has at most one, a long flag; NULL: it
 * has none. False, and a line on stderr, when there is anything else.
 */
bool option_only(int argc, char *argv[], const char *option, bool *given);

#endif
