/* SPDX-License-Identifier: ISC */
/* The forms of single values: numbers, words, texts, addresses. */

#include <stdio.h>
#include <string.h>

#include "conf/text.h"
#include "conf/words.h"
#include "load/advice.h"
#include "load/finding.h"
#include "load/forms_value.h"
#include "load/keepalived.h"

/* "a, b, c": what is allowed, cut when it is too long. */
static const char *
words_list(const struct conf_word *words, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (; words->text != NULL; words++) {
		if (words->not_built)
			continue;
		len += (size_t)snprintf(buf + len, size - len, "%s%s",
		    len > 0 ? ", " : "", words->text);
		if (len >= size)
			break;
	}
	return buf;
}

static bool
parse_bool(const char *text, bool *value)
{
	*value = strcmp(text, "true") == 0;
	return *value || strcmp(text, "false") == 0;
}

static bool
read_bool(struct bind *b, void *field)
{
	const char *text;
	char buf[QUOTED_MAX];
	bool value;

	if ((text = bind_text(b, b->value, "true or false")) == NULL)
		return false;
	if (!parse_bool(text, &value))
		return bind_error(b, b->value,
		    "\"%s\" is not allowed, allowed is true or false",
		    conf_quoted(text, buf));
	memcpy(field, &value, sizeof(value));
	return true;
}

static void
print_bool(struct out *o, const struct conf_row *row, const void *field)
{
	out_plain(o, conf_get_number(field, row->size) ? "true" : "false");
}

static bool
read_only(struct bind *b, void *field)
{
	const char *text, *def = b->row->def;
	char buf[QUOTED_MAX];
	bool value;

	(void)field;
	if ((text = bind_text(b, b->value, def)) == NULL)
		return false;
	if (strcmp(text, def) == 0)
		return true;
	if (parse_bool(text, &value))
		conf_error(b->s, b->value,
		    "this version does not have `%s: %s` yet", b->row->key,
		    text);
	else
		bind_error(b, b->value, "\"%s\" is not allowed, allowed is %s",
		    conf_quoted(text, buf), def);
	return false;
}

static void
print_only(struct out *o, const struct conf_row *row, const void *field)
{
	(void)field;
	out_plain(o, row->def);
}

/* A number within the row's range. */
static bool
parse_number(struct bind *b, uint32_t *value)
{
	const struct conf_row *row = b->row;
	const char *text;
	char buf[QUOTED_MAX], what[48];

	if (b->value->kind == Y_SCALAR && text_number(b->value->text, value) &&
	    *value >= row->min && *value <= row->max)
		return true;
	snprintf(
	    what, sizeof(what), "a number of %u to %u", row->min, row->max);
	if ((text = bind_text(b, b->value, what)) == NULL)
		return false;
	if (!text_number(text, value))
		return bind_error(b, b->value,
		    "\"%s\" is not allowed, allowed is %s",
		    conf_quoted(text, buf), what);
	return bind_error(b, b->value,
	    "%u is out of range, allowed is %u to %u", *value, row->min,
	    row->max);
}

static bool
read_number(struct bind *b, void *field)
{
	uint32_t value;

	if (!parse_number(b, &value))
		return false;
	conf_set_number(field, b->row->size, value);
	return true;
}

static void
print_number(struct out *o, const struct conf_row *row, const void *field)
{
	out_number(o, conf_get_number(field, row->size));
}

/* A duration in units of `scale` ms, within the row's range. */
static bool
read_scaled(struct bind *b, void *field, uint32_t scale)
{
	const struct conf_row *row = b->row;
	char buf[QUOTED_MAX], low[DURATION_STRLEN], high[DURATION_STRLEN];
	const char *text;
	uint64_t ms;

	text = bind_text(b, b->value, "a duration such as 250ms, 6s or 5m");
	if (text == NULL)
		return false;
	if (!text_duration(text, &ms))
		return bind_error(b, b->value,
		    "\"%s\" is not a duration, allowed is a whole number with "
		    "ms, s, m, h or d: 250ms",
		    conf_quoted(text, buf));
	if (ms < (uint64_t)row->min * scale || ms > (uint64_t)row->max * scale)
		return bind_error(b, b->value,
		    "%s is out of range, allowed is %s to %s",
		    conf_quoted(text, buf),
		    text_duration_format((uint64_t)row->min * scale, low),
		    text_duration_format((uint64_t)row->max * scale, high));
	if (ms % scale != 0)
		return bind_error(b, b->value,
		    "%s is not allowed, allowed are whole seconds", text);
	conf_set_number(field, row->size, (uint32_t)(ms / scale));
	return true;
}

static bool
read_duration(struct bind *b, void *field)
{
	return read_scaled(b, field, 1);
}

static bool
read_seconds(struct bind *b, void *field)
{
	return read_scaled(b, field, 1000);
}

static void
print_duration(struct out *o, const struct conf_row *row, const void *field)
{
	char buf[DURATION_STRLEN];
	uint64_t value = conf_get_number(field, row->size);

	if (row->type == T_SECONDS)
		value *= 1000;
	out_plain(o, text_duration_format(value, buf));
}

