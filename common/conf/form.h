/* SPDX-License-Identifier: ISC */
/*
 * The description in an encoded configuration (wire_form.h), held against the
 * schema of this program. A row that both have is matched by its name. A row
 * that only the writer has is skipped as long as it has its default; an object
 * that gives it another value is refused, and the row is named. A row that
 * only this program has gets its default.
 */
#ifndef COMMON_CONF_FORM_H
#define COMMON_CONF_FORM_H

#include "conf/arena.h"
#include "conf/schema.h"
#include "conf/wire_form.h"
#include "role.h"
#include "link/wire.h"

#define FORM_NO_WORD UINT32_MAX

struct form_word {
	const char *text;
	uint32_t value; /* here; FORM_NO_WORD: unknown */
};

/* A row as it is written. Texts and lists are the form's arena's. */
struct form_row {
	const char *name;
	const struct conf_row *mine; /* NULL: this program has none */
	const struct form_schema *sub;
	const uint8_t *def; /* encoded, in the data; not of GROUP and ARRAY */
	uint32_t def_size;
	struct form_word *words;
	uint8_t word_count;
	uint8_t type; /* enum wire_type */
};

struct form_schema {
	const char *name;
	const struct conf_schema *mine; /* NULL: this program has none */
	struct form_row *rows;
	uint16_t row_count;
	uint64_t lacking; /* rows of mine that are not written, by number */
	size_t least;	  /* bytes that an object takes at least */
};

struct form {
	struct form_schema schemas[WIRE_SCHEMAS_MAX];
	uint16_t count;
	struct conf_arena *arena;
	char why[160]; /* why it was refused */
};

/*
 * Reads the description at the reader, which stands at the root object after
 * it. False: it is malformed, or does not fit this program's schema; why says
 * so. The form is zeroed before; form_end() in any case.
 */
bool form_read(struct form *, struct reader *, enum role);
void form_end(struct form *);
/* The root object's schema, once the form is read. */
const struct form_schema *form_root(const struct form *);

/* How a row of this program is written. */
enum wire_type form_wire_type(const struct conf_row *);
/* The name under which it is written. */
const char *form_row_name(const struct conf_row *);

#endif
