/* SPDX-License-Identifier: ISC */
/* One request to one daemon. */
#ifndef VIPCTL_QUERY_H
#define VIPCTL_QUERY_H

#include <jansson.h>

#include "ctl/ctl_client.h"
#include "vipctl.h"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* One row of an answer, borrowed. Its "kind" is a member like the others. */
typedef void (*query_row_fn)(json_t *row, void *arg);

/*
 * Asks and hands every row to fn (NULL: rows are dropped). Returns an
 * enum exit_code; why is filled, on one line, unless that is EXIT_DONE.
 */
int query_try(const struct vipctl *, enum role, const char *const words[],
    query_row_fn, void *arg, char why[WHY_SIZE]);
/*
 * For a command that asks several times. query_begin() starts the time of all
 * questions. query_share() gives the time of one question, and keeps some for
 * so many that come later.
 */
struct vipctl query_begin(const struct vipctl *);
struct vipctl query_share(const struct vipctl *begun, unsigned later);
/* The same as query_try(), and says on stderr what went wrong. */
int query(const struct vipctl *, enum role, const char *const words[],
    query_row_fn, void *arg);
/* Ends a connection, and does not wait for what its queue may have to close. */
void query_close(int fd);
/* Connects and asks, and leaves the answers to the caller. Returns an fd; -1:
 * *code and why tell what went wrong. */
int query_open(const struct vipctl *, enum role, const char *const words[],
    int *code, char why[WHY_SIZE]);
/* The object for a row, to be freed; strings are cleaned. */
json_t *query_row(const struct vipctl *, struct ctl_answer *);

/* An array of rows on stdout, row by row however many there are. */
struct query_list {
	bool open;
};
void query_list_add(json_t *row, void *query_list);
void query_list_end(struct query_list *, int code);
/* Prints the answer as such an array; returns what query() did. */
int query_json(const struct vipctl *, enum role, const char *const words[]);

#endif