static void
unknown_word(struct bind *b)
{
	const char *text;
	char buf[QUOTED_MAX], list[160], room[KEEPALIVED_HINT];
	const char *hint;

	words_list(b->row->words, list, sizeof(list));
	if ((text = bind_text(b, b->value, list)) == NULL)
		return;
	hint = keepalived_hint(text, room);
	bind_error(b, b->value, "\"%s\" is not known, allowed: %s%s%s",
	    conf_quoted(text, buf), list, hint != NULL ? "; " : "",
	    hint != NULL ? hint : "");
}

/* One of the row's words, or NULL after an error. */
static const struct conf_word *
parse_word(struct bind *b)
{
	const char *text = b->value->kind == Y_SCALAR ? b->value->text : "";
	const struct conf_word *word;

	for (word = b->row->words; word->text != NULL; word++) {
		if (strcmp(word->text, text) == 0)
			break;
	}
	if (word->text == NULL) {
		unknown_word(b);
		return NULL;
	}
	if (word->not_built) {
		conf_error(b->s, b->value,
		    "this version does not have `%s: %s` yet", b->row->key,
		    text);
		return NULL;
	}
	return word;
}

static bool
read_word(struct bind *b, void *field)
{
	const struct conf_word *word = parse_word(b);

	if (word != NULL)
		conf_set_number(field, b->row->size, word->value);
	return word != NULL;
}

static void
print_word(struct out *o, const struct conf_row *row, const void *field)
{
	out_plain(
	    o, conf_word_text(row->words, conf_get_number(field, row->size)));
}

static bool
read_choice(struct bind *b, void *field)
{
	const struct conf_word *word = parse_word(b);

	if (word != NULL)
		memcpy(field, &word->text, sizeof(word->text));
	return word != NULL;
}

static bool
text_is_good(const struct conf_row *row, const struct ynode *value)
{
	switch (row->type) {
	case T_NAME:
		return conf_name_valid(value->text);
	case T_INTERFACE:
		return conf_interface_valid(value->text);
	default:
		return value->count >= row->min && value->count <= row->max;
	}
}

static bool
read_text(struct bind *b, void *field)
{
	const struct conf_row *row = b->row;
	const char *text;
	char buf[QUOTED_MAX], what[64];

	if (b->value->kind == Y_SCALAR && text_is_good(row, b->value)) {
		memcpy(field, &b->value->text, sizeof(b->value->text));
		return true;
	}
	if (row->type == T_NAME)
		snprintf(what, sizeof(what),
		    "1 to 64 letters, digits and . _ - after the first");
	else if (row->type == T_INTERFACE)
		snprintf(what, sizeof(what),
		    "an interface's name of at most 15 bytes");
	else
		snprintf(what, sizeof(what), "a text of %u to %u bytes",
		    row->min, row->max);
	if ((text = bind_text(b, b->value, what)) == NULL)
		return false;
	return bind_error(b, b->value, "\"%s\" is not allowed, allowed is %s",
	    conf_quoted(text, buf), what);
}

static void
print_text(struct out *o, const struct conf_row *row, const void *field)
{
	const char *text;

	(void)row;
	memcpy(&text, field, sizeof(text));
	if (text != NULL && text[0] != '\0')
		out_value(o, text);
}

static bool
read_addr(struct bind *b, void *field)
{
	const char *text;
	char buf[QUOTED_MAX];

	text = bind_text(b, b->value, "an IPv4 or IPv6 address");
	if (text == NULL)
		return false;
	if (!addr_parse(field, text))
		return bind_error(b, b->value,
		    "\"%s\" is not an address, allowed is 192.0.2.1 or "
		    "2001:db8::1%s",
		    conf_quoted(text, buf), advice_host_name(text));
	return true;
}

static void
print_addr(struct out *o, const struct conf_row *row, const void *field)
{
	const struct addr *addr = field;
	char buf[ADDR_STRLEN];

	(void)row;
	if (addr->family != AF_UNSPEC)
		out_value(o, addr_format(addr, buf));
}

static bool
read_option(struct bind *b, void *field)
{
	struct conf_option *option = field;
	bool on;

	if (b->row->max == 1) {
		if (!read_bool(b, &on))
			return false;
		option->value = on;
	} else if (!parse_number(b, &option->value)) {
		return false;
	}
	option->set = true;
	return true;
}

static void
print_option(struct out *o, const struct conf_row *row, const void *field)
{
	const struct conf_option *option = field;

	if (!option->set)
		return;
	if (row->max == 1)
		out_plain(o, option->value ? "true" : "false");
	else
		out_number(o, option->value);
}

const struct form form_only = {read_only, print_only};
const struct form form_bool = {read_bool, print_bool};
const struct form form_number = {read_number, print_number};
const struct form form_duration = {read_duration, print_duration};
const struct form form_seconds = {read_seconds, print_duration};
const struct form form_word = {read_word, print_word};
const struct form form_choice = {read_choice, print_text};
const struct form form_text = {read_text, print_text};
const struct form form_addr = {read_addr, print_addr};
const struct form form_option = {read_option, print_option};
