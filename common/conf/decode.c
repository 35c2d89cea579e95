/* SPDX-License-Identifier: ISC */
/* Decodes fields by the rows of the schema, and believes none of them. */

#include <string.h>

#include "conf/arena.h"
#include "conf/decode.h"
#include "conf/words.h"

bool
decode_refuse(struct conf_decoder *d, const char *why)
{
	if (d->why == NULL)
		d->why = why;
	return false;
}

/* The least bytes that an element takes: bounds what a count can claim. */
size_t
decode_least_size(const struct conf_schema *schema, enum role role)
{
	const struct conf_row *row;
	size_t least = 0;

	for (row = schema->rows; row < schema->rows + schema->row_count;
	     row++) {
		if (!decode_is_mine(row, role))
			continue;
		if (row->type == T_GROUP)
			least += decode_least_size(row->sub, role);
		else
			least++;
	}
	return least > 0 ? least : 1;
}

bool
decode_count(struct conf_decoder *d, size_t least, size_t size, uint32_t *count,
    void **list)
{
	*count = get_u32(&d->r);
	*list = NULL;
	if (d->r.error || *count > reader_left(&d->r) / least)
		return decode_refuse(d, "a list is longer than the data");
	if (*count == 0)
		return true;
	*list = conf_arena_alloc(d->conf->arena, *count * size);
	if (*list == NULL)
		return decode_refuse(d, "out of memory");
	return true;
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
		return strlen(text) <= row->max;
	}
}

static bool
decode_text(struct conf_decoder *d, const struct conf_row *row, void *field)
{
	const char *view, *text;
	size_t len;

	view = get_string_view(&d->r, &len);
	if (d->r.error || memchr(view, '\0', len) != NULL)
		return decode_refuse(d, "a text is cut or has a NUL");
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

	view = get_string_view(&d->r, &len);
	for (word = row->words; word->text != NULL; word++) {
		if (strlen(word->text) == len && !word->not_built &&
		    memcmp(word->text, view, len) == 0) {
			memcpy(field, &word->text, sizeof(word->text));
			return true;
		}
	}
	return decode_refuse(d, "an unknown word");
}

static bool
decode_number(struct conf_decoder *d, const struct conf_row *row, void *field)
{
	uint32_t value;

	switch (row->size) {
	case 1:
		value = get_u8(&d->r);
		break;
	case 2:
		value = get_u16(&d->r);
		break;
	default:
		value = get_u32(&d->r);
		break;
	}
	if (d->r.error)
		return decode_refuse(d, "cut short");
	if (row->type == T_WORD && conf_word_text(row->words, value) == NULL)
		return decode_refuse(d, "an unknown word");
	if (row->max != 0 && (value < row->min || value > row->max))
		return decode_refuse(d, "a number is out of range");
	conf_set_number(field, row->size, value);
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
decode_addrs(struct conf_decoder *d, struct conf_addrs *addrs)
{
	void *list;
	uint32_t i;

	if (!decode_count(d, 1, sizeof(struct addr), &addrs->count, &list))
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

	if (!decode_count(d, 4, sizeof(uint32_t), &count, &list))
		return false;
	ids = list;
	for (i = 0; i < count; i++)
		ids[i] = get_u32(&d->r);
	memcpy((char *)object + row->offset, &ids, sizeof(ids));
	memcpy((char *)object + row->count, &count, sizeof(count));
	return !d->r.error || decode_refuse(d, "cut short");
}

static bool
decode_array(struct conf_decoder *d, const struct conf_row *row, void *object)
{
	const struct conf_schema *sub = row->sub;
	uint32_t count, i;
	void *list;

	if (!decode_count(d, decode_least_size(sub, d->role), sub->conf_size,
		&count, &list))
		return false;
	memcpy((char *)object + row->offset, &list, sizeof(list));
	memcpy((char *)object + row->count, &count, sizeof(count));
	for (i = 0; i < count; i++) {
		if (!decode_rows(
			d, sub, (char *)list + (size_t)i * sub->conf_size))
			return false;
	}
	if (sub == &conf_schema_server)
		d->servers += count;
	return true;
}

bool
decode_field(struct conf_decoder *d, const struct conf_row *row, void *object)
{
	char *field = (char *)object + row->offset;
	bool flag;

	switch (row->type) {
	case T_BOOL:
		flag = get_bool(&d->r);
		memcpy(field, &flag, sizeof(flag));
		return !d->r.error || decode_refuse(d, "not a boolean");
	case T_NUMBER:
	case T_DURATION:
	case T_SECONDS:
	case T_WORD:
		return decode_number(d, row, field);
	case T_CHOICE:
		return decode_choice(d, row, field);
	case T_NAME:
	case T_INTERFACE:
	case T_TEXT:
		return decode_text(d, row, field);
	case T_ADDR:
		get_addr(&d->r, (struct addr *)(void *)field);
		return !d->r.error ||
		    decode_refuse(d, "an address is not valid");
	case T_ADDRS:
		return decode_addrs(d, (struct conf_addrs *)(void *)field);
	case T_OPTION:
		return decode_option(
		    d, row, (struct conf_option *)(void *)field);
	case T_GROUP:
		return decode_rows(d, row->sub, field);
	case T_ARRAY:
		return decode_array(d, row, object);
	case T_IDS:
		return decode_ids(d, row, object);
	default:
		return decode_refuse(d, "a row that has no binary form");
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

bool
decode_rows(
    struct conf_decoder *d, const struct conf_schema *schema, void *object)
{
	const struct conf_row *row;

	for (row = schema->rows; row < schema->rows + schema->row_count;
	     row++) {
		if (!decode_is_mine(row, d->role))
			continue;
		if (!decode_field(d, row, object))
			return false;
		if ((row->flags & ROW_ID) &&
		    !id_ascends(d, schema, row, object))
			return false;
	}
	return true;
}
