/* SPDX-License-Identifier: ISC */
/* Which rows of an answer are shown; see filter.h. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"

struct filter
filter_new(const struct vipctl *ctx, int argc, char *argv[], filter_fn meant,
    query_row_fn fn, void *arg, struct query_list *list)
{
	struct filter filter = {.names = argv + 1,
	    .count = argc - 1,
	    .found = calloc((size_t)argc, sizeof(bool)),
	    .down = given_has(ctx->given, DOWN),
	    .meant = meant,
	    .fn = ctx->json ? query_list_add : fn,
	    .arg = ctx->json ? list : arg};

	if (filter.found == NULL)
		err(EXIT_REFUSED, NULL);
	return filter;
}

void
filter_row(json_t *row, void *arg)
{
	struct filter *filter = arg;

	if (filter->count == 0 && !filter->down) {
		filter->fn(row, filter->arg);
		return;
	}
	if (!filter->meant(filter, row))
		return;
	if (filter->group != NULL)
		filter->fn(filter->group, filter->arg);
	json_decref(filter->group);
	filter->group = NULL;
	filter->fn(row, filter->arg);
}

bool
filter_names(struct filter *filter, const char *const names[])
{
	bool meant = filter->count == 0;

	for (int i = 0; i < filter->count; i++) {
		for (size_t n = 0; names[n] != NULL; n++) {
			if (strcmp(filter->names[i], names[n]) != 0)
				continue;
			filter->found[i] = meant = true;
		}
	}
	return meant;
}

int
filter_end(struct filter *filter, const struct vipctl *ctx, int code,
    struct query_list *list)
{
	if (ctx->json)
		query_list_end(list, code);
	for (int i = 0; i < filter->count && code == EXIT_DONE; i++) {
		if (filter->found[i])
			continue;
		warnx("nothing here is named \"%s\"", filter->names[i]);
		code = EXIT_REFUSED;
	}
	json_decref(filter->group);
	free(filter->found);
	return code;
}
