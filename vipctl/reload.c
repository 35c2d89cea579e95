/* SPDX-License-Identifier: ISC */
/* reload: ipvsd reads its files again; what it finds is shown. */
#include <stdio.h>

#include "query.h"
#include "row.h"
#include "vipctl.h"

static void
print_report(json_t *row, void *arg)
{
	(void)arg;
	if (!row_is_a(row, report))
		return;
	printf("%s%s%s\n", row_text(row, report, text),
	    row_is(row, report, severity, "error") ? "" : " ",
	    row_is(row, report, severity, "error")	 ? "" :
		row_is(row, report, severity, "warning") ? "[warning]" :
							   "[note]");
}

int
reload(const struct vipctl *ctx, int argc, char *argv[])
{
	struct vipctl patient = *ctx;
	int code;

	(void)argc;
	(void)argv;
	patient.timeout = patient.total = TIMEOUT_RELOAD;
	if (ctx->json)
		return query_json(&patient, ROLE_IPVSD, WORDS("reload"));
	code = query(&patient, ROLE_IPVSD, WORDS("reload"), print_report, NULL);
	if (code == EXIT_DONE)
		puts("reloaded");
	return code;
}
