/* SPDX-License-Identifier: ISC */
/* show config: the canonical text of the configuration in force. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "config_text.h"
#include "query.h"
#include "vipctl.h"

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
	char why[WHY_SIZE], *text;
	int code;

	(void)argc;
	(void)argv;
	code = config_text(ctx, &text, why);
	if (code != EXIT_DONE)
		warnx("%s", why);
	if (text != NULL) {
		text_clean(text, ctx->json ? KEEP_VALID : KEEP_LINES);
		if (ctx->json)
			print_json(text);
		else
			fputs(text, stdout);
	} else if (code == EXIT_DONE && ctx->json)
		puts("[]");
	free(text);
	return code;
}
