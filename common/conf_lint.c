/* SPDX-License-Identifier: ISC */
/*
 * Judges a resolved configuration: what no single value shows. Pure: facts
 * of this host come with the source.
 */

#include "conf_resolve.h"

void
conf_lint(struct conf_source *s)
{
	(void)s;
}
