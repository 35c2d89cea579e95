/* SPDX-License-Identifier: ISC */
/*
 * What is said on control sockets: rows, self-describing records of values. A
 * daemon fills the struct of the row's kind and sends it; what the table
 * (ctl_table.h) does not have, or has with another type, does not compile.
 */
#ifndef COMMON_CTL_CTL_ROW_H
#define COMMON_CTL_CTL_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/ctl_table.h"
#include "link/msg.h"

/* A value's type on the wire. */
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

/* A value of whatever type; one that nobody has set is absent. */
struct ctl_any {
	union {
		const char *text;
		const struct addr *addr;
		uint64_t number;
	};
	bool set;
};

/* The types of values. Strings and addresses stay the caller's. */
struct ctl_text {
	struct ctl_any any;
};
struct ctl_addr {
	struct ctl_any any;
};
struct ctl_digest {
	struct ctl_any any;
};
struct ctl_flag {
	struct ctl_any any;
};
struct ctl_number {
	struct ctl_any any;
};
struct ctl_time {
	struct ctl_any any;
};

/* NULL is "". */
static inline struct ctl_text
ctl_text(const char *text)
{
	return (struct ctl_text){{.text = text == NULL ? "" : text, true}};
}

static inline struct ctl_addr
ctl_addr(const struct addr *addr)
{
	return (struct ctl_addr){{.addr = addr, true}};
}

static inline struct ctl_digest
ctl_digest(uint64_t value)
{
	return (struct ctl_digest){{.number = value, true}};
}

static inline struct ctl_flag
ctl_flag(bool value)
{
	return (struct ctl_flag){{.number = value, true}};
}

static inline struct ctl_number
ctl_number(uint64_t value)
{
	return (struct ctl_number){{.number = value, true}};
}

/* In the key's unit. */
static inline struct ctl_time
ctl_time(uint64_t value)
{
	return (struct ctl_time){{.number = value, true}};
}

/* struct ctl_row_KIND: the values of a row, in the order of its keys. */
#define X(id, text, wire, type) typedef type ctl_value_##id;
CTL_SORT_TABLE(X)
#undef X
#define CTL_MEMBER(key, sort, unit, needed, help) ctl_value_##sort key;
#define CTL_COUNT_MEMBER(id, key, help)		  struct ctl_number count_##id;
#define X(kind, ...)                                          \
	struct ctl_row_##kind {                               \
		CTL_KEYS_##kind(CTL_MEMBER, CTL_COUNT_MEMBER) \
	};
CTL_KIND_TABLE(X)
#undef X

/* What the table says of a key, and of a kind of rows. */
struct ctl_key {
	const char *name;
	uint16_t name_len; /* bytes */
	enum ctl_sort sort;
	const char *unit; /* "": none; of a WORD its words, "a, b, c" */
	bool always;	  /* a row without it is not sent */
	const char *help;
};
struct ctl_kind {
	const char *name;
	unsigned daemons;    /* that tell it, a set of roles (role.h) */
	const char *command; /* which asks for it */
	const char *help;
	const struct ctl_key *keys;
	size_t count; /* of the keys */
};
extern const struct ctl_kind ctl_kinds[CTL_KIND_MAX];

/* The type on the wire of values of a sort. */
enum ctl_type ctl_sort_type(enum ctl_sort);
/* NULL: this version has no such kind, or key of the kind. */
const struct ctl_kind *ctl_kind_named(const char *name);
const struct ctl_key *ctl_key_named(const struct ctl_kind *, const char *name);

/* CTL_KIND_OF(row): the kind, of a pointer to a struct ctl_row_KIND. The struct
 * that no row is ends the list, which ends in a comma. */
struct ctl_no_row {
	char none;
};
/* clang-format off */
#define CTL_ROW_KIND(kind, ...) struct ctl_row_##kind: CTL_KIND_##kind,
#define CTL_KIND_OF(row)                       \
	(&ctl_kinds[_Generic(*(row),           \
	    CTL_KIND_TABLE(CTL_ROW_KIND)       \
	    struct ctl_no_row: CTL_KIND_MAX)])
/* clang-format on */

/* The first key that each row of the kind has and this one (a struct of the
 * kind) lacks; NULL: the row is whole. */
const struct ctl_key *ctl_row_lacks(const struct ctl_kind *, const void *row);
/* The packet for a row; returns its length, 0 when it does not fit. */
size_t ctl_row_write(
    const struct ctl_kind *, const void *row, uint8_t buf[MSG_MAX]);

#endif
