/* SPDX-License-Identifier: ISC */
/* resign: hand an instance over and stay backup for a time, or until told. */
#include <inttypes.h>
#include <stdio.h>

#include "query.h"
#include "vipctl.h"

int
resign(const struct vipctl *ctx, int argc, char *argv[])
{
	char text[24] = "0", duration[DURATION_SIZE];
	uint64_t ms = 0;
	int code;

	(void)argc;
	if (!given_time(ctx->given, &ms))
		return EXIT_USAGE;
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
