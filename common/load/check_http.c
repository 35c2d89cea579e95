/* SPDX-License-Identifier: ISC */
/* What the rows of an HTTP check do not say of its values. */
#include "load/check_http.h"

#include <string.h>

#include "load/bind.h"
#include "load/finding.h"
#include "load/ynode.h"

void
check_http_lint(struct conf_source *s, const struct src_check *check)
{
	const struct conf_http *http = &check->c.http;
	const struct ynode *at = check->head.at;

	if (http->path[0] != '/' || !conf_http_word_valid(http->path))
		conf_error(s, ynode_place(at, "path"),
		    "path: allowed is a path that starts with / and has no "
		    "spaces");
	if (http->host != NULL && !conf_http_word_valid(http->host))
		conf_error(s, ynode_place(at, "host"),
		    "host: allowed is a host's name, with a port if need be");
	if (http->body != NULL && strcmp(http->method, "HEAD") == 0)
		conf_error(s, ynode_place(ynode_value(at, "expect"), "body"),
		    "body: an answer to HEAD has none");
}
