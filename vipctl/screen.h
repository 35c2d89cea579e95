/* SPDX-License-Identifier: ISC */
/* The terminal that standard output may be: its width, and colours for words
 * that say a state. */
#ifndef VIPCTL_SCREEN_H
#define VIPCTL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * when: "always", "never", or "auto" or NULL: on a terminal, unless NO_COLOR is
 * set. False: it is none of them.
 */
bool screen_init(const char *when);
/* Columns; 0: no terminal, lines may be as long as they are. */
size_t screen_width(void);
/* Prints a line; what is too long for the terminal goes on in the next, further
 * in. At this byte it has the state, which gets its colour; "": it has none. */
void screen_line(const char *line, size_t at, const char *state);
/* What begins and ends the colour of this state; "" for a word that is none, or
 * without colours. */
const char *screen_on(const char *state);
const char *screen_off(const char *state);
/* A printf() pair for "%s%s%s": the word in its colour. */
#define SCREEN_WORD(state) screen_on(state), (state), screen_off(state)

#endif
