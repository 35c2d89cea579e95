/* SPDX-License-Identifier: ISC */
/*
 * Reads a description and finds its rows in the schema; see form.h. The data
 * is the parser's, or another version's: nothing of it is believed. A schema
 * refers to earlier ones alone, so there is no circle in it.
 */
#include "conf/form.h"
#include "conf/words.h"

#include <stdio.h>
#include <string.h>

/* All of a description. A real one takes some 4 KiB. */
#define DESCRIPTION_MAX ((size_t)64 << 10)

enum wire_type
form_wire_type(const struct conf_row *row)
{
	static const enum wire_type types[T_MAX] = {
	    [T_BOOL] = WIRE_BOOL,
	    [T_NUMBER] = WIRE_U32,
	    [T_DURATION] = WIRE_U32,
	    [T_SECONDS] = WIRE_U32,
	    [T_WORD] = WIRE_WORD,
	    [T_CHOICE] = WIRE_TEXT,
	    [T_NAME] = WIRE_TEXT,
	    [T_INTERFACE] = WIRE_TEXT,
	    [T_TEXT] = WIRE_TEXT,
	    [T_ADDR] = WIRE_ADDR,
	    [T_ADDRS] = WIRE_ADDRS,
	    [T_OPTION] = WIRE_OPTION,
	    [T_GROUP] = WIRE_GROUP,
	    [T_ARRAY] = WIRE_ARRAY,
	    [T_IDS] = WIRE_IDS,
	    [T_KEY] = WIRE_U64,
	};
	enum wire_type type = types[row->type];

	if (type == WIRE_U32 && row->size < sizeof(uint32_t))
		type = row->size == 1 ? WIRE_U8 : WIRE_U16;
	return type;
}

const char *
form_row_name(const struct conf_row *row)
{
	return row->name != NULL ? row->name : row->key;
}

static bool
refuse(struct form *form, const char *what, const char *schema, const char *row)
{
	if (form->why[0] == '\0')
		snprintf(form->why, sizeof(form->why), "%s%s%s%s%s", what,
		    schema == NULL ? "" : ": ", schema == NULL ? "" : schema,
		    row == NULL ? "" : ".", row == NULL ? "" : row);
	return false;
}

/* ---- reading ---- */

static const char *
read_name(struct form *form, struct reader *r)
{
	size_t len;
	const char *view = get_string_view(r, &len);
	const char *name = NULL;

	if (!r->error && len > 0 && len <= WIRE_NAME_MAX &&
	    memchr(view, '\0', len) == NULL)
		name = conf_arena_text(form->arena, view, len);
	if (name == NULL)
		r->error = true;
	return name;
}

static bool
read_words(struct form *form, struct form_row *row, struct reader *r)
{
	row->word_count = get_u8(r);
	if (r->error || row->word_count > reader_left(r))
		return false;
	row->words = conf_arena_alloc(
	    form->arena, (row->word_count + 1u) * sizeof(*row->words));
	if (row->words == NULL)
		return false;
	for (uint8_t i = 0; i < row->word_count && !r->error; i++) {
		row->words[i].text = read_name(form, r);
		row->words[i].value = FORM_NO_WORD;
	}
	return !r->error;
}

static bool
read_sub(struct form *form, struct form_row *row, struct reader *r)
{
	uint16_t sub = get_u16(r);

	if (r->error || sub >= form->count)
		return false;
	row->sub = &form->schemas[sub];
	return true;
}

/* A whole value of the row's type and nothing more. */
static bool
is_default(const struct form_row *row)
{
	struct reader r;
	struct addr addr;
	size_t fixed = 0;

	reader_init(&r, row->def, row->def_size);
	switch (row->type) {
	case WIRE_BOOL:
	case WIRE_U8:
	case WIRE_WORD:
		fixed = 1;
		break;
	case WIRE_U16:
		fixed = 2;
		break;
	case WIRE_U32:
		fixed = 4;
		break;
	case WIRE_OPTION:
		fixed = 5;
		break;
	case WIRE_U64:
		fixed = 8;
		break;
	case WIRE_ADDR:
		get_addr(&r, &addr);
		break;
	case WIRE_TEXT:
		fixed = 4 + (size_t)get_u32(&r);
		break;
	default: /* no lists but the empty one */
		return row->def_size == 4 && get_u32(&r) == 0;
	}
	return fixed == 0 ? reader_done(&r) :
			    !r.error && row->def_size == fixed;
}

static bool
read_row(struct form *form, struct form_row *row, struct reader *r)
{
	row->name = read_name(form, r);
	row->type = get_u8(r);
	if (r->error || row->type == WIRE_NONE || row->type >= WIRE_TYPE_MAX)
		return false;
	if (row->type == WIRE_GROUP || row->type == WIRE_ARRAY)
		return read_sub(form, row, r);
	if (row->type == WIRE_WORD && !read_words(form, row, r))
		return false;
	row->def_size = get_u32(r);
	if (r->error || row->def_size > reader_left(r))
		return false;
	row->def = r->buf + r->pos;
	r->pos += row->def_size;
	return is_default(row);
}

/* Bytes that a value takes at least. */
static size_t
least_size(const struct form_row *row)
{
	switch (row->type) {
	case WIRE_U16:
		return 2;
	case WIRE_U32:
	case WIRE_TEXT:
	case WIRE_ADDRS:
	case WIRE_ARRAY:
	case WIRE_IDS:
		return 4;
	case WIRE_OPTION:
		return 5;
	case WIRE_U64:
		return 8;
	case WIRE_GROUP:
		return row->sub->least;
	default:
		return 1;
	}
}

