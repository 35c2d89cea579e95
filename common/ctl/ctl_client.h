/* SPDX-License-Identifier: ISC */
/* The client's side of a control socket, blocking, for vipctl. */
#ifndef COMMON_CTL_CTL_CLIENT_H
#define COMMON_CTL_CTL_CLIENT_H

#include "ctl/ctl_row.h"
#include "role.h"

struct ctl_value {
	char key[64];
	enum ctl_type type;
	const char *string; /* valid until the next row */
	uint64_t number;
};
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
/* 1: a row; 0: the end, *ok and reason filled; -1: lost or bad answer. Kinds
 * and keys that only a newer daemon has are let pass; one that the table has
 * comes with the table's type, or the answer is bad. */
int ctl_next(
    int fd, struct ctl_answer *, bool *ok, char *reason, size_t reason_size);

#endif
