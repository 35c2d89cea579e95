/* SPDX-License-Identifier: ISC */
/* drain: no new connections to a server, until `enable`. */
#include <err.h>
#include <stdio.h>

#include "vipctl.h"

int
drain(const struct vipctl *ctx, int argc, char *argv[])
{
	int code;

	if (argc != 2) {
		warnx("drain: wants one SERVER or SERVICE/SERVER");
		return EXIT_USAGE;
	}
	if (ctx->json)
		return query_json(ctx, ROLE_IPVSD, WORDS("drain", argv[1]));
	code = query(ctx, ROLE_IPVSD, WORDS("drain", argv[1]), NULL, NULL);
	if (code == EXIT_DONE)
		printf("%s is drained on this director only; `vipctl enable "
		       "%s` ends that\n",
		    argv[1], argv[1]);
	return code;
}
