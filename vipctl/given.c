/* SPDX-License-Identifier: ISC */
/* The options on the command line, wherever they stand. */
#include <err.h>
#include <getopt.h>
#include <stddef.h>

#include "given.h"
#include "text.h"

#define LONG_ONLY 256 /* and the option: behind all letters */

const struct given_row given_rows[GIVEN_MAX] = {
#define X(id, letter, name, arg, help) {letter, name, arg, help},
    GIVEN_TABLE(X)
#undef X
};

static enum given_option
option_of(int found)
{
	enum given_option option = 0;

	if (found >= LONG_ONLY)
		return (enum given_option)(found - LONG_ONLY);
	while (given_rows[option].letter != found)
		option++;
	return option;
}

bool
given_parse(struct given *given, int argc, char *argv[], int *first)
{
	struct option options[GIVEN_MAX + 1] = {{0}};
	char letters[2 * GIVEN_MAX + 1], *end = letters;
	enum given_option option;
	int found;

	for (int i = 0; i < GIVEN_MAX; i++) {
		const struct given_row *row = &given_rows[i];

		options[i] = (struct option){.name = row->name,
		    .has_arg = row->arg[0] != '\0',
		    .val = LONG_ONLY + i};
		if (row->letter != 0)
			*end++ = (char)row->letter;
		if (row->letter != 0 && row->arg[0] != '\0')
			*end++ = ':';
	}
	*end = '\0';
	while (
	    (found = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (found == '?')
			return false;
		option = option_of(found);
		given->set |= 1u << option;
		given->argument[option] = optarg;
	}
	*first = optind;
	return true;
}

bool
given_time(const struct given *given, uint64_t *ms)
{
	const char *text = given->argument[GIVEN_FOR];

	if (text == NULL || (duration_parse(text, ms) && *ms != 0))
		return true;
	warnx("\"%s\" is no time; say 500ms, 30s, 5m or 2h", text);
	return false;
}
