/* SPDX-License-Identifier: ISC */
/* vipctl: the table of commands, which is also the usage text. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vipctl.h"

#define DEFAULT_DIR "/run/triumvir"

static const struct command {
	const char *name; /* a word, or `show` and another */
	const char *args;
	const char *help;
	command_fn run;
} commands[] = {
    {"status", "", "who is master, which servers are out, and why", status},
    {"show vrrp", "[--stats]", "instances; or what they sent and heard",
	show_vrrp},
    {"show services", "[--stats]", "the IPVS table beside the health",
	show_services},
    {"show checks", "", "each probe, its last answer and its next",
	show_checks},
    {"show links", "", "how the daemons hear each other", show_links},
    {"show config", "", "the configuration in force", show_config},
    {"monitor", "", "events of all daemons until interrupted", monitor},
    {"reload", "", "read the configuration again", reload},
    {"drain", "SERVER [--wait [--for TIME]]", "no new connections to it",
	drain},
    {"enable", "[-i|-s] TARGET", "end a drain or a resignation", enable},
    {"resign", "INSTANCE [--for TIME]", "hand over and stay backup", resign},
    {"check", "[-v] [-N NODE] FILE", "check a configuration; print it", check},
};

static void
usage(void)
{
	fputs("usage: vipctl [-j] [-r DIR] COMMAND [ARG...]\n", stderr);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		char call[64];

		snprintf(call, sizeof(call), "%s %s", commands[i].name,
		    commands[i].args);
		fprintf(stderr, "  %-34s  %s\n", call, commands[i].help);
	}
	exit(EXIT_USAGE);
}

/* How many words of argv are the command's name; 0: argv is another command. */
static int
names_command(const struct command *command, int argc, char *argv[])
{
	const char *second = strchr(command->name, ' ');
	size_t len;

	if (second == NULL)
		return argc > 0 && strcmp(command->name, argv[0]) == 0;
	len = (size_t)(second - command->name);
	return argc > 1 && strlen(argv[0]) == len &&
		strncmp(command->name, argv[0], len) == 0 &&
		strcmp(second + 1, argv[1]) == 0 ?
	    2 :
	    0;
}

static int
run(const struct vipctl *ctx, int argc, char *argv[])
{
	int words;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		words = names_command(&commands[i], argc, argv);
		if (words != 0)
			return commands[i].run(
			    ctx, argc - words + 1, argv + words - 1);
	}
	if (argc > 0)
		warnx("unknown command \"%s%s%s\"", argv[0],
		    argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
	usage();
	return EXIT_USAGE;
}

int
main(int argc, char *argv[])
{
	struct vipctl ctx = {
	    .dir = DEFAULT_DIR,
	    .timeout = TIMEOUT_SHOW,
	    .total = TOTAL_SHOW,
	};
	int option, code;

	/* "+" stops at the command: the options behind it are its own. */
	while ((option = getopt(argc, argv, "+jr:")) != -1) {
		switch (option) {
		case 'j':
			ctx.json = true;
			ctx.keep = KEEP_VALID;
			break;
		case 'r':
			ctx.dir = optarg;
			break;
		default:
			usage();
		}
	}
	code = run(&ctx, argc - optind, argv + optind);
	/* A full disk or a closed pipe must not look like success. */
	if (fflush(stdout) == EOF || ferror(stdout)) {
		warn("standard output");
		if (code == EXIT_DONE)
			code = EXIT_REFUSED;
	}
	return code;
}
