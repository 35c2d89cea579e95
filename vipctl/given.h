/* SPDX-License-Identifier: ISC */
/*
 * The options of vipctl and of all its commands. One means the same wherever it
 * is taken, so they are read before the command is known, and may stand
 * anywhere on the line.
 */
#ifndef VIPCTL_GIVEN_H
#define VIPCTL_GIVEN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * X(id, letter or 0, long name, its argument or "", help)
 * Those up to LAST_OF_ALL are every command's.
 */
#define GIVEN_TABLE(X)                                                        \
	X(HELP, 'h', "help", "", "say how the command is used")               \
	X(VERSION, 'V', "version", "", "say which version this is")           \
	X(JSON, 'j', "json", "", "print JSON")                                \
	X(DIR, 'r', "dir", "DIR",                                             \
	    "ask the daemons of this run-time directory")                     \
	X(COLOR, 0, "color", "WHEN", "always, never, or auto: on a terminal") \
	X(STATS, 0, "stats", "", "counters")                                  \
	X(DOWN, 0, "down", "", "only what is not well")                       \
	X(WAIT, 0, "wait", "", "until no connection is active")               \
	X(FOR, 0, "for", "TIME", "so long: 500ms, 30s, 5m, 2h, 1d")           \
	X(INSTANCE, 'i', "instance", "", "the target is an instance")         \
	X(SERVER, 's', "server", "", "the target is a server")                \
	X(VERBOSE, 'v', "verbose", "", "print the canonical form")            \
	X(NODE, 'N', "node", "NODE", "as this node sees it, or all")          \
	X(CHECK, 0, "check", "",                                              \
	    "one line, and 0, 1 or 2 as monitoring plugins")

enum given_option {
#define X(id, letter, name, arg, help) GIVEN_##id,
	GIVEN_TABLE(X)
#undef X
	    GIVEN_MAX
};

#define GIVEN_BIT(id) (1u << GIVEN_##id)
#define GIVEN_OF_ALL                                              \
	(GIVEN_BIT(HELP) | GIVEN_BIT(VERSION) | GIVEN_BIT(JSON) | \
	    GIVEN_BIT(DIR) | GIVEN_BIT(COLOR))

struct given {
	unsigned set;			 /* GIVEN_BIT()s */
	const char *argument[GIVEN_MAX]; /* of those that take one */
};

struct given_row {
	int letter;	  /* 0: none */
	const char *name; /* without "--" */
	const char *arg;  /* "": it takes none */
	const char *help;
};

extern const struct given_row given_rows[GIVEN_MAX];

#define given_has(given, id) (((given)->set & GIVEN_BIT(id)) != 0)

/* Reads all options and leaves what is none at argv[*first] and behind. False,
 * and a line on stderr: an option that there is not, or without its argument.
 */
bool given_parse(struct given *, int argc, char *argv[], int *first);
/* The time of --for in ms; *ms stays without that option. False, and a line on
 * stderr: it is no time, or none at all. */
bool given_time(const struct given *, uint64_t *ms);

#endif
