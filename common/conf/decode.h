/* SPDX-License-Identifier: ISC */
/* Between the slices of decoding (conf/codec.c) and its fields; private. */
#ifndef COMMON_CONF_DECODE_H
#define COMMON_CONF_DECODE_H

#include "conf/conf.h"
#include "conf/schema.h"
#include "link/wire.h"
#include "role.h"

struct conf_decoder {
	struct reader r;
	void *map;
	int fd; /* of what is mapped, ours; or -1 */
	size_t size;
	enum role role;
	struct conf *conf;
	uint32_t row; /* of the root: where to go on */
	bool in_list;
	uint32_t next; /* element of that row's list */
	uint32_t count;
	uint32_t servers; /* in all, so far */
	int64_t last_id[SCHEMA_MAX];
	const char *why;
	bool done;
};

/* Keeps the first reason; gives false. */
bool decode_refuse(struct conf_decoder *, const char *why);
static inline bool
decode_is_mine(const struct conf_row *row, enum role role)
{
	return (row->roles & (1u << role)) != 0;
}

/* The least bytes that an element takes: bounds what a count can claim. */
size_t decode_least_size(const struct conf_schema *, enum role);
/* A count that the data has room for, and memory for so many of a size. */
bool decode_count(struct conf_decoder *, size_t least, size_t size,
    uint32_t *count, void **list);
bool decode_field(struct conf_decoder *, const struct conf_row *, void *object);
/* All of an object; the ids of siblings, and of all servers, ascend. */
bool decode_rows(
    struct conf_decoder *, const struct conf_schema *, void *object);

#endif
