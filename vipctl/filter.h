/* SPDX-License-Identifier: ISC */
/* Which rows of an answer are shown: those that were named, with --down those
 * that are not well. */
#ifndef VIPCTL_FILTER_H
#define VIPCTL_FILTER_H

#include <stdbool.h>

#include "query.h"

struct filter;

/* Whether the row is to be shown; it asks filter_names() and filter->down. */
typedef bool (*filter_fn)(struct filter *, json_t *row);

struct filter {
	char *const *names; /* none: all */
	int count;
	bool *found; /* of each name */
	bool down;   /* only what is not well */
	filter_fn meant;
	query_row_fn fn; /* gets what is meant */
	void *arg;
	json_t *group; /* a service that its servers may show; owned */
	bool master;   /* the service is balanced here */
};

/* argv[1] and behind are names. Rows that are meant go to fn, or with -j to
 * list. */
struct filter filter_new(const struct vipctl *, int argc, char *argv[],
    filter_fn meant, query_row_fn fn, void *arg, struct query_list *list);
/* A query_row_fn, for a filter. */
void filter_row(json_t *row, void *filter);
/* Whether none was named or one of these (up to a NULL) was. */
bool filter_names(struct filter *, const char *const names[]);
/*
 * Ends the list of -j, says which names nothing had, and frees. code is that of
 * the question; returns what the command ends with.
 */
int filter_end(
    struct filter *, const struct vipctl *, int code, struct query_list *);

#endif
