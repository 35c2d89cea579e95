/* SPDX-License-Identifier: ISC */
/* Decodes fields by the rows of the form, and believes none of them. */
#include "conf/decode.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "conf/arena.h"
#include "conf/decode.h"
#include "conf/default.h"
#include "conf/words.h"

bool
decode_refuse(struct conf_decoder *d, const char *why)
{
	if (d->why == NULL)
		d->why = why;
	return false;
}

/* The same, with the row that it is about. */
static bool
refuse_row(struct conf_decoder *d, const char *why,
    const struct form_schema *schema, const struct form_row *row,
    const char *value)
{
	snprintf(d->text, sizeof(d->text), "%s: %s.%s%s%s", why, schema->name,
	    row->name, value == NULL ? "" : " ", value == NULL ? "" : value);
	return decode_refuse(d, d->text);
}

bool
decode_count(struct conf_decoder *d, const struct conf_row *row, size_t least,
    size_t size, uint32_t *count, void **list)
{
	*count = get_u32(&d->r);
	*list = NULL;
	if (d->r.error || *count > reader_left(&d->r) / least)
		return decode_refuse(d, "a list is longer than the data");
	if (*count > row->max)
		return decode_refuse(d, "a list is longer than it may be");
	d->parts += *count;
	if (*count == 0)
		return true;
	*list = conf_arena_alloc(d->conf->arena, *count * size);
	if (*list == NULL)
		return decode_refuse(d, "out of memory");
	return true;
}

static size_t
longest_text(const struct conf_row *row)
{
	switch (row->type) {
	case T_NAME:
		return CONF_NAME_MAX;
	case T_INTERFACE:
		return IF_NAMESIZE - 1;
	case T_CHOICE:
		return WIRE_NAME_MAX;
	default:
		return row->max;
	}
}

static bool
text_is_valid(const struct conf_row *row, const char *text)
{
	switch (row->type) {
	case T_NAME:
		return text[0] == '\0' || conf_name_valid(text);
	case T_INTERFACE:
		return conf_interface_valid(text);
	default:
		return true;
	}
}

/* A u32 length and the bytes. */
static bool
read_text(struct conf_decoder *d, const struct conf_row *row, const char **view,
    size_t *len)
{
	*len = get_u32(&d->r);
	if (d->r.error || *len > reader_left(&d->r))
		return decode_refuse(d, "a text is cut");
	if (*len > longest_text(row))
		return decode_refuse(d, "a text is longer than it may be");
	*view = (const char *)d->r.buf + d->r.pos;
	d->r.pos += *len;
	return memchr(*view, '\0', *len) == NULL ||
	    decode_refuse(d, "a text has a NUL");
}

static bool
decode_text(struct conf_decoder *d, const struct conf_row *row, void *field)
{
	const char *view, *text;
	size_t len;

	if (!read_text(d, row, &view, &len))
		return false;
	if (len == 0 && (row->flags & ROW_NULL))
		return true;
	text = conf_arena_text(d->conf->arena, view, len);
	if (text == NULL)
		return decode_refuse(d, "out of memory");
	if (!text_is_valid(row, text))
		return decode_refuse(d, "a text is not valid for its key");
	memcpy(field, &text, sizeof(text));
	return true;
}

static bool
decode_choice(struct conf_decoder *d, const struct conf_row *row, void *field)
{
	const struct conf_word *word;
	const char *view;
	size_t len;

	if (!read_text(d, row, &view, &len))
		return false;
	for (word = row->words; word->text != NULL; word++) {
		if (strlen(word->text) == len && !word->not_built &&
		    memcmp(word->text, view, len) == 0) {
			memcpy(field, &word->text, sizeof(word->text));
			return true;
		}
	}
	return decode_refuse(d, "an unknown word");
}

