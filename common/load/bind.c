/* SPDX-License-Identifier: ISC */
/*
 * Walks the tree of nodes with the schema: keys to rows, maps to groups,
 * sections and lists to objects. What a single value may be is its form's
 * business (load/forms*.c).
 */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "conf/words.h"
#include "load/bind.h"
#include "load/bind_value.h"
#include "load/finding.h"
#include "load/forms.h"
#include "load/keepalived.h"
#include "conf/text.h"
#include "log.h"

#define PLACES_MAX 80

static bool bind_value(struct bind *);

static struct src_head *
head_of(const struct conf_schema *schema, void *object)
{
	if (schema->head == 0)
		return NULL;
	return (struct src_head *)(void *)((char *)object + schema->head);
}

static bool
is_row(const struct conf_schema *schema, const struct conf_row *row,
    const char *key)
{
	return row->key != NULL && row->key[0] == key[0] &&
	    strcmp(row->key, key) == 0 &&
	    !((row->flags & ROW_SCALAR) && schema->row_count > 1);
}

static const struct conf_row *
find_row(const struct conf_schema *schema, const char *key)
{
	const struct conf_row *row;

	for (row = schema->rows; row < schema->rows + schema->row_count;
	     row++) {
		if (is_row(schema, row, key))
			return row;
	}
	return NULL;
}

bool
bind_given(const struct src_head *head, const struct conf_schema *schema,
    const char *key)
{
	uint64_t left = head->given;

	for (; left != 0; left &= left - 1) {
		if (is_row(schema, &schema->rows[__builtin_ctzll(left)], key))
			return true;
	}
	return false;
}

/* The key as the schema writes keys: in small letters, with _ for -. */
static const char *
folded(const char *key, char buf[QUOTED_MAX])
{
	size_t i;

	for (i = 0; key[i] != '\0' && i < QUOTED_MAX - 1; i++)
		buf[i] = (char)(key[i] == '-' ? '_' :
						tolower((unsigned char)key[i]));
	buf[i] = '\0';
	return buf;
}

static const char *
nearest_key(const struct conf_schema *schema, const char *text)
{
	const struct conf_row *row;
	const char *best = NULL;
	char buf[QUOTED_MAX];
	unsigned most = 2, distance;

	folded(text, buf);
	for (row = schema->rows; row < schema->rows + schema->row_count;
	     row++) {
		if (row->key == NULL || (row->flags & ROW_SCALAR))
			continue;
		distance = text_distance(row->key, buf, most);
		if (distance > most || (best != NULL && distance == most))
			continue;
		best = row->key;
		most = distance;
	}
	return best;
}

/* Adds the schemas that have the key to places: "vrrp, address". */
static void
places_of(
    const struct conf_schema *schema, const char *key, char places[PLACES_MAX])
{
	const struct conf_row *row;
	size_t len = strlen(places);

	if (find_row(schema, key) != NULL &&
	    strstr(places, schema->name) == NULL)
		snprintf(places + len, PLACES_MAX - len, "%s%s",
		    len > 0 ? ", " : "", schema->name);
	for (row = schema->rows; row < schema->rows + schema->row_count; row++)
		if (row->key != NULL && row->sub != NULL)
			places_of(row->sub, key, places);
}

static void
unknown_key(struct bind *b, const struct ynode *key)
{
	const char *name = b->schema->name, *hint;
	char buf[QUOTED_MAX], room[KEEPALIVED_HINT], places[PLACES_MAX] = "";

	conf_quoted(key->text, buf);
	places_of(&conf_schema_root, key->text, places);
	if (strcmp(key->text, "<<") == 0)
		conf_error(b->s, key, "merge keys are not allowed");
	else if ((hint = keepalived_hint(key->text, room)) != NULL)
		conf_error(
		    b->s, key, "unknown key \"%s\" in %s, %s", buf, name, hint);
	else if ((hint = nearest_key(b->schema, key->text)) != NULL)
		conf_error(b->s, key,
		    "unknown key \"%s\" in %s, did you mean \"%s\"?", buf, name,
		    hint);
	else if (places[0] != '\0')
		conf_error(b->s, key,
		    "unknown key \"%s\" in %s, it is a key of %s", buf, name,
		    places);
	else
		conf_error(b->s, key, "unknown key \"%s\" in %s", buf, name);
}

static bool
check_required(struct bind *b, const struct conf_schema *schema,
    const struct ynode *map, uint64_t given)
{
	const struct conf_row *row;
	bool ok = true;
	uint16_t i;

	for (i = 0; i < schema->row_count; i++) {
		row = &schema->rows[i];
		if (!(row->flags & ROW_REQUIRED) || (given >> i & 1) != 0)
			continue;
		conf_error(
		    b->s, map, "`%s` is missing in %s", row->key, schema->name);
		ok = false;
	}
	return ok;
}

