/* SPDX-License-Identifier: ISC */
/* The terminal that standard output may be; see screen.h. */
#include <sys/ioctl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "screen.h"

#define GREEN	    "\033[32m"
#define YELLOW	    "\033[33m"
#define RED	    "\033[31m"
#define PLAIN	    "\033[0m"
#define WIDTH_LEAST 40 /* a table in less is no table */

static bool colours;

/* What stands behind a state, such as " (stale)", has its colour. */
static const struct {
	const char *word;
	const char *colour;
} states[] = {
    {"up", GREEN},
    {"running", GREEN},
    {"master", GREEN},
    {"all is well", GREEN},
    {"unknown", YELLOW},
    {"drained", YELLOW},
    {"full", YELLOW},
    {"not ready", YELLOW},
    {"acquiring", YELLOW},
    {"leaving", YELLOW},
    {"warning", YELLOW},
    {"down", RED},
    {"missing", RED},
    {"refused", RED},
    {"initialize", RED},
    {"not running", RED},
    {"not answering", RED},
    {"critical", RED},
};

bool
screen_init(const char *when)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (when != NULL && strcmp(when, "always") == 0) {
		colours = true;
		return true;
	}
	if (when != NULL && strcmp(when, "never") == 0)
		return true;
	colours = isatty(STDOUT_FILENO) == 1 && (no == NULL || *no == '\0') &&
	    (term == NULL || strcmp(term, "dumb") != 0);
	return when == NULL || strcmp(when, "auto") == 0;
}

size_t
screen_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1 || size.ws_col == 0)
		return 0;
	return size.ws_col < WIDTH_LEAST ? WIDTH_LEAST : size.ws_col;
}

const char *
screen_on(const char *state)
{
	size_t len;

	for (size_t i = 0; colours && i < sizeof(states) / sizeof(states[0]);
	     i++) {
		len = strlen(states[i].word);
		if (strncmp(state, states[i].word, len) == 0 &&
		    (state[len] == '\0' || strncmp(&state[len], " (", 2) == 0))
			return states[i].colour;
	}
	return "";
}

const char *
screen_off(const char *state)
{
	return *screen_on(state) == '\0' ? "" : PLAIN;
}
