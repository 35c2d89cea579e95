/* SPDX-License-Identifier: ISC */
/*
 * show config: the canonical text of the configuration in force. It comes
 * in pieces that may end anywhere, so it is cleaned when it is whole.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/codec.h"
#include "query.h"
#include "row.h"
#include "vipctl.h"

struct text {
	char *bytes;
	size_t len;
	size_t capacity;
};

static void
append(json_t *row, void *arg)
{
	struct text *text = arg;
	json_t *piece = json_object_get(row, TEXT_KEY(text, text));
	size_t len = json_string_length(piece);

	if (len == 0)
		return;
	if (text->len + len > CONF_SIZE_MAX)
		errx(EXIT_REFUSED, "ipvsd: the configuration never ends");
	if (text->len + len >= text->capacity) {
		text->capacity = 2 * (text->len + len + 1);
		text->bytes = realloc(text->bytes, text->capacity);
		if (text->bytes == NULL)
			err(EXIT_REFUSED, NULL);
	}
	memcpy(text->bytes + text->len, json_string_value(piece), len);
	text->len += len;
	text->bytes[text->len] = '\0';
}

static void
print_json(const char *text)
{
	struct query_list list = {false};
	json_t *row = json_pack("{s:s, s:s}", "kind", "text", "text", text);

	if (row == NULL)
		errx(EXIT_REFUSED, "out of memory");
	query_list_add(row, &list);
	query_list_end(&list, EXIT_DONE);
	json_decref(row);
}

int
show_config(const struct vipctl *ctx, int argc, char *argv[])
{
	struct vipctl raw = *ctx;
	struct text text = {NULL, 0, 0};
	int code;

	(void)argc;
	(void)argv;
	raw.keep = KEEP_RAW;
	code = query(&raw, ROLE_IPVSD, WORDS("config"), append, &text);
	if (code == EXIT_DONE && text.bytes != NULL) {
		text_clean(text.bytes, ctx->json ? KEEP_VALID : KEEP_LINES);
		if (ctx->json)
			print_json(text.bytes);
		else
			fputs(text.bytes, stdout);
	} else if (code == EXIT_DONE && ctx->json)
		puts("[]");
	free(text.bytes);
	return code;
}
