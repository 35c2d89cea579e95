/* SPDX-License-Identifier: ISC */
/*
 * Judges a resolved configuration: what no single value shows. Pure: facts
 * of this host come with the source. Objects that had an error already are
 * passed over.
 */

#include "load/resolve.h"

static void
lint_check(struct conf_source *s, const struct src_check *check)
{
	if (check->head.bad || check->c.timeout <= check->c.interval)
		return;
	conf_find(s, LINT_CHECK_TIMEOUT, ynode_place(check->head.at, "timeout"),
	    "the timeout, %u ms, is longer than the interval, %u ms",
	    check->c.timeout, check->c.interval);
}

static void
lint_checks(struct conf_source *s)
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

/* The limits of ip_vs_ctl.c's proc_do_sync_threshold() and of IP_VS sync. */
static void
lint_sync(struct conf_source *s)
{
	const struct conf_sync *sync = &s->root.ipvs.c.sync;
	const struct ynode *at = ynode_value(s->root.ipvs.head.at, "sync");
	char buf[ADDR_STRLEN];

	if (!sync->enabled)
		return;
	if (sync->period != 0 && sync->threshold >= sync->period)
		conf_find(s, LINT_SYNC, ynode_place(at, "threshold"),
		    "the threshold, %u, must be less than the period, %u",
		    sync->threshold, sync->period);
	if (sync->refresh % 1000 != 0)
		conf_find(s, LINT_SYNC, ynode_place(at, "refresh"),
		    "the kernel counts refresh in whole seconds");
	if (sync->group.family != AF_UNSPEC && !addr_is_multicast(&sync->group))
		conf_find(s, LINT_SYNC, ynode_place(at, "group"),
		    "%s is not a multicast address, such as 224.0.0.81",
		    addr_format(&sync->group, buf));
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

void
conf_lint(struct conf_source *s)
{
	lint_sync(s);
	conf_lint_vrrp(s);
	lint_checks(s);
	conf_lint_services(s);
}
