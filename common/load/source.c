/* SPDX-License-Identifier: ISC */
/* The memory of a source, and what is looked up in one that is resolved. */
#include <string.h>

#include "conf/arena.h"
#include "load/source.h"
#include "log.h"

void *
source_alloc(struct conf_source *s, size_t size)
{
	void *p = conf_arena_alloc(s->arena, size);

	if (p == NULL)
		fatalx("conf: out of memory");
	return p;
}

char *
source_text(struct conf_source *s, const char *text, size_t len)
{
	char *copy = conf_arena_text(s->arena, text, len);

	if (copy == NULL)
		fatalx("conf: out of memory");
	return copy;
}

const struct src_instance *
source_instance(const struct conf_source *s, uint32_t i)
{
	return VEC_AT(&s->root.instances, struct src_instance, i);
}

const struct by_node_entry *
source_by_node(const struct by_node *by_node, const char *node)
{
	uint32_t i;

	for (i = 0; i < by_node->count; i++) {
		if (by_node->list[i].node == NULL ||
		    strcmp(by_node->list[i].node, node) == 0)
			return &by_node->list[i];
	}
	return NULL;
}

const struct src_priority *
source_member(const struct src_instance *instance, const char *node)
{
	uint32_t i;

	for (i = 0; i < instance->nodes.count; i++) {
		if (strcmp(instance->nodes.list[i].node, node) == 0)
			return &instance->nodes.list[i];
	}
	return NULL;
}

/* Whether a node's adverts may come from this address of it. */
static bool
may_be_source(const struct addr *addr, uint8_t family)
{
	return addr->family == family &&
	    (family == AF_INET || addr_is_link_local(addr));
}

struct conf_addrs
source_adverts_from(struct conf_source *s, const struct src_instance *instance,
    const struct src_priority *member)
{
	const struct by_node_entry *entry;
	const struct conf_addrs *own;
	struct conf_addrs found = {NULL, 0};

	entry = source_by_node(&instance->source, member->node);
	own = &VEC_AT(&s->root.nodes, struct src_node, member->index)
		   ->c.addresses;
	found.list = source_alloc(s, (own->count + 1) * sizeof(*found.list));
	if (entry != NULL) {
		found.list[found.count++] = entry->addr;
		return found;
	}
	for (uint32_t i = 0; i < own->count; i++) {
		if (may_be_source(&own->list[i], instance->c.family))
			found.list[found.count++] = own->list[i];
	}
	return found;
}
