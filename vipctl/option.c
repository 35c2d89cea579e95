/* SPDX-License-Identifier: ISC */
/* The options of a command. */
#include <err.h>
#include <string.h>

#include "option.h"

bool
option_only(int argc, char *argv[], const char *option, bool *given)
{
	*given = false;
	for (int i = 1; i < argc; i++) {
		if (option == NULL || strcmp(argv[i], option) != 0) {
			warnx(
			    "%s: unexpected argument \"%s\"", argv[0], argv[i]);
			return false;
		}
		*given = true;
	}
	return true;
}
