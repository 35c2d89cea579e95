/* SPDX-License-Identifier: ISC */
/* Which command the words on the command line mean. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "nearest.h"

/* How many of the words are the command's name; 0: they are another. */
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

const struct command *
command_find(const struct command *list, int argc, char *argv[], int *words)
{
	for (; list->name != NULL; list++) {
		*words = names_command(list, argc, argv);
		if (*words != 0)
			return list;
	}
	return NULL;
}

/* The first word may be near a command of one word, both to one of two words,
 * or the first to the second word of such: `services` means `show services`. */
static unsigned
distance(const struct command *command, int argc, char *argv[])
{
	const char *second = strchr(command->name, ' ');
	unsigned best, both;
	char pair[2 * NEAREST_MAX];

	if (second == NULL)
		return nearest_distance(argv[0], command->name);
	best = nearest_distance(argv[0], second + 1);
	snprintf(pair, sizeof(pair), "%.*s %.*s", NEAREST_MAX - 1, argv[0],
	    NEAREST_MAX - 1, argc > 1 ? argv[1] : "");
	both = argc > 1 ? nearest_distance(pair, command->name) : NEAREST_FAR;
	return both < best ? both : best;
}

const char *
command_nearest(const struct command *list, int argc, char *argv[])
{
	unsigned best = NEAREST_FAR, found;
	const char *name = NULL;

	for (; list->name != NULL; list++) {
		found = distance(list, argc, argv);
		if (found < best) {
			best = found;
			name = list->name;
		}
	}
	return name;
}
