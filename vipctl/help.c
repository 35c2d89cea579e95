/* SPDX-License-Identifier: ISC */
/* What vipctl says of itself: the lists of commands, and one command's help. */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "help.h"

/* The numbers of enum exit_code. */
static const char exit_codes[] =
    "0  done; `status`: all is well\n"
    "1  an error, or the daemon has refused it\n"
    "2  wrong usage\n"
    "3  a daemon that is needed is not running, or does not answer\n"
    "4  the time that was given is over (drain --wait)\n"
    "7  `status`: something is wrong, and its first line says what\n"
    "`status --check` ends with 0, 1 or 2: good, warning, critical.\n";

static void
print_line(FILE *out, const struct command *command)
{
	char call[64];

	snprintf(call, sizeof(call), "%s %s", command->name, command->args);
	fprintf(out, "  %-34s  %s\n", call, command->line);
}

static void
print_options(FILE *out, unsigned options)
{
	char text[40];

	for (int i = 0; i < GIVEN_MAX; i++) {
		const struct given_row *row = &given_rows[i];
		char letter[] = {'-', (char)row->letter, ',', ' ', '\0'};

		if ((options & 1u << i) == 0)
			continue;
		snprintf(text, sizeof(text), "%s--%s%s%s",
		    row->letter == 0 ? "" : letter, row->name,
		    row->arg[0] == '\0' ? "" : " ", row->arg);
		fprintf(out, "  %-34s  %s\n", text, row->help);
	}
}

void
help_all(FILE *out, const struct command *list)
{
	fputs("usage: vipctl [-j] [-r DIR] COMMAND [ARG...]\n", out);
	for (; list->name != NULL; list++)
		print_line(out, list);
	fputs("options of all commands, anywhere on the line:\n", out);
	print_options(out, GIVEN_OF_ALL);
	fputs(
	    "`vipctl help COMMAND` says more of one, vipctl(8) of all\n", out);
}

bool
help_begun(FILE *out, const struct command *list, const char *word)
{
	size_t len = strlen(word);
	bool any = false;

	for (; list->name != NULL; list++) {
		if (strncmp(list->name, word, len) != 0 ||
		    list->name[len] != ' ')
			continue;
		if (!any)
			fprintf(out, "usage: vipctl %s WHAT [ARG...]\n", word);
		any = true;
		print_line(out, list);
	}
	return any;
}

void
help_one(FILE *out, const struct command *command)
{
	fprintf(out, "usage: vipctl %s%s%s\n%s\n", command->name,
	    command->args[0] == '\0' ? "" : " ", command->args, command->more);
	fputs("options:\n", out);
	print_options(out, command->options | GIVEN_OF_ALL);
	fprintf(out, "example:\n  %s\n", command->example);
}

int
help_unknown(const struct command *list, int argc, char *argv[])
{
	const char *nearest;

	if (argc == 1 && help_begun(stderr, list, argv[0]))
		return EXIT_USAGE;
	nearest = command_nearest(list, argc, argv);
	if (nearest != NULL)
		warnx("unknown command \"%s%s%s\"; did you mean \"%s\"?",
		    argv[0], argc > 1 ? " " : "", argc > 1 ? argv[1] : "",
		    nearest);
	else
		warnx("unknown command \"%s%s%s\"; `vipctl help` lists all",
		    argv[0], argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
	if (nearest == NULL && argc > 1)
		help_begun(stderr, list, argv[0]);
	return EXIT_USAGE;
}

int
help(const struct vipctl *ctx, int argc, char *argv[])
{
	const struct command *command;
	int words;

	if (argc == 1) {
		help_all(stdout, ctx->commands);
		return EXIT_DONE;
	}
	if (argc == 2 && strcmp(argv[1], "exit-codes") == 0) {
		fputs(exit_codes, stdout);
		return EXIT_DONE;
	}
	command = command_find(ctx->commands, argc - 1, argv + 1, &words);
	if (command != NULL) {
		help_one(stdout, command);
		return EXIT_DONE;
	}
	if (argc == 2 && help_begun(stdout, ctx->commands, argv[1]))
		return EXIT_DONE;
	return help_unknown(ctx->commands, argc - 1, argv + 1);
}
