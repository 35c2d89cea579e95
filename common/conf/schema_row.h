/* SPDX-License-Identifier: ISC */
/* How a row of the schema is written (conf/schema*.c). */
#ifndef COMMON_CONF_SCHEMA_ROW_H
#define COMMON_CONF_SCHEMA_ROW_H

#include "conf/source_objects.h"
#include "conf/words.h"
#include "role.h"

/* clang-format off: a table */

/* The columns of a field, of a counted list and of limits. */
#define F(st, m) \
	.offset = offsetof(struct st, m), .size = sizeof(((struct st *)NULL)->m)
#define COUNT(st, m)  .count = offsetof(struct st, m)
#define RANGE(lo, hi) .min = (lo), .max = (hi)
#define DEF(text)     .def = text
#define ONLY(type)    .types = 1u << (type)
#define WIRE(text)    .name = text
#define WORDS(list)   .words = list
#define SUB(schema)   .sub = &(schema)
#define PRESENT(st, m) \
	.count = offsetof(struct st, m), .min = sizeof(((struct st *)NULL)->m)
#define NOT_BUILT(name)                              \
	{                                            \
		name, T_NOT_BUILT, 0, 0, .offset = 0 \
	}
#define ROW_COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define GIVEN_BITS	(8 * sizeof(((struct src_head *)NULL)->given))
/* `given` has a bit a row: a table with more of them does not compile. */
#define ROWS_FIT(list)                                                  \
	sizeof(struct {                                                 \
		_Static_assert(ROW_COUNT(list) <= GIVEN_BITS, "given"); \
		char none;                                              \
	})
#define ROWS(list) \
	.rows = list, .row_count = ROW_COUNT(list) + 0 * ROWS_FIT(list)
#define DAY		   86400000u /* ms */
/* Of one node: so many addresses a node has. */
#define NODE_ADDRESSES_MAX 64
/* Seconds: the kernel keeps jiffies in an int, at up to 1000 Hz. */
#define TIMEOUT_MAX	   2147483u

#endif
