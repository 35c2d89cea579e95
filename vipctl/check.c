/* SPDX-License-Identifier: ISC */
/*
 * check: a configuration is parsed here, in vipctl, with the daemons' own
 * loader. Nothing is sent to anybody.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf_load.h"
#include "vipctl.h"

static const char *const severities[] = {
	[SEVERITY_NOTE] = "note",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_ERROR] = "error",
};

static void
report_text(enum conf_severity severity, const char *lint, const char *text,
    void *arg)
{
	char clean[2048];

	(void)arg;
	snprintf(clean, sizeof(clean), "%s", text);
	text_clean(clean, KEEP_PRINTABLE);
	if (severity == SEVERITY_ERROR && lint == NULL)
		printf("%s\n", clean);
	else if (severity == SEVERITY_ERROR || lint == NULL)
		printf("%s [%s]\n", clean, lint == NULL ?
		    severities[severity] : lint);
	else
		printf("%s [%s: %s]\n", clean, severities[severity], lint);
}

static void
report_json(enum conf_severity severity, const char *lint, const char *text,
    void *arg)
{
	char clean[2048];
	json_t *row;

	snprintf(clean, sizeof(clean), "%s", text);
	text_clean(clean, KEEP_VALID);
	row = json_pack("{s:s, s:s, s:s?, s:s}", "kind", "report", "severity",
	    severities[severity], "lint", lint, "text", clean);
	if (row == NULL)
		errx(EXIT_REFUSED, "out of memory");
	row_list_add(row, arg);
	json_decref(row);
}

int
check(const struct vipctl *ctx, int argc, char *argv[])
{
	struct row_list list = {false};
	struct conf_source *source;
	const char *node = NULL;
	unsigned errors = 0, warnings = 0;
	bool verbose = false;
	int option;

	optind = 0;	/* getopt starts anew */
	while ((option = getopt(argc, argv, "+vN:")) != -1) {
		if (option == '?')
			return EXIT_USAGE;
		if (option == 'v')
			verbose = true;
		else
			node = optarg;
	}
	if (argc - optind != 1 || (verbose && ctx->json)) {
		warnx(argc - optind != 1 ? "check: wants one FILE" :
		    "check: -v prints YAML, not JSON");
		return EXIT_USAGE;
	}
	source = conf_load(argv[optind], node, ctx->json ? report_json :
	    report_text, &list, &errors, &warnings);
	if (ctx->json)
		row_list_end(&list, EXIT_DONE);
	else if (errors != 0) {
		fflush(stdout);
		warnx("%s: %u errors, %u warnings", argv[optind], errors,
		    warnings);
	} else if (verbose)
		conf_print(source, stdout);
	else
		printf("%s: good\n", argv[optind]);
	conf_source_free(source);
	return errors == 0 ? EXIT_DONE : EXIT_REFUSED;
}
