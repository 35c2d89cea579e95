/* SPDX-License-Identifier: ISC */
/* What the readers of values need; see bind_value.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "load/bind_value.h"
#include "load/finding.h"

bool
bind_error(struct bind *b, const struct ynode *at, const char *format, ...)
{
	char message[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	conf_error(b->s, at, "%s: %s", b->row->key, message);
	return false;
}

/* [2001:db8::, x] has a map of the key "2001:db8:". */
static bool
is_bare_ipv6(const struct ynode *node)
{
	return node->kind == Y_MAP && node->child != NULL &&
	    strchr(node->child->text, ':') != NULL;
}

const char *
bind_text(struct bind *b, const struct ynode *node, const char *what)
{
	if (node->kind == Y_SCALAR && (node->count > 0 || !node->plain))
		return node->text;
	if (node->kind == Y_SCALAR)
		bind_error(b, node, "has no value, allowed is %s", what);
	else if (node->kind != Y_BAD)
		bind_error(b, node, "a %s is not allowed, allowed is %s%s",
		    node->kind == Y_MAP ? "map" : "list", what,
		    is_bare_ipv6(node) ?
			"; quote an IPv6 address: \"2001:db8::1\"" :
			"");
	return NULL;
}
