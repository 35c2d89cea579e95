/* SPDX-License-Identifier: ISC */
/* The canonical text of the configuration in force. It comes in pieces that may
 * end anywhere, so it can be cleaned only when it is whole. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "conf/codec.h"
#include "config_text.h"
#include "query.h"
#include "row.h"

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

int
config_text(const struct vipctl *ctx, char **whole, char why[WHY_SIZE])
{
	struct vipctl raw = *ctx;
	struct text text = {NULL, 0, 0};
	int code;

	raw.keep = KEEP_RAW;
	code = query_try(&raw, ROLE_IPVSD, WORDS("config"), append, &text, why);
	if (code != EXIT_DONE) {
		free(text.bytes);
		text.bytes = NULL;
	}
	*whole = text.bytes;
	return code;
}
