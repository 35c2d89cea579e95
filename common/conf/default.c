/* SPDX-License-Identifier: ISC */
/* Defaults as the schema spells them, into fields; see default.h. */
#include "conf/default.h"

#include <string.h>

#include "conf/conf.h"
#include "conf/text.h"
#include "conf/words.h"
#include "log.h"

static const struct conf_word *
word_of(const struct conf_word *words, const char *text)
{
	while (words->text != NULL && strcmp(words->text, text) != 0)
		words++;
	return words->text == NULL ? NULL : words;
}

static bool
number(const struct conf_row *row, uint32_t *value)
{
	const struct conf_word *word;
	uint64_t ms;

	switch (row->type) {
	case T_BOOL:
		*value = strcmp(row->def, "true") == 0;
		return *value == 1 || strcmp(row->def, "false") == 0;
	case T_NUMBER:
		return text_number(row->def, value);
	case T_WORD:
		word = word_of(row->words, row->def);
		*value = word == NULL ? 0 : word->value;
		return word != NULL;
	default:
		if (!text_duration(row->def, &ms))
			return false;
		*value = (uint32_t)(row->type == T_SECONDS ? ms / 1000 : ms);
		return true;
	}
}

static bool
option(const struct conf_row *row, struct conf_option *option)
{
	option->set = true;
	if (row->max != 1)
		return text_number(row->def, &option->value);
	option->value = strcmp(row->def, "true") == 0;
	return option->value == 1 || strcmp(row->def, "false") == 0;
}

static bool
set(const struct conf_row *row, void *field)
{
	const struct conf_word *word;
	const char *text = row->def;
	uint32_t value;

	switch (row->type) {
	case T_BOOL:
	case T_NUMBER:
	case T_WORD:
	case T_DURATION:
	case T_SECONDS:
		if (!number(row, &value))
			return false;
		conf_set_number(field, row->size, value);
		return true;
	case T_CHOICE:
		if ((word = word_of(row->words, row->def)) == NULL)
			return false;
		text = word->text;
		/* FALLTHROUGH */
	case T_NAME:
	case T_INTERFACE:
	case T_TEXT:
		memcpy(field, &text, sizeof(text));
		return true;
	case T_ADDR:
		return addr_parse(field, row->def);
	case T_OPTION:
		return option(row, field);
	default:
		return false;
	}
}

/* Text that may not be NULL is "" where nothing is said. */
static void
set_empty(const struct conf_row *row, void *field)
{
	static const char *const empty = "";

	if ((row->type == T_NAME || row->type == T_INTERFACE ||
		row->type == T_TEXT || row->type == T_CHOICE) &&
	    !(row->flags & ROW_NULL))
		memcpy(field, &empty, sizeof(empty));
}

void
conf_default(const struct conf_row *row, void *object)
{
	void *field = (char *)object + row->offset;

	if (row->def == NULL)
		set_empty(row, field);
	else if (!set(row, field))
		fatalx("conf: bad default of %s", row->key);
}
