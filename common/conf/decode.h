/* SPDX-License-Identifier: ISC */
/* Between the slices of decoding (conf/codec.c) and its fields; private. */
#ifndef COMMON_CONF_DECODE_H
#define COMMON_CONF_DECODE_H

#include "conf/codec.h"
#include "conf/conf.h"
#include "conf/form.h"
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
	struct form form;
	bool described;
	uint32_t row; /* of the root's form: where to go on */
	bool in_list;
	uint32_t next; /* element of that row's list */
	uint32_t count;
	uint32_t parts;		     /* elements of lists, so far */
	uint32_t in_all[SCHEMA_MAX]; /* so far, where that is limited */
	int64_t last_id[SCHEMA_MAX];
	const char *why;
	char text[256]; /* behind why, where it names a row */
	bool done;
};

/* Keeps the first reason; gives false. */
bool decode_refuse(struct conf_decoder *, const char *why);

/* A count that the row allows and the data has room for, and memory for so many
 * of a size. */
bool decode_count(struct conf_decoder *, const struct conf_row *, size_t least,
    size_t size, uint32_t *count, void **list);
/* One value of an object, or of an object that this program does not have. */
bool decode_field(struct conf_decoder *, const struct form_schema *,
    const struct form_row *, void *object);
/* All of an object; the ids of siblings, and of all servers, ascend. */
bool decode_rows(
    struct conf_decoder *, const struct form_schema *, void *object);
/* The rows that the writer did not have get their defaults. */
void decode_lacking(
    const struct conf_decoder *, const struct form_schema *, void *object);

#endif
