/* SPDX-License-Identifier: ISC */
/* Judges what a reload would change. */
#include "conf/lint_reload.h"

#include <stdio.h>

#include "keys.h"
#include "log.h"

/*
 * RFC 3768 5.3.7: a version 2 router drops adverts of another interval, so
 * that a change on one node after the other has two masters in between.
 */
static bool
interval_changed(
    const struct conf_instance *old, const struct conf_instance *new)
{
	return old->version == 2 && new->version == 2 &&
	    old->member &&new->member && old->interval != new->interval;
}

unsigned
conf_lint_reload(const struct conf *old, const struct conf *new,
    conf_report_fn report, void *arg)
{
	struct keys *keys = keys_new(old->instance_count);
	const struct conf_instance *before, *after;
	char text[256];
	unsigned errors = 0;
	uint32_t i, at;

	if (keys == NULL)
		fatal("judging a reload");
	for (i = 0; i < old->instance_count; i++)
		keys_put(keys, old->instances[i].key, i);
	for (i = 0; i < new->instance_count; i++) {
		after = &new->instances[i];
		at = keys_take(keys, after->key);
		before = at == KEYS_NONE ? NULL : &old->instances[at];
		if (before == NULL || !interval_changed(before, after))
			continue;
		snprintf(text, sizeof(text),
		    "vrrp %s: the interval of a version 2 instance cannot "
		    "change from %u ms to %u ms in a reload, its peers would "
		    "drop its adverts: use another vrid, or restart all",
		    after->name, before->interval, after->interval);
		report(SEVERITY_ERROR, "reload-interval", text, arg);
		errors++;
	}
	keys_free(keys);
	return errors;
}