static bool
read_schema(struct form *form, struct form_schema *schema, struct reader *r)
{
	schema->name = read_name(form, r);
	schema->row_count = get_u16(r);
	if (r->error || schema->row_count == 0 ||
	    schema->row_count > WIRE_ROWS_MAX)
		return false;
	schema->rows = conf_arena_alloc(
	    form->arena, schema->row_count * sizeof(*schema->rows));
	if (schema->rows == NULL)
		return false;
	for (uint16_t i = 0; i < schema->row_count; i++) {
		if (!read_row(form, &schema->rows[i], r) ||
		    r->pos > DESCRIPTION_MAX)
			return false;
		schema->least += least_size(&schema->rows[i]);
		/* Groups of groups of groups. */
		if (schema->least > DESCRIPTION_MAX)
			return false;
	}
	return true;
}

static bool
read_schemas(struct form *form, struct reader *r)
{
	uint16_t count = get_u16(r);

	if (r->error || count == 0 || count > WIRE_SCHEMAS_MAX)
		return false;
	for (; form->count < count; form->count++)
		if (!read_schema(form, &form->schemas[form->count], r))
			return false;
	return true;
}

/* ---- finding ---- */

static bool
fits(const struct form_row *row, const struct conf_row *mine)
{
	enum wire_type type = form_wire_type(mine);

	switch (type) {
	case WIRE_U8:
	case WIRE_U16:
	case WIRE_U32:
		return row->type == WIRE_U8 || row->type == WIRE_U16 ||
		    row->type == WIRE_U32;
	default:
		return row->type == type;
	}
}

static const struct conf_row *
row_of(const struct conf_schema *schema, const char *name, enum role role)
{
	const struct conf_row *row = schema->rows;

	for (uint16_t i = 0; i < schema->row_count; i++, row++)
		if ((row->roles & (1u << role)) != 0 &&
		    strcmp(form_row_name(row), name) == 0)
			return row;
	return NULL;
}

static void
find_words(struct form_row *row)
{
	const struct conf_word *word;

	for (uint8_t i = 0; i < row->word_count; i++) {
		for (word = row->mine->words; word->text != NULL; word++) {
			if (!word->not_built &&
			    strcmp(word->text, row->words[i].text) == 0)
				row->words[i].value = word->value;
		}
	}
}

static bool find_rows(
    struct form *, struct form_schema *, const struct conf_schema *, enum role);

static bool
find_row(struct form *form, struct form_schema *schema, struct form_row *row,
    enum role role)
{
	uint64_t bit;

	if ((row->mine = row_of(schema->mine, row->name, role)) == NULL)
		return true;
	bit = UINT64_C(1) << (row->mine - schema->mine->rows);
	if (!fits(row, row->mine) || (schema->lacking & bit) == 0)
		return refuse(
		    form, "a row of another kind", schema->name, row->name);
	schema->lacking &= ~bit;
	if (row->type == WIRE_WORD)
		find_words(row);
	return row->sub == NULL ||
	    find_rows(form, &form->schemas[row->sub - form->schemas],
		row->mine->sub, role);
}

/*
 * Whether a row may be missing: it has a default, or nothing is a value of it.
 * What is resolved by the loader cannot be made up.
 */
static bool
may_lack(const struct conf_row *row)
{
	if (row->def != NULL)
		return true;
	if (row->key == NULL && row->type != T_ARRAY && row->type != T_IDS)
		return (row->flags & ROW_NULL) != 0;
	if (row->flags & ROW_REQUIRED)
		return false;
	switch (row->type) {
	case T_INTERFACE:
	case T_TEXT:
	case T_CHOICE:
		return (row->flags & ROW_NULL) != 0;
	case T_WORD:
		return false;
	default:
		return row->max == 0 || row->min == 0;
	}
}

static bool
find_rows(struct form *form, struct form_schema *schema,
    const struct conf_schema *mine, enum role role)
{
	const struct conf_row *row = mine->rows;

	if (schema->mine != NULL)
		return schema->mine == mine ||
		    refuse(form, "two schemas in one", schema->name, NULL);
	schema->mine = mine;
	for (uint16_t i = 0; i < mine->row_count; i++)
		if ((row[i].roles & (1u << role)) != 0)
			schema->lacking |= UINT64_C(1) << i;
	for (uint16_t i = 0; i < schema->row_count; i++)
		if (!find_row(form, schema, &schema->rows[i], role))
			return false;
	for (uint16_t i = 0; i < mine->row_count; i++)
		if ((schema->lacking >> i & 1) != 0 && !may_lack(&row[i]))
			return refuse(form,
			    "an older version wrote it, without", schema->name,
			    form_row_name(&row[i]));
	return true;
}

const struct form_schema *
form_root(const struct form *form)
{
	return &form->schemas[form->count - 1];
}

bool
form_read(struct form *form, struct reader *r, enum role role)
{
	if ((form->arena = conf_arena_new()) == NULL)
		return refuse(form, "out of memory", NULL, NULL);
	if (!read_schemas(form, r))
		return refuse(form, "a damaged description", NULL, NULL);
	return find_rows(
	    form, &form->schemas[form->count - 1], &conf_schema_root, role);
}

void
form_end(struct form *form)
{
	conf_arena_free(form->arena);
}
