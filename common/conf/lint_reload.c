/* SPDX-License-Identifier: ISC */
/*
 * Judges what a reload would change: what one host after the other cannot do,
 * because those that have the new configuration and those that have the old
 * one do not hear each other, or hold one address for different reasons.
 */
#include "conf/lint_reload.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "keys.h"
#include "log.h"

#define MOVES_MAX 10u /* named one by one */
#define NONE	  UINT32_MAX
#define ALL_AT_ONCE                                                 \
	"reload all hosts at once: between the first and the last " \
	"host's reload there may be two owners"

struct judge {
	const struct conf *old;
	const struct conf *new;
	uint32_t *from; /* by new instance: the old one, NONE: it is new */
	uint32_t *to;	/* by old instance: the new one, NONE: it goes */
	conf_report_fn report;
	void *arg;
	unsigned errors;
};

static void __attribute__((format(printf, 4, 5))) say(struct judge *j,
    enum conf_severity severity, const char *lint, const char *format, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	j->report(severity, lint, text, j->arg);
	if (severity == SEVERITY_ERROR)
		j->errors++;
}

static struct keys *
table(uint32_t count)
{
	struct keys *keys = keys_new(count);

	if (keys == NULL)
		fatal("judging a reload");
	return keys;
}

/* ---- which instance goes on as which ---- */

static void
pair(struct judge *j, uint32_t old, uint32_t new)
{
	j->from[new] = old;
	j->to[old] = new;
}

static void
pair_by_key(struct judge *j)
{
	struct keys *keys = table(j->old->instance_count);
	uint32_t i, at;

	for (i = 0; i < j->old->instance_count; i++) {
		j->to[i] = NONE;
		keys_put(keys, j->old->instances[i].key, i);
	}
	for (i = 0; i < j->new->instance_count; i++) {
		j->from[i] = NONE;
		at = keys_take(keys, j->new->instances[i].key);
		if (at != NONE)
			pair(j, at, i);
	}
	keys_free(keys);
}

/* What peers tell instances by: the interface, the family and the vrid. */
static uint64_t
peers_key(const struct conf_instance *instance)
{
	uint64_t digest = fnv1a64_string(FNV1A64_INIT, instance->interface);

	digest = fnv1a64_u32(digest, instance->family);
	return digest_mix(fnv1a64_u32(digest, instance->vrid));
}

static void
pair_renamed(struct judge *j)
{
	struct keys *keys = table(j->old->instance_count);
	const struct conf_instance *instance;
	uint32_t i, at;

	for (i = 0; i < j->old->instance_count; i++) {
		instance = &j->old->instances[i];
		if (j->to[i] == NONE && instance->member)
			keys_put(keys, peers_key(instance), i);
	}
	for (i = 0; i < j->new->instance_count; i++) {
		instance = &j->new->instances[i];
		if (j->from[i] != NONE || !instance->member)
			continue;
		if ((at = keys_take(keys, peers_key(instance))) == NONE)
			continue;
		pair(j, at, i);
		say(j, SEVERITY_WARNING, "reload-renamed",
		    "vrrp %s is called %s from now on: it begins anew, and a "
		    "`resign` of %s ends",
		    j->old->instances[at].name, instance->name,
		    j->old->instances[at].name);
	}
	keys_free(keys);
}

/* ---- what changes ---- */

/*
 * RFC 3768 5.3.7: a version 2 router drops adverts of another interval, so
 * that a change on one node after the other has two masters in between.
 */
static void
lint_instance(struct judge *j, const struct conf_instance *old,
    const struct conf_instance *new)
{
	if (!old->member || !new->member)
		return;
	if (old->version == 2 && new->version == 2 &&
	    old->interval != new->interval)
		say(j, SEVERITY_ERROR, "reload-interval",
		    "vrrp %s: the interval of a version 2 instance cannot "
		    "change from %u ms to %u ms in a reload, its peers would "
		    "drop its adverts: use another vrid, or restart all",
		    new->name, old->interval, new->interval);
	if (old->vrid != new->vrid)
		say(j, SEVERITY_WARNING, "reload-vrid",
		    "vrrp %s: the vrid changes from %u to %u: " ALL_AT_ONCE,
		    new->name, old->vrid, new->vrid);
	if (old->version != new->version)
		say(j, SEVERITY_WARNING, "reload-version",
		    "vrrp %s: the version changes from %u to %u: " ALL_AT_ONCE,
		    new->name, old->version, new->version);
	if (old->unicast != new->unicast)
		say(j, SEVERITY_WARNING, "reload-unicast",
		    "vrrp %s: adverts go %s from now on: " ALL_AT_ONCE,
		    new->name,
		    new->unicast ? "to each node and not to the group" :
				   "to the group and not to each node");
	if (strcmp(old->interface, new->interface) != 0)
		say(j, SEVERITY_NOTE, "reload-interface",
		    "vrrp %s: the interface changes from %s to %s; if that is "
		    "another network, " ALL_AT_ONCE,
		    new->name, old->interface, new->interface);
}

/* What each interface may have anew is another address on each. */
static uint64_t
address_key(const struct conf_address *address)
{
	uint64_t digest = fnv1a64(
	    FNV1A64_INIT, &address->addr, sizeof(address->addr));

	if (addr_is_per_link(&address->addr))
		digest = fnv1a64_string(digest, address->interface);
	return digest_mix(digest);
}

static uint32_t
address_total(const struct conf *conf)
{
	uint32_t i, count = 0;

	for (i = 0; i < conf->instance_count; i++)
		count += conf->instances[i].address_count;
	return count;
}

