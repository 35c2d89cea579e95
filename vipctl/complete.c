/* SPDX-License-Identifier: ISC */
/*
 * completion: prints, from the table of commands, what completes them in a
 * shell. That asks `completion names KIND` for names, which the daemons give
 * within a moment or not at all.
 */
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "query.h"
#include "row.h"

#define MOMENT (200 * NS_PER_MS)

static const char *const kinds[] = {
    [NAMES_NONE] = "",
    [NAMES_INSTANCE] = "instance",
    [NAMES_SERVICE] = "service",
    [NAMES_SERVER] = "server",
    [NAMES_TARGET] = "target",
    [NAMES_FILE] = "file",
    [NAMES_COMMAND] = "command",
    [NAMES_SHELL] = "shell",
};

/* ---- names ---- */

/* Names with other characters are nothing to put on a shell's line. */
static void
print_name(const char *name, const char *more)
{
	for (const char *s = name; *s != '\0'; s++) {
		if (!isalnum((unsigned char)*s) && strchr("._:-", *s) == NULL)
			return;
	}
	if (name[0] != '\0' && name[0] != '-')
		printf("%s%s\n", name, more);
}

static void
print_instance(json_t *row, void *arg)
{
	(void)arg;
	if (row_is_a(row, instance))
		print_name(row_text(row, instance, instance), "");
}

static void
print_server(json_t *row, void *arg)
{
	const bool *services = arg;
	const char *node = row_text(row, server, node);

	if (*services && row_is_a(row, service))
		print_name(row_text(row, service, service), "");
	else if (row_is_a(row, server))
		print_name(
		    node[0] != '\0' ? node : row_text(row, server, address),
		    "");
}

static int
print_names(const struct vipctl *ctx, const char *kind)
{
	struct vipctl soon = *ctx;
	bool services = strcmp(kind, kinds[NAMES_SERVICE]) == 0;
	bool both = strcmp(kind, kinds[NAMES_TARGET]) == 0;
	char why[WHY_SIZE];

	soon.end = clock_monotonic() + MOMENT;
	if (both || strcmp(kind, kinds[NAMES_INSTANCE]) == 0)
		query_try(&soon, ROLE_VRRPD, WORDS("instances"), print_instance,
		    NULL, why);
	if (both || services || strcmp(kind, kinds[NAMES_SERVER]) == 0)
		query_try(&soon, ROLE_IPVSD, WORDS("services"), print_server,
		    &services, why);
	return EXIT_DONE;
}

/* ---- scripts ---- */

static void
print_options(unsigned options)
{
	const char *before = "";

	for (int i = 0; i < GIVEN_MAX; i++) {
		if ((options & 1u << i) == 0)
			continue;
		printf("%s--%s", before, given_rows[i].name);
		before = " ";
	}
}

/* The options that have an argument, as a pattern of `case`. */
static void
print_with_argument(void)
{
	const char *before = "";

	for (int i = 0; i < GIVEN_MAX; i++) {
		if (given_rows[i].arg[0] == '\0')
			continue;
		printf("%s--%s", before, given_rows[i].name);
		before = "|";
		if (given_rows[i].letter != 0)
			printf("|-%c", given_rows[i].letter);
	}
}

/* The first words of all commands, each once; they are in the list's order. */
static void
print_first_words(const struct command *list)
{
	const char *last = "";
	size_t len;

	for (; list->name != NULL; list++) {
		len = strcspn(list->name, " ");
		if (strncmp(list->name, last, len) != 0 ||
		    last[len] != list->name[len])
			printf("%.*s ", (int)len, list->name);
		last = list->name;
	}
}

/* The second words of `show`. */
static void
print_second_words(const struct command *list)
{
	for (; list->name != NULL; list++) {
		if (strchr(list->name, ' ') != NULL)
			printf("%s ", strchr(list->name, ' ') + 1);
	}
}

/* The shells share this: from $command to $fixed, $options and $names. */
static void
print_cases(const struct command *list)
{
	fputs("\tcase $command in\n\t\"\") fixed=\"", stdout);
	print_first_words(list);
	fputs("\" ;;\n\tshow) fixed=\"", stdout);
	print_second_words(list);
	fputs("\" ;;\n", stdout);
	for (; list->name != NULL; list++) {
		printf("\t\"%s\") options=\"", list->name);
		print_options(list->options);
		printf("\" names=%s ;;\n", kinds[list->names]);
	}
	fputs("\tesac\n\toptions=\"$options ", stdout);
	print_options(GIVEN_OF_ALL);
	fputs("\"\n", stdout);
	fputs("\tcase $names in\n\tcommand) fixed=\"", stdout);
}

