/* SPDX-License-Identifier: ISC */
/* The forms of values in nodes and vrrp that are more than a word. */

#include <string.h>

#include "conf/text.h"
#include "load/address.h"
#include "load/advice.h"
#include "load/bind.h"
#include "load/finding.h"
#include "load/forms_value.h"
#include "load/forms_vrrp.h"

#define PRIORITY_FIRST 200u
#define PRIORITY_STEP  20u
#define PRIORITIES_MAX 10u /* 200, 180, ... 20 */

static bool read_addrs(struct bind *, void *);
static void print_addrs(
    struct out *, const struct conf_row *, const void *field);

/* What an entry's value is. */
static enum conf_type
entry_type(const struct conf_row *row)
{
	switch (row->type) {
	case T_ADDR_BY_NODE:
		return T_ADDR;
	case T_ADDRS_BY_NODE:
		return T_ADDRS;
	default:
		return T_INTERFACE;
	}
}

static bool
read_entry(
    struct bind *b, struct by_node_entry *entry, const struct ynode *value)
{
	struct bind one = *b;
	const struct conf_row row = {
	    .key = b->row->key,
	    .type = entry_type(b->row),
	    .max = b->row->max,
	};

	one.row = &row;
	one.value = value;
	entry->at = value;
	if (row.type == T_ADDR)
		return form_addr.read(&one, &entry->addr);
	if (row.type == T_ADDRS)
		return read_addrs(&one, &entry->addrs);
	return form_text.read(&one, &entry->text);
}

static void
print_entry(struct out *o, const struct conf_row *row,
    const struct by_node_entry *entry)
{
	char buf[ADDR_STRLEN];

	switch (entry_type(row)) {
	case T_ADDR:
		out_value(o, addr_format(&entry->addr, buf));
		break;
	case T_ADDRS:
		print_addrs(o, row, &entry->addrs);
		break;
	default:
		out_value(o, entry->text);
		break;
	}
}

static bool
read_by_node(struct bind *b, void *field)
{
	struct by_node *by_node = field;
	const struct ynode *key, *map = b->value;
	struct by_node_entry *entry;
	bool ok = true;

	by_node->count = 0;
	if (map->kind != Y_MAP) {
		by_node->list = source_alloc(b->s, sizeof(*entry));
		by_node->count = 1;
		return read_entry(b, by_node->list, map);
	}
	if (map->count == 0)
		return bind_error(b, map,
		    "an empty map, allowed is a value or a map by node");
	by_node->list = source_alloc(b->s, map->count * sizeof(*entry));
	for (key = map->child; key != NULL; key = key->next->next) {
		entry = &by_node->list[by_node->count++];
		entry->node = key->text;
		if (!read_entry(b, entry, key->next))
			ok = false;
		entry->at = key;
	}
	return ok;
}

static void
print_by_node(struct out *o, const struct conf_row *row, const void *field)
{
	const struct by_node *by_node = field;
	const struct by_node_entry *entry;
	uint32_t i;

	if (by_node->count == 0)
		return;
	if (by_node->list[0].node != NULL)
		out_plain(o, "{");
	for (i = 0; i < by_node->count; i++) {
		entry = &by_node->list[i];
		if (i > 0)
			out_raw(o, ", ");
		if (entry->node != NULL) {
			out_value(o, entry->node);
			out_raw(o, ": ");
		}
		print_entry(o, row, entry);
	}
	if (by_node->list[0].node != NULL)
		out_raw(o, "}");
}

static bool
read_priority_map(struct bind *b, struct priorities *list)
{
	const struct conf_row row = {.key = "nodes",
	    .type = T_NUMBER,
	    .size = sizeof(uint8_t),
	    .min = 1,
	    .max = 255};
	struct bind one = *b;
	const struct ynode *key;
	struct src_priority *p;
	bool ok = true;

	one.row = &row;
	for (key = b->value->child; key != NULL; key = key->next->next) {
		p = &list->list[list->count++];
		p->node = key->text;
		p->at = key;
		one.value = key->next;
		ok = form_number.read(&one, &p->priority) && ok;
	}
	return ok;
}

static bool
read_priority_list(struct bind *b, struct priorities *list)
{
	const struct ynode *node;
	struct src_priority *p;
	bool ok = true;

	if (b->value->count > PRIORITIES_MAX)
		return bind_error(b, b->value,
		    "%u nodes in order, allowed are 10; more need a map with "
		    "priorities",
		    b->value->count);
	for (node = b->value->child; node != NULL; node = node->next) {
		p = &list->list[list->count];
		p->at = node;
		p->priority = (uint8_t)(PRIORITY_FIRST -
		    PRIORITY_STEP * list->count);
		p->node = bind_text(b, node, "a node's name");
		if (p->node == NULL)
			ok = false;
		else
			list->count++;
	}
	return ok;
}

static bool
read_priorities(struct bind *b, void *field)
{
	struct priorities *list = field;

	if (b->value->kind == Y_BAD)
		return false;
	if ((b->value->kind != Y_MAP && b->value->kind != Y_SEQUENCE) ||
	    b->value->count == 0)
		return bind_error(b, b->value,
		    "allowed are a list of nodes in order of preference or a "
		    "map of nodes and priorities");
	list->list = source_alloc(b->s, b->value->count * sizeof(*list->list));
	list->count = 0;
	if (b->value->kind == Y_MAP)
		return read_priority_map(b, list);
	return read_priority_list(b, list);
}

