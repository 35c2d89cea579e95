/* SPDX-License-Identifier: ISC */
/*
 * vipctl asks the daemons and shows what they answer. An answer's rows
 * become JSON objects at once: -j prints them as they are, and the text for
 * people is made from the same objects, so that both always agree.
 */
#ifndef VIPCTL_H
#define VIPCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "given.h"
#include "text.h"

/* What vipctl exits with; vipctl.8 promises these numbers. */
enum exit_code {
	EXIT_DONE,
	EXIT_REFUSED, /* an error, or the daemon said no */
	EXIT_USAGE,
	EXIT_DOWN,	/* a daemon that was needed is not running */
	EXIT_TIME,	/* the time that was given for it is over */
	EXIT_WRONG = 7, /* status: something is wrong */
	EXIT_SILENT /* a daemon does not answer: main() ends with EXIT_DOWN */
};

#define WHY_SIZE       512 /* a line that says what is wrong */

#define TIMEOUT_SHOW   5  /* s without a row: the daemon hangs */
#define TOTAL_SHOW     10 /* s for all that a command asks */
#define TIMEOUT_RELOAD 60 /* for both: ipvsd parses and asks all daemons */

struct command;

struct vipctl {
	const char *dir;
	const struct command *commands; /* all; the last has no name */
	const struct given *given;	/* the options on the command line */
	bool json;
	enum text_keep keep; /* how strings of answers are cleaned */
	int timeout;	     /* s without a row */
	int total;	     /* s for an answer, or all answers */
	uint64_t end; /* of total, monotonic ns; 0: total is per answer */
};

/*
 * The commands, a file each. argv[0] is the last word of the name, the options
 * are in given; there are as many arguments and such options as the table of
 * commands has for it.
 */

typedef int (*command_fn)(const struct vipctl *, int argc, char *argv[]);
int status(const struct vipctl *, int, char *[]);
int show_vrrp(const struct vipctl *, int, char *[]);
int show_services(const struct vipctl *, int, char *[]);
int show_checks(const struct vipctl *, int, char *[]);
int show_links(const struct vipctl *, int, char *[]);
int show_config(const struct vipctl *, int, char *[]);
int monitor(const struct vipctl *, int, char *[]);
int reload(const struct vipctl *, int, char *[]);
int drain(const struct vipctl *, int, char *[]);
int enable(const struct vipctl *, int, char *[]);
int resign(const struct vipctl *, int, char *[]);
int check(const struct vipctl *, int, char *[]);
int completion(const struct vipctl *, int, char *[]);
int help(const struct vipctl *, int, char *[]);

#endif