/* The writer's may be wider than ours. */
static bool
decode_number(struct conf_decoder *d, const struct form_row *form, void *field)
{
	const struct conf_row *row = form->mine;
	uint32_t value;

	switch (form->type) {
	case WIRE_U8:
		value = get_u8(&d->r);
		break;
	case WIRE_U16:
		value = get_u16(&d->r);
		break;
	default:
		value = get_u32(&d->r);
		break;
	}
	if (d->r.error)
		return decode_refuse(d, "cut short");
	if ((row->max != 0 && (value < row->min || value > row->max)) ||
	    (row->size < sizeof(value) && value >> (8 * row->size) != 0))
		return decode_refuse(d, "a number is out of range");
	conf_set_number(field, row->size, value);
	return true;
}

static bool
decode_word(struct conf_decoder *d, const struct form_schema *schema,
    const struct form_row *form, void *field)
{
	uint8_t word = get_u8(&d->r);

	if (d->r.error || word >= form->word_count)
		return decode_refuse(d, "an unknown word");
	if (form->words[word].value == FORM_NO_WORD)
		return refuse_row(d, "this version does not know", schema, form,
		    form->words[word].text);
	conf_set_number(field, form->mine->size, form->words[word].value);
	return true;
}

static bool
decode_option(struct conf_decoder *d, const struct conf_row *row,
    struct conf_option *option)
{
	option->set = get_bool(&d->r);
	option->value = get_u32(&d->r);
	if (d->r.error || option->value > row->max)
		return decode_refuse(d, "an option is out of range");
	return true;
}

static bool
decode_addrs(struct conf_decoder *d, const struct conf_row *row,
    struct conf_addrs *addrs)
{
	void *list;
	uint32_t i;

	if (!decode_count(d, row, 1, sizeof(struct addr), &addrs->count, &list))
		return false;
	addrs->list = list;
	for (i = 0; i < addrs->count; i++)
		get_addr(&d->r, &addrs->list[i]);
	return !d->r.error || decode_refuse(d, "an address is not valid");
}

static bool
decode_ids(struct conf_decoder *d, const struct conf_row *row, void *object)
{
	uint32_t count, i, *ids;
	void *list;

	if (!decode_count(d, row, 4, sizeof(uint32_t), &count, &list))
		return false;
	ids = list;
	for (i = 0; i < count; i++)
		ids[i] = get_u32(&d->r);
	memcpy((char *)object + row->offset, &ids, sizeof(ids));
	memcpy((char *)object + row->count, &count, sizeof(count));
	return !d->r.error || decode_refuse(d, "cut short");
}

/* Of what may be in many lists, so many at most. */
static bool
in_all(struct conf_decoder *d, const struct conf_schema *sub, uint32_t count)
{
	uint32_t most = UINT32_MAX;

	if (sub == &conf_schema_server)
		most = CONF_SERVERS_MAX;
	else if (sub->id == SCHEMA_ADDRESS)
		most = CONF_ADDRESSES_MAX;
	if (count > most - d->in_all[sub->id])
		return decode_refuse(d, "there are more than may be in all");
	if (most != UINT32_MAX)
		d->in_all[sub->id] += count;
	return true;
}

static bool
decode_array(struct conf_decoder *d, const struct form_row *form, void *object)
{
	const struct conf_row *row = form->mine;
	const struct conf_schema *sub = row->sub;
	uint32_t count, i;
	void *list;

	if (!decode_count(
		d, row, form->sub->least, sub->conf_size, &count, &list))
		return false;
	if (!in_all(d, sub, count))
		return false;
	memcpy((char *)object + row->offset, &list, sizeof(list));
	memcpy((char *)object + row->count, &count, sizeof(count));
	for (i = 0; i < count; i++) {
		if (!decode_rows(d, form->sub,
			(char *)list + (size_t)i * sub->conf_size))
			return false;
	}
	return true;
}

/*
 * A value that this program has no row for. Its default says nothing, so it
 * is skipped; with any other the object means more than we can do.
 */
