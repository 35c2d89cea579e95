/* SPDX-License-Identifier: ISC */
/*
 * vipctl asks the daemons and shows what they answer. An answer's rows
 * become JSON objects at once: -j prints them as they are, and the text for
 * people is made from the same objects, so that both always agree.
 */
#ifndef VIPCTL_H
#define VIPCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "ctl/ctl.h"
#include "text.h"

/* What vipctl exits with; vipctl.8 promises these numbers. */
enum exit_code {
	EXIT_DONE,
	EXIT_REFUSED, /* an error, or the daemon said no */
	EXIT_USAGE,
	EXIT_DOWN, /* a daemon that was needed is not running */
	EXIT_TIME  /* the time that was given for it is over */
};

#define TIMEOUT_SHOW   5  /* s without a row: the daemon hangs */
#define TOTAL_SHOW     10 /* s for all that a command asks */
#define TIMEOUT_RELOAD 60 /* both, for it parses and asks all daemons */

struct vipctl {
	const char *dir;
	bool json;
	enum text_keep keep; /* how strings of answers are cleaned */
	int timeout;	     /* s without a row */
	int total;	     /* s for an answer, or all answers */
	uint64_t end;	     /* of that, monotonic ns; 0: begins with each */
};

/* --- query.c: one request to one daemon --- */

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define WHY_SIZE   512

/* One row of an answer, borrowed. Its "kind" is a member like the others. */
typedef void (*row_fn)(json_t *row, void *arg);

/*
 * Asks and hands every row to fn (NULL: rows are dropped). Returns an
 * enum exit_code; why is filled, on one line, unless that is EXIT_DONE.
 */
int query_try(const struct vipctl *, enum role, const char *const words[],
    row_fn, void *arg, char why[WHY_SIZE]);
/*
 * For a command that asks several times: begin, then for each question the
 * time that it may take, which leaves some to those that come `later'.
 */
struct vipctl query_begin(const struct vipctl *);
struct vipctl query_share(const struct vipctl *begun, unsigned later);
/* The same as query_try(), and says on stderr what went wrong. */
int query(const struct vipctl *, enum role, const char *const words[], row_fn,
    void *arg);
/* Ends a connection, and does not wait for what its queue may have to close. */
void query_close(int fd);
/* Connects and asks, for one who reads the answers himself: an fd or -1,
 * *code and why. */
int query_open(const struct vipctl *, enum role, const char *const words[],
    int *code, char why[WHY_SIZE]);
/* The object for a row, to be freed; strings are cleaned. */
json_t *query_row(const struct vipctl *, struct ctl_answer *);

/* An array of rows on stdout, row by row however many there are. */
struct row_list {
	bool open;
};
void row_list_add(json_t *row, void *row_list);
void row_list_end(struct row_list *, int code);
/* Prints the answer as such an array; returns what query() did. */
int query_json(const struct vipctl *, enum role, const char *const words[]);

/* --- row.c: what a row says, in words --- */

/* "" when there is no such member; "" or 0 when it is of another type. */
const char *row_text(const json_t *row, const char *key);
uint64_t row_number(const json_t *row, const char *key);
bool row_true(const json_t *row, const char *key);
bool row_is(const json_t *row, const char *key, const char *value);
/* A member in milliseconds as "2 m 13 s", "-" when there is none. */
const char *row_duration(
    const json_t *row, const char *key, char buf[DURATION_SIZE]);
/* Address and port of a row that has both. */
const char *row_endpoint(const json_t *row, char buf[ADDR_PORT_STRLEN]);
/* "up", "down", "drained", "missing", "unknown", with "(stale)" where it is.
 * master: this director balances the service, so the weight is the truth. */
#define HEALTH_SIZE 32
const char *row_health(
    const json_t *server, bool master, char buf[HEALTH_SIZE]);
/* Why: "connection refused, for 12 s" or "ok, 0.4 ms". */
const char *row_reason(const json_t *row, char buf[WHY_SIZE]);
/* The same of a server, with who has drained it. */
const char *row_server_reason(
    const json_t *server, bool master, char buf[WHY_SIZE]);
/* "this host", an address, `nobody`, or "-" where vrrpd does not say. */
const char *row_master(const json_t *instance, const char *nobody);
/* An instance's reason, and whether it has resigned. */
const char *row_why(const json_t *instance, char buf[WHY_SIZE]);
/* Whether a server gets no new connections, for whatever reason. */
bool row_server_is_out(const json_t *server, bool master);

/* --- table.c: columns as wide as their widest cell --- */

struct table;
/* headers and cells end with a NULL; cells are copied. */
struct table *table_new(const char *const headers[]);
void table_add(struct table *, const char *const cells[]);
/* Prints it, or the line `empty` (NULL: nothing) if no row was added; frees. */
void table_end(struct table *, const char *empty);

/* --- the commands, a file each --- */

typedef int (*command_fn)(const struct vipctl *, int argc, char *argv[]);
int status(const struct vipctl *, int, char *[]);
void status_text(json_t *document);
int show_vrrp(const struct vipctl *, int, char *[]);
int show_services(const struct vipctl *, int, char *[]);
int show_checks(const struct vipctl *, int, char *[]);
int show_links(const struct vipctl *, int, char *[]);
int show_config(const struct vipctl *, int, char *[]);
int monitor(const struct vipctl *, int, char *[]);
int reload(const struct vipctl *, int, char *[]);
int drain(const struct vipctl *, int, char *[]);
int enable(const struct vipctl *, int, char *[]);
int resign(const struct vipctl *, int, char *[]);
int check(const struct vipctl *, int, char *[]);

/* Reads the options of a command that has at most one, a long flag. False
 * (and a line on stderr) when there is anything else. */
bool only_option(int argc, char *argv[], const char *option, bool *given);

#endif
