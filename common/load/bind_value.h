/* SPDX-License-Identifier: ISC */
/* One value of a file on its way into a source struct, and its form. */
#ifndef COMMON_LOAD_BIND_VALUE_H
#define COMMON_LOAD_BIND_VALUE_H

#include "conf/schema.h"
#include "load/out.h"
#include "load/source.h"
#include "load/ynode.h"

struct bind {
	struct conf_source *s;
	const struct conf_schema *schema;
	const struct conf_row *row;
	const struct ynode *value;
	void *object;
};

/* The object that a printed field is in. */
#define OBJECT_OF(type, row, field) \
	((const type *)(const void *)((const char *)(field) - (row)->offset))

/*
 * How a type of value is read and printed. read reports what is wrong and
 * gives false; print prints nothing when there is no value.
 */
struct form {
	bool (*read)(struct bind *, void *field);
	void (*print)(struct out *, const struct conf_row *, const void *field);
};

/* The scalar's text; reports and gives NULL when it is none or empty. */
const char *bind_text(struct bind *, const struct ynode *, const char *what);
/* "KEY: what is wrong" at a node; gives false, for readers to return. */
bool bind_error(struct bind *, const struct ynode *, const char *, ...)
    __attribute__((format(printf, 3, 4)));

#endif