/* Whether both are members of one `spread`: NAME-1, NAME-2. */
static bool
are_spread(const char *a, const char *b)
{
	const char *end = strrchr(a, '-');
	size_t len = end == NULL ? 0 : (size_t)(end - a) + 1;

	return len > 0 && strncmp(a, b, len) == 0 &&
	    isdigit((unsigned char)a[len]) && isdigit((unsigned char)b[len]);
}

static void
say_moved(struct judge *j, const struct addr *addr,
    const struct conf_instance *old, const struct conf_instance *new)
{
	char buf[ADDR_STRLEN];

	say(j, SEVERITY_WARNING, "reload-moves",
	    "%s moves from vrrp %s (vrid %u) to %s (vrid %u)%s" ALL_AT_ONCE,
	    addr_format(addr, buf), old->name, old->vrid, new->name, new->vrid,
	    are_spread(old->name, new->name) ?
		", because `spread` counts its addresses: put another one "
		"where one was taken out, or " :
		": ");
}

/* Whether the instance keeps its addresses, as most do: nothing moves then. */
static bool
keeps_addresses(const struct judge *j, uint32_t old)
{
	const struct conf_instance *a = &j->old->instances[old], *b;
	uint32_t i;

	if (j->to[old] == NONE)
		return false;
	b = &j->new->instances[j->to[old]];
	for (i = 0; i < a->address_count && i < b->address_count; i++)
		if (!addr_equal(&a->addresses[i].addr, &b->addresses[i].addr) ||
		    strcmp(a->addresses[i].interface,
			b->addresses[i].interface) != 0)
			return false;
	return a->address_count == b->address_count;
}

static struct keys *
old_addresses(const struct judge *j)
{
	const struct conf *old = j->old;
	struct keys *keys = table(address_total(old));
	const struct conf_instance *instance;
	uint32_t i, k;

	for (i = 0; i < old->instance_count; i++) {
		if (keeps_addresses(j, i))
			continue;
		instance = &old->instances[i];
		for (k = 0; k < instance->address_count; k++)
			keys_put(keys, address_key(&instance->addresses[k]), i);
	}
	return keys;
}

static void
lint_moves(struct judge *j)
{
	struct keys *keys = old_addresses(j);
	const struct conf_instance *old, *new;
	uint32_t i, k, at, moved = 0;

	for (i = 0; i < j->new->instance_count; i++) {
		new = &j->new->instances[i];
		if (j->from[i] != NONE && keeps_addresses(j, j->from[i]))
			continue;
		for (k = 0; k < new->address_count; k++) {
			at = keys_take(keys, address_key(&new->addresses[k]));
			if (at == NONE || j->to[at] == i)
				continue;
			old = &j->old->instances[at];
			if ((old->member || new->member) &&
			    ++moved <= MOVES_MAX)
				say_moved(j, &new->addresses[k].addr, old, new);
		}
	}
	if (moved > MOVES_MAX)
		say(j, SEVERITY_WARNING, "reload-moves",
		    "%u more addresses move", moved - MOVES_MAX);
	keys_free(keys);
}

static uint64_t
node_key(const struct addr *addr)
{
	return digest_mix(fnv1a64(FNV1A64_INIT, addr, sizeof(*addr)));
}

static struct keys *
old_nodes(const struct conf *old)
{
	const struct conf_addrs *addresses;
	uint32_t i, k, count = 0;
	struct keys *keys;

	for (i = 0; i < old->node_count; i++)
		count += old->nodes[i].addresses.count;
	keys = table(count);
	for (i = 0; i < old->node_count; i++) {
		addresses = &old->nodes[i].addresses;
		for (k = 0; k < addresses->count; k++)
			keys_put(keys, node_key(&addresses->list[k]), i);
	}
	return keys;
}

static void
lint_nodes(struct judge *j)
{
	struct keys *keys = old_nodes(j->old);
	const struct conf_node *old, *new;
	char buf[ADDR_STRLEN];
	uint32_t i, k, at, moved = 0;

	if (strcmp(j->old->self, j->new->self) != 0)
		say(j, SEVERITY_WARNING, "reload-self",
		    "this host was node %s and is %s from now on: say which "
		    "it is by ipvsd's -N",
		    j->old->self, j->new->self);
	for (i = 0; i < j->new->node_count; i++) {
		new = &j->new->nodes[i];
		for (k = 0; k < new->addresses.count; k++) {
			at = keys_take(keys, node_key(&new->addresses.list[k]));
			if (at == NONE)
				continue;
			old = &j->old->nodes[at];
			if (strcmp(old->name, new->name) != 0 &&
			    ++moved <= MOVES_MAX)
				say(j, SEVERITY_WARNING, "reload-node",
				    "%s was node %s's address and is %s's from "
				    "now on: servers that are named by these "
				    "nodes move",
				    addr_format(&new->addresses.list[k], buf),
				    old->name, new->name);
		}
	}
	keys_free(keys);
}

unsigned
conf_lint_reload(const struct conf *old, const struct conf *new,
    conf_report_fn report, void *arg)
{
	struct judge j = {.old = old, .new = new, .report = report, .arg = arg};
	uint32_t i;

	j.from = calloc(new->instance_count + 1, sizeof(*j.from));
	j.to = calloc(old->instance_count + 1, sizeof(*j.to));
	if (j.from == NULL || j.to == NULL)
		fatal("judging a reload");
	pair_by_key(&j);
	for (i = 0; i < new->instance_count; i++)
		if (j.from[i] != NONE)
			lint_instance(
			    &j, &old->instances[j.from[i]], &new->instances[i]);
	pair_renamed(&j);
	lint_moves(&j);
	lint_nodes(&j);
	free(j.from);
	free(j.to);
	return j.errors;
}