static bool
skip(struct conf_decoder *d, const struct form_schema *schema,
    const struct form_row *row)
{
	static const uint8_t none[4];
	const uint8_t *def = row->type == WIRE_ARRAY ? none : row->def;
	size_t size = row->type == WIRE_ARRAY ? sizeof(none) : row->def_size;

	if (row->type == WIRE_GROUP) {
		for (uint16_t i = 0; i < row->sub->row_count; i++)
			if (!skip(d, row->sub, &row->sub->rows[i]))
				return false;
		return true;
	}
	if (reader_left(&d->r) < size)
		return decode_refuse(d, "cut short");
	if (memcmp(d->r.buf + d->r.pos, def, size) != 0)
		return refuse_row(
		    d, "this version does not know", schema, row, NULL);
	d->r.pos += size;
	return true;
}

bool
decode_field(struct conf_decoder *d, const struct form_schema *schema,
    const struct form_row *form, void *object)
{
	const struct conf_row *row = form->mine;
	char *field;
	uint64_t key;
	bool flag;

	if (row == NULL)
		return skip(d, schema, form);
	field = (char *)object + row->offset;
	switch (form->type) {
	case WIRE_BOOL:
		flag = get_bool(&d->r);
		memcpy(field, &flag, sizeof(flag));
		return !d->r.error || decode_refuse(d, "not a boolean");
	case WIRE_WORD:
		return decode_word(d, schema, form, field);
	case WIRE_TEXT:
		return row->type == T_CHOICE ? decode_choice(d, row, field) :
					       decode_text(d, row, field);
	case WIRE_ADDR:
		get_addr(&d->r, (struct addr *)(void *)field);
		return !d->r.error ||
		    decode_refuse(d, "an address is not valid");
	case WIRE_ADDRS:
		return decode_addrs(d, row, (struct conf_addrs *)(void *)field);
	case WIRE_OPTION:
		return decode_option(
		    d, row, (struct conf_option *)(void *)field);
	case WIRE_GROUP:
		return decode_rows(d, form->sub, field);
	case WIRE_ARRAY:
		return decode_array(d, form, object);
	case WIRE_IDS:
		return decode_ids(d, row, object);
	case WIRE_U64:
		key = get_u64(&d->r);
		memcpy(field, &key, sizeof(key));
		return !d->r.error || decode_refuse(d, "cut short");
	default:
		return decode_number(d, form, field);
	}
}

static bool
id_ascends(struct conf_decoder *d, const struct conf_schema *schema,
    const struct conf_row *row, const void *object)
{
	uint32_t id = conf_get_number(
	    (const char *)object + row->offset, row->size);

	if ((int64_t)id <= d->last_id[schema->id])
		return decode_refuse(d, "ids do not ascend");
	d->last_id[schema->id] = id;
	return true;
}

static void
set_default(const struct conf_row *row, enum role role, void *object)
{
	const struct conf_schema *sub = row->sub;

	if (row->type == T_ARRAY || row->type == T_IDS)
		return; /* empty, as the object was made */
	if (row->type != T_GROUP) {
		conf_default(row, object);
		return;
	}
	for (uint16_t i = 0; i < sub->row_count; i++)
		if ((sub->rows[i].roles & (1u << role)) != 0)
			set_default(
			    &sub->rows[i], role, (char *)object + row->offset);
}

void
decode_lacking(const struct conf_decoder *d, const struct form_schema *schema,
    void *object)
{
	uint64_t left = schema->lacking;

	for (; left != 0; left &= left - 1)
		set_default(&schema->mine->rows[__builtin_ctzll(left)], d->role,
		    object);
}

bool
decode_rows(
    struct conf_decoder *d, const struct form_schema *schema, void *object)
{
	const struct form_row *row;

	for (row = schema->rows; row < schema->rows + schema->row_count;
	     row++) {
		if (!decode_field(d, schema, row, object))
			return false;
		if (row->mine != NULL && (row->mine->flags & ROW_ID) != 0 &&
		    !id_ascends(d, schema->mine, row->mine, object))
			return false;
	}
	decode_lacking(d, schema, object);
	return true;
}