/* All pairs of a map into an object (or a group within it). */
static bool
bind_map(struct conf_source *s, const struct conf_schema *schema,
    const struct ynode *map, void *object, bool whole)
{
	struct bind b = {.s = s, .schema = schema, .object = object};
	struct src_head *head = head_of(schema, object);
	const struct ynode *key;
	uint64_t given = 0;
	bool ok = true;

	for (key = map->child; key != NULL; key = key->next->next) {
		if ((b.row = find_row(schema, key->text)) == NULL) {
			unknown_key(&b, key);
			ok = false;
			continue;
		}
		given |= UINT64_C(1) << (b.row - schema->rows);
		b.value = key->next;
		if (b.row->type == T_NOT_BUILT)
			conf_error(s, key,
			    "this version does not have `%s` yet", b.row->key);
		if (b.row->type == T_NOT_BUILT || !bind_value(&b))
			ok = false;
	}
	if (whole && !check_required(&b, schema, map, given))
		ok = false;
	if (head != NULL) {
		head->given |= given;
		head->bad |= !ok;
	}
	return ok;
}

/* Gives an object its defaults, then what the node says. */
static bool
bind_object(struct conf_source *s, const struct conf_schema *schema,
    const struct ynode *node, const char *label, void *object)
{
	struct bind b = {
	    .s = s, .schema = schema, .object = object, .value = node};
	struct src_head *head;

	memcpy(object, bind_defaults(s, schema), schema->source_size);
	if (schema->named)
		memcpy((char *)object + schema->label, &label, sizeof(label));
	head = head_of(schema, object);
	head->at = node;
	if (node->kind == Y_MAP)
		return bind_map(s, schema, node, object, true);
	if (schema->scalar > 0 && node->kind == Y_SCALAR &&
	    !(schema == &conf_schema_check && label != NULL)) {
		b.row = &schema->rows[schema->scalar - 1];
		head->given = UINT64_C(1) << (schema->scalar - 1);
		head->bad = !bind_value(&b);
		return !head->bad;
	}
	if (node->kind != Y_BAD)
		conf_error(s, node, "a %s is written as a map of its keys",
		    schema->name);
	head->bad = true;
	return false;
}

static void *
vec_room(struct conf_source *s, struct vec *vec, size_t size, uint32_t more)
{
	void *items;

	if (vec->items == NULL || vec->room - vec->count < more) {
		vec->room = vec->count + more;
		items = source_alloc(s, vec->room * size);
		if (vec->count > 0)
			memcpy(items, vec->items, vec->count * size);
		vec->items = items;
	}
	return (char *)vec->items + vec->count * size;
}

static bool
bind_list(struct bind *b, struct vec *vec)
{
	const struct conf_schema *sub = b->row->sub;
	struct src_head *head = head_of(b->schema, b->object);
	const struct ynode *node;
	char *item;

	if (b->value->kind != Y_SEQUENCE) {
		if (b->value->kind != Y_BAD)
			bind_error(b, b->value, "a list is expected: [...]");
		return false;
	}
	if (b->row->max != 0 && b->value->count > b->row->max)
		return bind_error(b, b->value, "%u elements, allowed are %u",
		    b->value->count, b->row->max);
	item = vec_room(b->s, vec, sub->source_size, b->value->count);
	for (node = b->value->child; node != NULL; node = node->next) {
		if (!bind_object(b->s, sub, node, NULL, item))
			head->partial = true;
		item += sub->source_size;
		vec->count++;
	}
	return true;
}

/* The single form of a list's key: the element comes first. */
static bool
bind_one(struct bind *b, struct vec *vec)
{
	struct src_head *head = head_of(b->schema, b->object);
	size_t size = b->row->sub->source_size;

	vec_room(b->s, vec, size, 1);
	memmove((char *)vec->items + size, vec->items, vec->count * size);
	vec->count++;
	if (!bind_object(b->s, b->row->sub, b->value, NULL, vec->items))
		head->partial = true;
	return true;
}

static struct names *
section_names(struct conf_source *s, const struct conf_schema *schema)
{
	switch (schema->id) {
	case SCHEMA_NODE:
		return &s->nodes;
	case SCHEMA_INSTANCE:
		return &s->instances;
	case SCHEMA_CHECK:
		return &s->checks;
	default:
		return &s->services;
	}
}

