/* SPDX-License-Identifier: ISC */
/* What is said on control sockets: rows, self-describing records of values. */
#ifndef COMMON_CTL_CTL_ROW_H
#define COMMON_CTL_CTL_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/msg.h"

enum ctl_type {
	CTL_STRING = 1,
	CTL_UINT,     /* u64 */
	CTL_BOOL = 4, /* u64; 3 was a signed number's */
};

#define CTL_WORDS_MAX	 16 /* of a request */
#define CTL_VALUES_MAX	 64 /* of a row */
/* Of ipvsd's answers: findings of a reload, bytes of text in a row. */
#define CTL_FINDINGS_MAX 1024
#define CTL_TEXT_PIECE	 4096

/*
 * Composing a row: begin, then the values in the order they are shown;
 * ctl_send() or ctl_broadcast() ends it. A row that has no room for a value is
 * not sent.
 */
struct ctl_row {
	uint8_t buf[MSG_MAX];
	struct writer writer;
	size_t count_at;
	uint8_t count;
};
void ctl_row_begin(struct ctl_row *, const char *kind);
void ctl_row_string(struct ctl_row *, const char *key, const char *value);
void ctl_row_uint(struct ctl_row *, const char *key, uint64_t);
void ctl_row_bool(struct ctl_row *, const char *key, bool);
/* A digest or a generation: a string of 16 hex digits. */
void ctl_row_hex(struct ctl_row *, const char *key, uint64_t);
void ctl_row_addr(struct ctl_row *, const char *key, const struct addr *);

#endif
