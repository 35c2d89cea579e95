/* SPDX-License-Identifier: ISC */
/*
 * The control sockets DIR/{ipvsd,vrrpd,checkd}.ctl. A client sends one
 * CTL_REQUEST (words); the daemon answers with CTL_ROWs, self-describing
 * records of named values, and one CTL_END. Rows are produced only as fast
 * as the client reads. Reading is for root, the daemon's own user and group
 * _vipctl, and for no other daemon; what changes something is for root.
 */
#ifndef COMMON_CTL_CTL_H
#define COMMON_CTL_CTL_H

#include <event2/event.h>

#include "link/msg.h"

#define CTL_CLIENTS_MAX	    64
#define CTL_CLIENTS_PER_UID 32
#define CTL_WORDS_MAX	    16
#define CTL_WORD_LEN	    4096
#define CTL_QUEUE_MAX	    1024 /* rows waiting for one client */
/* Of ipvsd's answers: findings of a reload, bytes of text in a row. */
#define CTL_FINDINGS_MAX    1024
#define CTL_TEXT_PIECE	    4096

enum ctl_type {
	CTL_STRING = 1,
	CTL_UINT, /* u64 */
	CTL_INT,  /* u64, two's complement */
	CTL_BOOL,
	CTL_TYPE_MAX
};

/* Composing a row: begin, fields in the order they are shown, end. */
struct ctl_row {
	uint8_t buf[MSG_MAX];
	struct writer writer;
	size_t count_at;
	uint8_t count;
};
void ctl_row_begin(struct ctl_row *, const char *kind);
void ctl_row_string(struct ctl_row *, const char *key, const char *value);
void ctl_row_uint(struct ctl_row *, const char *key, uint64_t);
void ctl_row_int(struct ctl_row *, const char *key, int64_t);
void ctl_row_bool(struct ctl_row *, const char *key, bool);
/* A digest or a generation: a string of 16 hex digits. */
void ctl_row_hex(struct ctl_row *, const char *key, uint64_t);
void ctl_row_addr(struct ctl_row *, const char *key, const struct addr *);

struct ctl_conn;

/*
 * A command. `run` is called when the request came and, until it returns
 * CTL_DONE, again each time there is room for more rows; it sends at most
 * about CTL_SLICE rows a call and keeps its place in ctl_cursor(). CTL_WAIT
 * parks the request until ctl_resume(); CTL_STAY makes the connection a
 * subscriber of ctl_broadcast() (monitor).
 */
enum ctl_next { CTL_DONE, CTL_MORE, CTL_WAIT, CTL_STAY };
#define CTL_SLICE 64

struct ctl_command {
	const char *name;
	bool changes; /* root only */
	enum ctl_next (*run)(struct ctl_conn *, void *arg);
};

struct ctl_server;

/*
 * Binds dir/SELF.ctl (before privileges are dropped), refusing to take over a
 * live one. Fatal on failure. Commands end with a NULL name.
 */
struct ctl_server *ctl_server_new(struct event_base *, const char *dir,
    enum role self, const struct ctl_command *, void *arg);
void ctl_server_free(struct ctl_server *);

int ctl_argc(const struct ctl_conn *);
const char *ctl_argv(const struct ctl_conn *, int); /* 0 is the command */
/* Four numbers of the command's own, 0 at first. */
uint64_t *ctl_cursor(struct ctl_conn *);
void ctl_send(struct ctl_conn *, struct ctl_row *);
/* Sets the error that CTL_END will carry (success otherwise). */
void ctl_fail(struct ctl_conn *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Continues a request that waits; conn may have gone: use the id. */
uint64_t ctl_id(const struct ctl_conn *);
struct ctl_conn *ctl_find(struct ctl_server *, uint64_t id);
void ctl_resume(struct ctl_conn *);
/* To every subscriber; one that does not read is closed. */
void ctl_broadcast(struct ctl_server *, struct ctl_row *);

/* Whose a daemon's control socket is. */
const char *ctl_user(enum role);

/* The client's side, blocking, for vipctl. */
struct ctl_value {
	char key[64];
	enum ctl_type type;
	const char *string; /* valid until the next row */
	uint64_t number;
};
#define CTL_VALUES_MAX 64
struct ctl_answer {
	char kind[64];
	int count;
	struct ctl_value values[CTL_VALUES_MAX];
	uint8_t packet[MSG_MAX];
	char strings[MSG_MAX + CTL_VALUES_MAX];
};
/* Connects to dir/NAME.ctl, accepts only the daemon's user or root.
 * -1 and errno (ENOENT, ECONNREFUSED: not running; EPERM: an impostor). */
int ctl_connect(const char *dir, enum role);
int ctl_request(int fd, int argc, const char *const argv[]);
/* 1: a row; 0: the end, *ok and reason filled; -1: lost or bad answer. */
int ctl_next(
    int fd, struct ctl_answer *, bool *ok, char *reason, size_t reason_size);
const struct ctl_value *ctl_value(const struct ctl_answer *, const char *key);

#endif
