/* SPDX-License-Identifier: ISC */
/* Writes the description of the schemas; see describe.h. */
#include "load/describe.h"

#include "conf/form.h"
#include "conf/words.h"
#include "load/encode_rows.h"
#include "log.h"

struct description {
	struct writer *w;
	enum role role;
	/* A schema stands behind those that it refers to. */
	const struct conf_schema *schemas[WIRE_SCHEMAS_MAX];
	uint16_t count;
};

static bool
is_written(const struct description *d, const struct conf_row *row)
{
	return (row->roles & (1u << d->role)) != 0;
}

static uint16_t
number_of(const struct description *d, const struct conf_schema *schema)
{
	uint16_t i = 0;

	while (i < d->count && d->schemas[i] != schema)
		i++;
	return i;
}

static void
list_schema(struct description *d, const struct conf_schema *schema)
{
	const struct conf_row *row = schema->rows;

	if (number_of(d, schema) < d->count)
		return;
	for (uint16_t i = 0; i < schema->row_count; i++, row++)
		if (is_written(d, row) && row->sub != NULL)
			list_schema(d, row->sub);
	if (d->count == WIRE_SCHEMAS_MAX)
		fatalx("conf: more schemas than a description may have");
	d->schemas[d->count++] = schema;
}

/* The row's value where nothing is said, as the value of an object of it. */
static void
put_default(struct description *d, const struct conf_row *row)
{
	uint8_t value[ENCODED_DEFAULT];
	size_t len = encode_default(row, d->role, value);

	put_u32(d->w, (uint32_t)len);
	put_bytes(d->w, value, len);
}

static void
put_words(struct description *d, const struct conf_word *words)
{
	uint8_t count = 0;

	while (words[count].text != NULL)
		count++;
	put_u8(d->w, count);
	for (uint8_t i = 0; i < count; i++)
		put_string(d->w, words[i].text);
}

static void
put_row(struct description *d, const struct conf_row *row)
{
	put_string(d->w, form_row_name(row));
	put_u8(d->w, (uint8_t)form_wire_type(row));
	if (row->sub != NULL) {
		put_u16(d->w, number_of(d, row->sub));
		return;
	}
	if (row->type == T_WORD)
		put_words(d, row->words);
	put_default(d, row);
}

static void
put_schema(struct description *d, const struct conf_schema *schema)
{
	uint16_t i, mine = 0;

	for (i = 0; i < schema->row_count; i++)
		if (is_written(d, &schema->rows[i]))
			mine++;
	put_string(d->w, schema->name);
	put_u16(d->w, mine);
	for (i = 0; i < schema->row_count; i++)
		if (is_written(d, &schema->rows[i]))
			put_row(d, &schema->rows[i]);
}

void
describe(struct writer *w, enum role role)
{
	struct description d = {.w = w, .role = role};

	list_schema(&d, &conf_schema_root);
	put_u16(w, d.count);
	for (uint16_t i = 0; i < d.count; i++)
		put_schema(&d, d.schemas[i]);
}
