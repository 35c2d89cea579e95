/* SPDX-License-Identifier: ISC */
/* Where the canonical form goes: a file, a digest, or both. */
#ifndef COMMON_LOAD_OUT_H
#define COMMON_LOAD_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct out {
	FILE *file; /* NULL: the digest is all that is wanted */
	uint64_t digest;
	const char *key; /* is printed before the next value */
	int indent;	 /* spaces before a key; -1: within a flow */
	bool first;	 /* in a flow: no comma yet */
	size_t len;
	char buf[16384];
};

void out_init(struct out *, FILE *);
void out_flush(struct out *);
/* As it is. */
void out_raw(struct out *, const char *);
/* The pending key, if any; then as it is. */
void out_plain(struct out *, const char *);
/* The pending key, then quoted where YAML wants it so. */
void out_value(struct out *, const char *);
void out_number(struct out *, uint32_t);
/* Ends a value: a new line where one is due. */
void out_end(struct out *);
void out_spaces(struct out *, int);

#endif
