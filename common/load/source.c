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

/* Whether a node's adverts may come from this address of it. To the group of
 * IPv6 they come from a link-local one (RFC 9568 5.1.2.1). */
static bool
may_be_source(const struct src_instance *instance, const struct addr *addr)
{
	return addr->family == instance->c.family &&
	    (addr->family == AF_INET || instance->c.unicast ||
		addr_is_link_local(addr));
}

/* The node's addresses, of which some may be none. */
static const struct conf_addrs *
addresses_of(const struct conf_source *s, const struct src_priority *member)
{
	return &VEC_AT(&s->root.nodes, struct src_node, member->index)
		    ->c.addresses;
}

const struct addr *
source_default(struct conf_source *s, const struct src_instance *instance,
    const struct src_priority *member)
{
	const struct by_node_entry *entry = source_by_node(
	    &instance->source, member->node);
	const struct conf_addrs *own = addresses_of(s, member);

	if (entry != NULL)
		return &entry->addr;
	for (uint32_t i = 0; instance->c.unicast && i < own->count; i++) {
		if (may_be_source(instance, &own->list[i]))
			return &own->list[i];
	}
	return NULL;
}

const struct addr *
source_unicast_to(struct conf_source *s, const struct src_instance *instance,
    const struct src_priority *member)
{
	const struct by_node_entry *entry = source_by_node(
	    &instance->unicast_peers, member->node);

	if (!instance->c.unicast)
		return NULL;
	return entry != NULL ? &entry->addr :
			       source_default(s, instance, member);
}

static void
add(struct conf_addrs *to, const struct addr *addr)
{
	to->list[to->count++] = *addr;
}

struct conf_addrs
source_adverts_from(struct conf_source *s, const struct src_instance *instance,
    const struct src_priority *member)
{
	static const struct conf_addrs none;
	const struct by_node_entry *source, *peer, *more;
	const struct conf_addrs *own = addresses_of(s, member), *listed = &none;
	struct conf_addrs found = {NULL, 0};

	source = source_by_node(&instance->source, member->node);
	peer = source_by_node(&instance->unicast_peers, member->node);
	more = source_by_node(&instance->unicast_sources, member->node);
	if (more != NULL)
		listed = &more->addrs;
	found.list = source_alloc(
	    s, (own->count + listed->count + 2) * sizeof(*found.list));
	if (source != NULL)
		add(&found, &source->addr);
	for (uint32_t i = 0; source == NULL && i < own->count; i++) {
		if (may_be_source(instance, &own->list[i]))
			add(&found, &own->list[i]);
	}
	if (peer != NULL)
		add(&found, &peer->addr);
	for (uint32_t i = 0; i < listed->count; i++)
		add(&found, &listed->list[i]);
	return found;
}
