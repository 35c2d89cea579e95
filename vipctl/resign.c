/* SPDX-License-Identifier: ISC */
/* resign: hand an instance over and stay backup for a time, or until told. */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "query.h"
#include "row.h"
#include "vipctl.h"

struct spread {
	const char *name;
	bool any;
};

/* `spread` numbers the instances that it makes of one: NAME-1 and so on. */
static void
list_member(json_t *row, void *arg)
{
	struct spread *spread = arg;
	const char *name = row_text(row, instance, instance);
	size_t len = strlen(spread->name);

	if (!row_is_a(row, instance) || strncmp(name, spread->name, len) != 0 ||
	    name[len] != '-' || name[len + 1] == '\0' ||
	    name[len + 1 + strspn(&name[len + 1], "0123456789")] != '\0')
		return;
	if (!spread->any)
		warnx("%s is spread over instances; one of them is wanted:",
		    spread->name);
	spread->any = true;
	fprintf(stderr, "  %s\n", name);
}

/* Says why it failed. One that vrrpd refuses may be meant as a `spread`. */
static void
failed(const struct vipctl *ctx, int code, const char *name, const char *why)
{
	struct spread spread = {name, false};
	char ignored[WHY_SIZE];

	if (code == EXIT_REFUSED)
		query_try(ctx, ROLE_VRRPD, WORDS("instances"), list_member,
		    &spread, ignored);
	if (!spread.any)
		warnx("%s", why);
}

int
resign(const struct vipctl *ctx, int argc, char *argv[])
{
	char text[24] = "0", duration[DURATION_SIZE], why[WHY_SIZE];
	uint64_t ms = 0;
	struct vipctl begun = query_begin(ctx);
	int code;

	(void)argc;
	if (!given_time(ctx->given, &ms))
		return EXIT_USAGE;
	snprintf(text, sizeof(text), "%" PRIu64, ms);
	code = query_try(&begun, ROLE_VRRPD, WORDS("resign", argv[1], text),
	    NULL, NULL, why);
	if (code != EXIT_DONE) {
		failed(&begun, code, argv[1], why);
		return code;
	}
	if (ctx->json) {
		puts("[]");
		return code;
	}
	printf("%s: resigned", argv[1]);
	if (ms != 0)
		printf(" for %s", duration_format(ms, duration));
	printf("; `vipctl enable %s` ends that%s\n", argv[1],
	    ms == 0 ? "" : " before");
	return code;
}
