/* SPDX-License-Identifier: ISC */
/*
 * `spread`: an instance an address, NAME-1 and so on with ascending vrids,
 * each with the nodes' order of preference turned by one.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/words.h"
#include "load/finding.h"
#include "load/spread.h"
#include "load/ynode.h"

static int
by_priority(const void *a, const void *b)
{
	const struct src_priority *x = a, *y = b;

	return y->priority - x->priority;
}

/* The list of priorities stays; each node moves up in it by `turn` places. */
static void
turn_nodes(struct conf_source *s, struct priorities *nodes, uint32_t turn)
{
	struct src_priority *list;
	uint32_t i, from;

	if (nodes->count == 0)
		return;
	list = source_alloc(s, nodes->count * sizeof(*list));
	memcpy(list, nodes->list, nodes->count * sizeof(*list));
	qsort(list, nodes->count, sizeof(*list), by_priority);
	nodes->list = source_alloc(s, nodes->count * sizeof(*list));
	for (i = 0; i < nodes->count; i++) {
		from = (i + turn) % nodes->count;
		nodes->list[i] = list[from];
		nodes->list[i].priority = list[i].priority;
	}
}

static void
member(struct conf_source *s, const struct src_instance *base, uint32_t i,
    struct src_instance *instance)
{
	char name[CONF_NAME_MAX + 16];

	*instance = *base;
	snprintf(name, sizeof(name), "%s-%u", base->c.name, i + 1);
	instance->c.name = strcpy(source_alloc(s, strlen(name) + 1), name);
	instance->c.vrid = (uint8_t)(base->c.vrid + i);
	instance->addresses.items = VEC_AT(
	    &base->spread, struct src_address, i);
	instance->addresses.count = 1;
	memset(&instance->spread, 0, sizeof(instance->spread));
	turn_nodes(s, &instance->nodes, i);
	if (!conf_name_valid(name))
		conf_error(s, base->head.at,
		    "%.64s is too long a name with the number that `spread` "
		    "adds",
		    name);
}

static bool
spread_is_good(struct conf_source *s, const struct src_instance *base)
{
	const struct ynode *at = ynode_place(base->head.at, "spread");

	if (base->addresses.count > 0 || base->more.count > 0)
		conf_error(s, at,
		    "`spread` is instead of `%s`, both are not allowed",
		    base->addresses.count > 0 ? "addresses" : "more_addresses");
	else if (base->c.vrid + base->spread.count > 256)
		conf_error(s, at,
		    "%u addresses from vrid %u on, but vrids end at 255",
		    base->spread.count, base->c.vrid);
	else
		return true;
	return false;
}

static void
enter(struct conf_source *s, struct src_instance *instance, uint32_t index)
{
	if (names_put_text(&s->instances, instance->c.name, index) != index)
		conf_error(s, instance->head.at,
		    "spread makes an instance %s, but there is one already",
		    instance->c.name);
}

static void
limit_addresses(struct conf_source *s)
{
	const struct vec *instances = &s->root.instances;
	const struct src_instance *instance;
	uint64_t count = 0;

	for (uint32_t i = 0; i < instances->count; i++) {
		instance = VEC_AT(instances, struct src_instance, i);
		count += (uint64_t)instance->addresses.count +
		    instance->more.count;
	}
	if (count > CONF_ADDRESSES_MAX)
		conf_error(s, NULL, "%llu addresses in all, allowed are %u",
		    (unsigned long long)count, CONF_ADDRESSES_MAX);
}

void
conf_spread(struct conf_source *s)
{
	struct vec old = s->root.instances, *new = &s->root.instances;
	struct src_instance *from, *to;
	uint32_t i, j, total = 0;

	for (i = 0; i < old.count; i++) {
		from = VEC_AT(&old, struct src_instance, i);
		total += from->spread.count > 0 ? from->spread.count : 1;
	}
	names_free(&s->instances);
	new->items = to = source_alloc(s, total * sizeof(*to));
	new->count = 0;
	for (i = 0; i < old.count; i++) {
		from = VEC_AT(&old, struct src_instance, i);
		from->base = from->c.name;
		if (from->spread.count == 0 || !spread_is_good(s, from)) {
			from->head.bad |= from->spread.count > 0;
			*to = *from;
			enter(s, to++, new->count++);
			continue;
		}
		names_put_text(&s->bases, from->base, new->count);
		for (j = 0; j < from->spread.count; j++) {
			member(s, from, j, to);
			enter(s, to++, new->count++);
		}
	}
	limit_addresses(s);
	if (new->count > CONF_INSTANCES_MAX)
		conf_error(s, NULL, "%u instances, allowed are %u", new->count,
		    CONF_INSTANCES_MAX);
}
