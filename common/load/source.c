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
