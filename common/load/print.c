/* SPDX-License-Identifier: ISC */
/*
 * The canonical form: every row of the schema that has a value, in the
 * schema's order, expanded and explicit. It loads to itself, and its digest
 * is the generation.
 */

#include <string.h>

#include "conf/words.h"
#include "digest.h"
#include "load/forms.h"
#include "load/print.h"
#include "load/source.h"

static void print_rows(
    struct out *, const struct conf_schema *, const void *object);

static const char *
label_of(const struct conf_schema *schema, const void *object)
{
	const char *label;

	memcpy(&label, (const char *)object + schema->label, sizeof(label));
	return label;
}

/* A map on one line: `{...}`. */
static void
print_flow(struct out *o, const struct conf_schema *schema, const void *object)
{
	int indent = o->indent;
	bool first = o->first;

	out_plain(o, "{");
	o->indent = -1;
	o->first = true;
	print_rows(o, schema, object);
	o->indent = indent;
	o->first = first;
	out_raw(o, "}");
	if (indent < 0)
		o->first = false;
}

static void
print_group(struct out *o, const struct conf_row *row, const void *object)
{
	const void *field = (const char *)object + row->offset;

	if ((row->flags & ROW_PRESENT) &&
	    conf_get_number((const char *)object + row->count, row->min) == 0) {
		if (row->flags & ROW_SWITCH) {
			o->key = row->key;
			out_plain(o, "false");
			out_end(o);
		}
		return;
	}
	o->key = row->key;
	if (o->indent < 0 || row->sub->flow) {
		print_flow(o, row->sub, field);
		out_end(o);
		return;
	}
	out_spaces(o, o->indent);
	out_raw(o, row->key);
	out_raw(o, ":\n");
	o->key = NULL;
	o->indent += 2;
	print_rows(o, row->sub, field);
	o->indent -= 2;
}

/* An element of a list: a bare scalar where that says it all. */
static void
print_element(
    struct out *o, const struct conf_schema *schema, const void *object)
{
	const struct src_check *check = object;

	if (schema == &conf_schema_check && check->ref != NULL)
		out_value(o, check->ref);
	else if (schema->row_count == 1)
		conf_forms[schema->rows[0].type]->print(o, &schema->rows[0],
		    (const char *)object + schema->rows[0].offset);
	else
		print_flow(o, schema, object);
}

/* On a line of its own each, but for bare scalars and within a flow. */
static void
print_list(struct out *o, const struct conf_row *row, const struct vec *vec)
{
	const struct conf_schema *sub = row->sub;
	const char *item = vec->items;
	bool flow = o->indent < 0 || sub->row_count == 1;
	int indent = o->indent;
	uint32_t i;

	if (flow || vec->count == 0) {
		o->key = row->key;
		out_plain(o, "[");
	} else {
		out_spaces(o, indent);
		out_raw(o, row->key);
		out_raw(o, ":");
	}
	o->indent = -1;
	for (i = 0; i < vec->count; i++, item += sub->source_size) {
		if (!flow) {
			out_raw(o, "\n");
			out_spaces(o, indent + 2);
			out_raw(o, "- ");
		} else if (i > 0) {
			out_raw(o, ", ");
		}
		print_element(o, sub, item);
	}
	o->indent = indent;
	out_raw(o, flow || vec->count == 0 ? "]" : "");
	out_end(o);
}

static void
print_section(struct out *o, const struct conf_row *row, const struct vec *vec)
{
	const struct conf_schema *sub = row->sub;
	const char *item = vec->items;
	uint32_t i;

	if (vec->count == 0)
		return;
	out_raw(o, row->key);
	out_raw(o, ":\n");
	o->indent = 4;
	for (i = 0; i < vec->count; i++, item += sub->source_size) {
		out_spaces(o, 2);
		out_value(o, label_of(sub, item));
		out_raw(o, sub->flow ? ": " : ":\n");
		if (sub->flow) {
			print_flow(o, sub, item);
			out_raw(o, "\n");
		} else {
			print_rows(o, sub, item);
		}
	}
	o->indent = 0;
}

static bool
is_printed(const struct conf_schema *schema, const struct conf_row *row,
    const void *object)
{
	const struct conf_probe *probe = object;
	const struct src_head *head;
	const struct vec *vec;

	if (row->key == NULL || (row->flags & ROW_HIDDEN) ||
	    row->type == T_NOT_BUILT)
		return false;
	if (row->types != 0 && (row->types >> probe->type & 1) == 0)
		return false;
	if (row->type != T_LIST)
		return true;
	vec = (const void *)((const char *)object + row->offset);
	head = (const void *)((const char *)object + schema->head);
	return vec->count > 0 || (head->given >> (row - schema->rows) & 1) != 0;
}

static void
print_rows(struct out *o, const struct conf_schema *schema, const void *object)
{
	const struct conf_row *row;
	const void *field;

	for (row = schema->rows; row < schema->rows + schema->row_count;
	     row++) {
		if (!is_printed(schema, row, object))
			continue;
		field = (const char *)object + row->offset;
		switch (row->type) {
		case T_GROUP:
			print_group(o, row, object);
			break;
		case T_LIST:
			print_list(o, row, field);
			break;
		case T_SECTION:
			print_section(o, row, field);
			break;
		default:
			o->key = row->key;
			conf_forms[row->type]->print(o, row, field);
			out_end(o);
			break;
		}
	}
}

/* Printed once, for the text and for the digest: both take time. */
void
conf_print(struct conf_source *s, FILE *file)
{
	struct out o;
	uint64_t digest;

	out_init(&o, file);
	print_rows(&o, &conf_schema_root, &s->root);
	out_flush(&o);
	digest = digest_mix(o.digest);
	s->root.c.generation = digest != 0 ? digest : 1;
}

uint64_t
conf_generation(struct conf_source *s)
{
	if (s->root.c.generation == 0)
		conf_print(s, NULL);
	return s->root.c.generation;
}
