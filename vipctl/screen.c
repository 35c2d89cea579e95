/* SPDX-License-Identifier: ISC */
/* The terminal that standard output may be; see screen.h. */
#include <sys/ioctl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "screen.h"
#include "text.h"

#define GREEN	    "\033[32m"
#define YELLOW	    "\033[33m"
#define RED	    "\033[31m"
#define PLAIN	    "\033[0m"
#define WIDTH_LEAST 40 /* a table in less is no table */
#define INDENT	    8  /* of what goes on in the next line */

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

/* Prints len bytes of the line; what of it is the state has its colour. */
static void
print_piece(const char *from, size_t len, const char *at, const char *state)
{
	size_t size = strlen(state), before = len;

	if (at >= from && at + size <= from + len)
		before = (size_t)(at - from);
	printf("%.*s", (int)before, from);
	if (before == len)
		return;
	printf("%s%s%s%.*s", SCREEN_WORD(state), (int)(len - before - size),
	    at + size);
}

void
screen_line(const char *line, size_t at, const char *state)
{
	size_t width = screen_width(), indent = 0, len;
	const char *rest = line;

	do {
		len = width == 0 ? strlen(rest) :
				   text_fit(rest, width - indent);
		printf("%*s", (int)indent, "");
		print_piece(rest, len, line + at, state);
		putchar('\n');
		rest += len + strspn(rest + len, " ");
		indent = INDENT;
	} while (*rest != '\0');
}
