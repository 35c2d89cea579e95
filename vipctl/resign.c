/* SPDX-License-Identifier: ISC */
/* resign: hand an instance over and stay backup for a time, or until told. */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "query.h"
#include "vipctl.h"

int
resign(const struct vipctl *ctx, int argc, char *argv[])
{
	char text[24] = "0", duration[DURATION_SIZE];
	uint64_t ms = 0;
	int code;

	if ((argc != 2 && argc != 4) ||
	    (argc == 4 && strcmp(argv[2], "--for") != 0)) {
		warnx("resign: wants INSTANCE [--for TIME]");
		return EXIT_USAGE;
	}
	if (argc == 4 && (!duration_parse(argv[3], &ms) || ms == 0)) {
		warnx("resign: \"%s\" is no time; say 500ms, 30s, 5m or 2h",
		    argv[3]);
		return EXIT_USAGE;
	}
	snprintf(text, sizeof(text), "%" PRIu64, ms);
	if (ctx->json)
		return query_json(
		    ctx, ROLE_VRRPD, WORDS("resign", argv[1], text));
	code = query(
	    ctx, ROLE_VRRPD, WORDS("resign", argv[1], text), NULL, NULL);
	if (code != EXIT_DONE)
		return code;
	printf("%s: resigned", argv[1]);
	if (ms != 0)
		printf(" for %s", duration_format(ms, duration));
	printf("; `vipctl enable %s` ends that%s\n", argv[1],
	    ms == 0 ? "" : " before");
	return code;
}