static const char bash_head[] =
    "# bash completion of vipctl(8), printed by `vipctl completion bash`\n"
    "_vipctl()\n{\n"
    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
    "\tlocal given=(\"${COMP_WORDS[@]:1:COMP_CWORD-1}\")\n";
static const char zsh_head[] =
    "#compdef vipctl\n"
    "# zsh completion of vipctl(8), printed by `vipctl completion zsh`\n"
    "_vipctl()\n{\n"
    "\tsetopt localoptions shwordsplit noglob\n"
    "\tlocal cur=$words[CURRENT] prev=$words[CURRENT-1]\n"
    "\tlocal -a given=($words[2,CURRENT-1])\n";
static const char
    parse_words[] = "\tlocal word command= fixed= options= names= skip= dir=\n"
		    "\tfor word in \"${given[@]}\"; do\n"
		    "\t\tif [ -n \"$skip\" ]; then\n"
		    "\t\t\tcase $skip in -r|--dir) dir=$word ;; esac\n"
		    "\t\t\tskip=\n\t\t\tcontinue\n\t\tfi\n"
		    "\t\tcase $word in\n\t\t";
static const char parse_rest[] =
    ") skip=$word ;;\n\t\t-*) ;;\n"
    "\t\t*)\tif [ -z \"$command\" ]; then\n\t\t\t\tcommand=$word\n"
    "\t\t\telif [ \"$command\" = show ]; then\n"
    "\t\t\t\tcommand=\"show $word\"\n\t\t\tfi ;;\n\t\tesac\n\tdone\n";
static const char bash_tail[] =
    "\" ;;\n\tshell) fixed=\"bash zsh\" ;;\n\tesac\n"
    "\tCOMPREPLY=()\n"
    "\tcase $prev in -r|--dir) names=file cur=$cur ;; esac\n"
    "\tcase $cur in -*) fixed=$options names= ;; esac\n"
    "\tif [ \"$names\" = file ]; then\n"
    "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
    "\t\treturn\n\tfi\n"
    "\twhile IFS= read -r word; do\n"
    "\t\t[[ -n $word && $word == \"$cur\"* ]] && COMPREPLY+=(\"$word\")\n"
    "\tdone < <(printf '%s\\n' $fixed\n"
    "\t    [ -z \"$names\" ] || \"${COMP_WORDS[0]}\" ${dir:+-r \"$dir\"} \\\n"
    "\t\tcompletion names \"$names\" 2>/dev/null)\n"
    "}\ncomplete -o filenames -F _vipctl vipctl\n";
static const char zsh_tail[] =
    "\" ;;\n\tshell) fixed=\"bash zsh\" ;;\n\tesac\n"
    "\tcase $prev in -r|--dir) names=file ;; esac\n"
    "\tcase $cur in -*) fixed=$options names= ;; esac\n"
    "\tif [ \"$names\" = file ]; then\n\t\t_files\n\t\treturn\n\tfi\n"
    "\tcompadd -- $fixed\n"
    "\t[ -z \"$names\" ] || compadd -- $(vipctl ${dir:+-r} $dir \\\n"
    "\t    completion names $names 2>/dev/null)\n"
    "}\n_vipctl \"$@\"\n";

int
completion(const struct vipctl *ctx, int argc, char *argv[])
{
	bool bash = strcmp(argv[1], "bash") == 0;

	if (argc == 3 && strcmp(argv[1], "names") == 0)
		return print_names(ctx, argv[2]);
	if (argc != 2 || (!bash && strcmp(argv[1], "zsh") != 0)) {
		warnx("completion: wants bash or zsh");
		return EXIT_USAGE;
	}
	fputs(bash ? bash_head : zsh_head, stdout);
	fputs(parse_words, stdout);
	print_with_argument();
	fputs(parse_rest, stdout);
	print_cases(ctx->commands);
	print_first_words(ctx->commands);
	fputs("exit-codes", stdout);
	fputs(bash ? bash_tail : zsh_tail, stdout);
	return EXIT_DONE;
}