static void
print_priorities(struct out *o, const struct conf_row *row, const void *field)
{
	const struct priorities *list = field;
	uint32_t i;

	(void)row;
	out_plain(o, "{");
	for (i = 0; i < list->count; i++) {
		if (i > 0)
			out_raw(o, ", ");
		out_value(o, list->list[i].node);
		out_raw(o, ": ");
		out_number(o, list->list[i].priority);
	}
	out_raw(o, "}");
}

static bool
read_preempt(struct bind *b, void *field)
{
	struct conf_instance *c = b->object;
	const char *text = b->value->kind == Y_SCALAR ? b->value->text : "";
	struct bind one = *b;
	struct conf_row row = *b->row;

	(void)field;
	c->preempt = true;
	c->preempt_delay = 0;
	if (strcmp(text, "true") == 0)
		return true;
	if (strcmp(text, "false") == 0) {
		c->preempt = false;
		return true;
	}
	if (b->value->kind == Y_SCALAR && (text[0] < '0' || text[0] > '9'))
		return bind_error(b, b->value,
		    "allowed is true, false or a duration such as 30s");
	row.size = sizeof(c->preempt_delay);
	one.row = &row;
	return form_duration.read(&one, &c->preempt_delay);
}

static void
print_preempt(struct out *o, const struct conf_row *row, const void *field)
{
	const struct conf_instance *c = OBJECT_OF(
	    struct conf_instance, row, field);
	char buf[DURATION_STRLEN];

	if (!c->preempt)
		out_plain(o, "false");
	else if (c->preempt_delay == 0)
		out_plain(o, "true");
	else
		out_plain(o, text_duration_format(c->preempt_delay, buf));
}

static bool
read_prefixed(struct bind *b, void *field)
{
	struct conf_address *c = b->object;
	const char *text;
	char buf[QUOTED_MAX];

	(void)field;
	if ((text = bind_text(b, b->value, "address/prefix")) == NULL)
		return false;
	if (!text_prefixed(text, &c->addr, &c->prefix))
		return bind_error(b, b->value,
		    "\"%s\" is not allowed, allowed is address/prefix such as "
		    "10.0.0.100/24 or 2001:db8::100/64%s",
		    conf_quoted(text, buf), advice_host_name(text));
	return true;
}

static void
print_prefixed(struct out *o, const struct conf_row *row, const void *field)
{
	const struct conf_address *c = OBJECT_OF(
	    struct conf_address, row, field);
	char buf[ADDR_STRLEN + 8];

	addr_format(&c->addr, buf);
	snprintf(buf + strlen(buf), 8, "/%u", c->prefix);
	if (c->addr.family == AF_INET)
		out_plain(o, buf);
	else
		out_value(o, buf);
}

static bool
read_host_addr(struct bind *b, const struct ynode *value, struct addr *addr)
{
	struct bind one = *b;
	const char *what;

	one.value = value;
	if (!form_addr.read(&one, addr))
		return false;
	what = address_misfit(addr);
	/* Whether a loopback address will do is load/lint.c's to say. */
	if (what == NULL || address_is_loopback(addr))
		return true;
	conf_find(b->s, LINT_NODE_ADDRESS, value,
	    "%s is not an address that a host may have: it is %s", value->text,
	    what);
	return false;
}

/* Addresses of a node: those of `address` come before those of a list. */
static struct addr *
addrs_room(struct bind *b, struct conf_addrs *addrs, uint32_t more)
{
	struct addr *list = source_alloc(
	    b->s, (addrs->count + more) * sizeof(*list));

	if (addrs->count > 0)
		memcpy(list + more, addrs->list, addrs->count * sizeof(*list));
	addrs->list = list;
	addrs->count += more;
	return list;
}

static bool
read_one_addr(struct bind *b, void *field)
{
	struct addr addr;

	if (!read_host_addr(b, b->value, &addr))
		return false;
	*addrs_room(b, field, 1) = addr;
	return true;
}

static bool
read_addrs(struct bind *b, void *field)
{
	struct conf_addrs *addrs = field;
	const struct ynode *node;
	uint32_t i = addrs->count;
	bool ok = true;

	if (b->value->kind != Y_SEQUENCE) {
		if (b->value->kind != Y_BAD)
			bind_error(b, b->value, "a list is expected: [...]");
		return false;
	}
	if (b->value->count > b->row->max)
		return bind_error(b, b->value, "%u elements, allowed are %u",
		    b->value->count, b->row->max);
	addrs_room(b, addrs, b->value->count);
	memmove(addrs->list, addrs->list + b->value->count,
	    i * sizeof(*addrs->list));
	for (node = b->value->child; node != NULL; node = node->next)
		ok = read_host_addr(b, node, &addrs->list[i++]) && ok;
	return ok;
}

static void
print_addrs(struct out *o, const struct conf_row *row, const void *field)
{
	const struct conf_addrs *addrs = field;
	char buf[ADDR_STRLEN];
	uint32_t i;

	(void)row;
	out_plain(o, "[");
	for (i = 0; i < addrs->count; i++) {
		if (i > 0)
			out_raw(o, ", ");
		out_value(o, addr_format(&addrs->list[i], buf));
	}
	out_raw(o, "]");
}

const struct form form_by_node = {read_by_node, print_by_node};
const struct form form_priorities = {read_priorities, print_priorities};
const struct form form_preempt = {read_preempt, print_preempt};
const struct form form_prefixed = {read_prefixed, print_prefixed};
const struct form form_addrs = {read_addrs, print_addrs};
const struct form form_one_addr = {read_one_addr, NULL};
