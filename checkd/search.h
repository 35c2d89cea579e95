/* SPDX-License-Identifier: ISC */
/* Looks for a text in bytes that come one piece after the other. Pure. */
#ifndef CHECKD_SEARCH_H
#define CHECKD_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

struct search;

#define SEARCH_MAX 65535 /* bytes of a text */

/* Copies the text, which is not empty. NULL: no memory, or it is longer. */
struct search *search_new(const char *text);
void search_free(struct search *);
/* The next piece. */
void search_take(struct search *, const char *, size_t);
/* Whether the text has come. */
bool search_found(const struct search *);

#endif
