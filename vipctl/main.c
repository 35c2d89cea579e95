/* SPDX-License-Identifier: ISC */
/* vipctl: the table of commands, which is also the usage text. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "help.h"
#include "screen.h"
#include "vipctl.h"

#define DEFAULT_DIR "/run/triumvir"
#define ANY	    1000 /* arguments */
#define BIT(id)	    GIVEN_BIT(id)

static const struct command commands[] = {
    {"status", "[--check]", "who is master, which servers are out, and why",
	"One screen. The first line says what is wrong, if something is; then\n"
	"the exit status is 7. --check prints that line alone.",
	"vipctl status --check", BIT(CHECK), 0, 0, NAMES_NONE, status},
    {"show vrrp", "[--stats] [INSTANCE...]",
	"instances; or what they sent and heard",
	"The VRRP instances of this host, all or those that are named.",
	"vipctl show vrrp web --stats", BIT(STATS), 0, ANY, NAMES_INSTANCE,
	show_vrrp},
    {"show services", "[--stats|--down] [NAME...]",
	"the IPVS table beside the health",
	"Each service with its servers, as `ipvsadm -Ln` shows them, and why\n"
	"a server is out. NAME is a service, SERVICE/SERVER or SERVER.",
	"vipctl show services web --down", BIT(STATS) | BIT(DOWN), 0, ANY,
	NAMES_SERVICE, show_services},
    {"show checks", "[--down] [NAME...]",
	"each probe, its last answer and its next",
	"What checkd probes, and what it found. NAME is a check, an address\n"
	"or address:port.",
	"vipctl show checks --down", BIT(DOWN), 0, ANY, NAMES_SERVER,
	show_checks},
    {"show links", "[--down] [DAEMON...]", "how the daemons hear each other",
	"The links between the daemons, each told from both of its ends.",
	"vipctl show links ipvsd", BIT(DOWN), 0, ANY, NAMES_NONE, show_links},
    {"show config", "", "the configuration in force",
	"The canonical form of the configuration in force, with defaults.",
	"vipctl show config | less", 0, 0, 0, NAMES_NONE, show_config},
    {"monitor", "", "events of all daemons until interrupted",
	"The events of all three daemons, one a line, from now on.",
	"vipctl -j monitor | jq .", 0, 0, 0, NAMES_NONE, monitor},
    {"reload", "", "read the configuration again",
	"Has ipvsd read its files again and says what changed. When there is\n"
	"an error nothing changes anywhere.",
	"vipctl check /etc/triumvir/director.yaml && vipctl reload", 0, 0, 0,
	NAMES_NONE, reload},
    {"drain", "SERVER [--wait [--for TIME]]", "no new connections to it",
	"The server keeps its connections and gets no new ones, until\n"
	"`enable`. SERVER is a node, an address, address:port, or one of "
	"these\n"
	"in one service, as SERVICE/SERVER.",
	"vipctl drain web1 --wait --for 5m", BIT(WAIT) | BIT(FOR), 1, 1,
	NAMES_SERVER, drain},
    {"enable", "[-i|-s] TARGET", "end a drain or a resignation",
	"The target is a server that was drained or an instance that was\n"
	"resigned.",
	"vipctl enable web1", BIT(INSTANCE) | BIT(SERVER), 1, 1, NAMES_TARGET,
	enable},
    {"resign", "INSTANCE [--for TIME]", "hand over and stay backup",
	"Hands the instance over to the next director and keeps it backup\n"
	"here, for a time or until `enable`.",
	"vipctl resign web --for 10m", BIT(FOR), 1, 1, NAMES_INSTANCE, resign},
    {"check", "[-v] [-N NODE] FILE", "check a configuration; print it",
	"Loads the file as the daemons do. No daemon is asked, and nothing\n"
	"changes.",
	"vipctl check -N lb1 /etc/triumvir/director.yaml",
	BIT(VERBOSE) | BIT(NODE), 1, 1, NAMES_FILE, check},
    {"completion", "bash|zsh", "a shell's completion of all this",
	"Prints what completes vipctl's words in that shell. Packages install\n"
	"it.",
	"vipctl completion bash > /etc/bash_completion.d/vipctl", 0, 1, 2,
	NAMES_SHELL, completion},
    {"help", "[COMMAND|exit-codes]", "this list, or more of one command",
	"What a command does, its options and an example.", "vipctl help drain",
	0, 0, 2, NAMES_COMMAND, help},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, 0, NAMES_NONE, NULL},
};

/* Whether the command takes the options that were given. */
static bool
takes_options(const struct command *command, const struct given *given)
{
	unsigned refused = given->set & ~(command->options | GIVEN_OF_ALL);

	for (int i = 0; i < GIVEN_MAX; i++) {
		if ((refused & 1u << i) == 0)
			continue;
		warnx("%s: takes no --%s", command->name, given_rows[i].name);
		return false;
	}
	return true;
}

static int
run(const struct vipctl *ctx, int argc, char *argv[])
{
	const struct command *command;
	int words;

	command = command_find(ctx->commands, argc, argv, &words);
	if (command == NULL)
		return help_unknown(ctx->commands, argc, argv);
	argc -= words;
	if (!takes_options(command, ctx->given))
		return EXIT_USAGE;
	if (argc < command->least || argc > command->most) {
		if (command->most == 0)
			warnx("%s: unexpected argument \"%s\"", command->name,
			    argv[words]);
		else
			warnx("%s: wants %s", command->name, command->args);
		return EXIT_USAGE;
	}
	return command->run(ctx, argc + 1, argv + words - 1);
}

/* --help and --version, and what to do without a command. */
static int
answer(const struct vipctl *ctx, int argc, char *argv[])
{
	if (given_has(ctx->given, VERSION)) {
		puts("vipctl " TRIUMVIR_VERSION);
		return EXIT_DONE;
	}
	if (given_has(ctx->given, HELP))
		return help(ctx, argc + 1, argv - 1);
	if (argc > 0)
		return run(ctx, argc, argv);
	help_all(stderr, ctx->commands);
	return EXIT_USAGE;
}

int
main(int argc, char *argv[])
{
	struct given given = {0};
	struct vipctl ctx = {
	    .dir = DEFAULT_DIR,
	    .commands = commands,
	    .given = &given,
	    .timeout = TIMEOUT_SHOW,
	    .total = TOTAL_SHOW,
	};
	int first, code;

	if (!given_parse(&given, argc, argv, &first)) {
		fputs("`vipctl help` lists commands and options\n", stderr);
		return EXIT_USAGE;
	}
	if (given_has(&given, JSON)) {
		ctx.json = true;
		ctx.keep = KEEP_VALID;
	}
	if (given_has(&given, DIR))
		ctx.dir = given.argument[GIVEN_DIR];
	if (!screen_init(given.argument[GIVEN_COLOR])) {
		warnx("--color is always, never or auto");
		return EXIT_USAGE;
	}
	code = answer(&ctx, argc - first, argv + first);
	/* A full disk or a closed pipe must not look like success. */
	if (fflush(stdout) == EOF || ferror(stdout)) {
		warn("standard output");
		if (code == EXIT_DONE)
			code = EXIT_REFUSED;
	}
	return code == EXIT_SILENT ? EXIT_DOWN : code;
}
