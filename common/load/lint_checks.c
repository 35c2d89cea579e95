/* SPDX-License-Identifier: ISC */
/* Judges checks: those that services name, and those within them. */
#include "load/finding.h"
#include "load/lint_checks.h"
#include "load/ynode.h"

static void
lint_check(struct conf_source *s, const struct src_check *check)
{
	if (check->head.bad || check->c.timeout <= check->c.interval)
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
