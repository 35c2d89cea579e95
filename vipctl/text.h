/* SPDX-License-Identifier: ISC */
/* Text for a person's terminal; no I/O. */
#ifndef VIPCTL_TEXT_H
#define VIPCTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What text_clean() leaves in a string that a daemon sent. */
enum text_keep {
	KEEP_PRINTABLE, /* nothing that moves a terminal's cursor */
	KEEP_LINES,	/* that, and newline and tab */
	KEEP_VALID,	/* all valid UTF-8, for JSON, which escapes */
	KEEP_RAW	/* every byte: it is a piece, the whole is cleaned */
};

/* Puts '?' for each byte that is not to be kept, in place. */
void text_clean(char *, enum text_keep);
/* Columns that a cleaned string takes: its characters. */
size_t text_width(const char *);

/* How many bytes of a cleaned string fit into so many columns: up to a space,
 * if there is one. */
size_t text_fit(const char *, size_t columns);

#define DURATION_SIZE 32
/* "850 ms", "3.2 s", "13 s", "2 m 13 s", "3 h 5 m", "4 d 7 h". */
const char *duration_format(uint64_t ms, char buf[DURATION_SIZE]);
#define WALL_SIZE 32
/* A moment of the wall clock, ms, in local time: "10:41:07" today, else
 * "2026-11-26 10:41:07". "?" of none. */
const char *wall_format(uint64_t ms, char buf[WALL_SIZE]);
#define SINCE_SIZE (DURATION_SIZE + WALL_SIZE)
/* What has lasted so long: "2 m 13 s (10:41:07)". */
const char *since_format(uint64_t ms, char buf[SINCE_SIZE]);
/* A whole number and its unit: ms, s, m, h or d. False for all else. */
bool duration_parse(const char *, uint64_t *ms);

#endif
