/* SPDX-License-Identifier: ISC */
/*
 * The search of Knuth, Morris and Pratt: each byte is looked at once, and none
 * is kept.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "search.h"

struct search {
	char *text;
	size_t len;
	size_t matched; /* the first bytes of text that came last */
	/* For each number of matched bytes: how many of the first bytes are
	 * the last of these too, if the next byte does not match. */
	uint16_t shorter[];
};

static size_t
match(const struct search *search, size_t matched, char byte)
{
	while (matched > 0 && search->text[matched] != byte)
		matched = search->shorter[matched];
	return search->text[matched] == byte ? matched + 1 : 0;
}

struct search *
search_new(const char *text)
{
	size_t len = strlen(text);
	struct search *search = calloc(
	    1, sizeof(*search) + (len + 1) * sizeof(search->shorter[0]));

	if (search == NULL || len > SEARCH_MAX ||
	    (search->text = strdup(text)) == NULL) {
		free(search);
		return NULL;
	}
	search->len = len;
	for (size_t i = 1; i < len; i++)
		search->shorter[i + 1] = (uint16_t)match(
		    search, search->shorter[i], text[i]);
	return search;
}

void
search_free(struct search *search)
{
	if (search == NULL)
		return;
	free(search->text);
	free(search);
}

void
search_take(struct search *search, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len && search->matched < search->len; i++)
		search->matched = match(search, search->matched, bytes[i]);
}

bool
search_found(const struct search *search)
{
	return search->matched == search->len;
}