static bool
bind_section(struct bind *b, struct vec *vec)
{
	const struct conf_schema *sub = b->row->sub;
	struct names *names = section_names(b->s, sub);
	const struct ynode *key;
	char *item, buf[QUOTED_MAX];
	bool ok = true;

	if (b->value->kind != Y_MAP) {
		if (b->value->kind != Y_BAD)
			bind_error(b, b->value, "a map by name is expected");
		return false;
	}
	if (b->row->max != 0 && b->value->count > b->row->max)
		return bind_error(b, b->value, "%u elements, allowed are %u",
		    b->value->count, b->row->max);
	item = vec_room(b->s, vec, sub->source_size, b->value->count);
	for (key = b->value->child; key != NULL; key = key->next->next) {
		if (!conf_name_valid(key->text)) {
			conf_error(b->s, key,
			    "\"%s\" is not a name, allowed are 1 to 64 "
			    "letters, digits and . _ - after the first",
			    conf_quoted(key->text, buf));
			ok = false;
		}
		if (names_put_text(names, key->text, vec->count) !=
		    vec->count) {
			conf_error(b->s, key,
			    "%s %s is in another file already", sub->name,
			    conf_quoted(key->text, buf));
			ok = false;
			continue;
		}
		bind_object(b->s, sub, key->next, key->text, item);
		item += sub->source_size;
		vec->count++;
	}
	return ok;
}

/* Of a group that is on or off: whether the value is one of these words. */
static bool
is_switch(const struct bind *b, const char *word)
{
	return (b->row->flags & ROW_SWITCH) && b->value->kind == Y_SCALAR &&
	    strcmp(b->value->text, word) == 0;
}

static bool
bind_group(struct bind *b, void *field)
{
	const struct conf_row *row = b->row;
	char *present = (char *)b->object + row->count;

	if (is_switch(b, "true") || is_switch(b, "false")) {
		conf_set_number(present, row->min, is_switch(b, "true"));
		return true;
	}
	if (b->value->kind != Y_MAP) {
		if (b->value->kind != Y_BAD)
			bind_error(b, b->value,
			    row->flags & ROW_SWITCH ?
				"allowed is true, false or a map" :
				"a map is expected");
		return false;
	}
	if ((row->flags & ROW_PRESENT) && row->min == sizeof(bool))
		conf_set_number(present, row->min, 1);
	if (row->sub->head != 0)
		head_of(row->sub, field)->at = b->value;
	return bind_map(b->s, row->sub, b->value, field, true);
}

static bool
bind_value(struct bind *b)
{
	void *field = (char *)b->object + b->row->offset;

	switch (b->row->type) {
	case T_GROUP:
		return bind_group(b, field);
	case T_SECTION:
		return bind_section(b, field);
	case T_LIST:
		return bind_list(b, field);
	case T_ONE:
		return bind_one(b, field);
	default:
		return conf_forms[b->row->type]->read(b, field);
	}
}

static void
set_defaults(
    struct conf_source *s, const struct conf_schema *schema, void *object)
{
	struct ynode text = {.kind = Y_SCALAR, .plain = true};
	struct bind b = {
	    .s = s, .schema = schema, .object = object, .value = &text};
	uint16_t i;

	for (i = 0; i < schema->row_count; i++) {
		b.row = &schema->rows[i];
		if (b.row->key != NULL && b.row->type == T_GROUP)
			set_defaults(
			    s, b.row->sub, (char *)object + b.row->offset);
		if (b.row->key == NULL || b.row->def == NULL)
			continue;
		text.text = b.row->def;
		text.count = (uint32_t)strlen(b.row->def);
		if (!bind_value(&b))
			fatalx("conf: bad default of %s", b.row->key);
	}
}

const void *
bind_defaults(struct conf_source *s, const struct conf_schema *schema)
{
	void **cached = &s->defaults[schema->id];

	if (*cached == NULL) {
		*cached = source_alloc(s, schema->source_size);
		set_defaults(s, schema, *cached);
	}
	return *cached;
}

/* Sections add up over files; what is single may stand in one alone. */
void
conf_bind(struct conf_source *s, const struct ynode *root)
{
	const struct conf_schema *schema = &conf_schema_root;
	const struct ynode *key;
	const struct conf_row *row;

	if (root->kind != Y_MAP) { /* an error already */
		s->root.head.bad = true;
		return;
	}
	for (key = root->child; key != NULL; key = key->next->next) {
		row = find_row(schema, key->text);
		if (row != NULL && row->type != T_SECTION &&
		    (s->root.head.given >> (row - schema->rows) & 1) != 0)
			conf_error(s, key, "`%s` is in another file already",
			    key->text);
	}
	if (s->root.head.at == NULL)
		s->root.head.at = root;
	bind_map(s, schema, root, &s->root, false);
}
