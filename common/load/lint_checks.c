/* SPDX-License-Identifier: ISC */
/* Judges checks: those that services name, and those within them. */
#include "load/finding.h"
#include "load/lint_checks.h"
#include "load/ynode.h"

/* A source that no host has as its own, or that has no meaning without an
 * interface. */
static const char *
source_fault(struct conf_source *s, const struct addr *source)
{
	if (addr_is_multicast(source) || addr_is_any(source))
		return "not an address that a host may have";
	if (source->family == AF_INET6 && addr_is_link_local(source))
		return "link-local";
	if (names_get(&s->addresses, source, sizeof(*source)) != NAMES_NONE)
		return "a virtual address";
	return NULL;
}

static void
lint_source(struct conf_source *s, const struct by_node_entry *entry)
{
	const char *fault = source_fault(s, &entry->addr);
	char buf[ADDR_STRLEN];

	if (fault != NULL)
		conf_find(s, LINT_CHECK_SOURCE, entry->at, "source %s is %s",
		    addr_format(&entry->addr, buf), fault);
}

static void
lint_check(struct conf_source *s, const struct src_check *check)
{
	uint32_t i;

	if (check->head.bad)
		return;
	for (i = 0; i < check->source.count; i++)
		lint_source(s, &check->source.list[i]);
	if (check->c.timeout <= check->c.interval)
		return;
	conf_find(s, LINT_CHECK_TIMEOUT, ynode_place(check->head.at, "timeout"),
	    "the timeout, %u ms, is longer than the interval, %u ms",
	    check->c.timeout, check->c.interval);
}

void
conf_lint_checks(struct conf_source *s)
{
	const struct src_check *check;
	uint32_t i;

	for (i = 0; i < s->root.checks.count; i++) {
		check = VEC_AT(&s->root.checks, struct src_check, i);
		lint_check(s, check);
		if (!check->used && !check->head.bad)
			conf_find(s, LINT_UNUSED_CHECK, check->head.at,
			    "no service uses check %s", check->c.check);
	}
}

void
conf_lint_inline_checks(struct conf_source *s, const struct vec *checks)
{
	const struct src_check *check;
	uint32_t i;

	for (i = 0; i < checks->count; i++) {
		check = VEC_AT(checks, struct src_check, i);
		if (check->ref == NULL)
			lint_check(s, check);
	}
}
