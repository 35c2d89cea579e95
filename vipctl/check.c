/* SPDX-License-Identifier: ISC */
/*
 * check: a configuration is parsed here, in vipctl, with the daemons' own
 * loader. Nothing is sent to anybody.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "load/load.h"
#include "load/print.h"
#include "query.h"
#include "vipctl.h"

struct report {
	FILE *out; /* stderr when stdout gets the canonical form */
	struct query_list list;
};

/* A finding as compilers print it: first the place, at the end a lint's name in
 * brackets. */
static void
report_text(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	struct report *report = arg;
	const char *name = conf_severity_name(severity);
	char clean[2048];

	snprintf(clean, sizeof(clean), "%s", text);
	text_clean(clean, KEEP_PRINTABLE);
	if (severity == SEVERITY_ERROR && lint == NULL)
		fprintf(report->out, "%s\n", clean);
	else if (severity == SEVERITY_ERROR || lint == NULL)
		fprintf(report->out, "%s [%s]\n", clean,
		    lint == NULL ? name : lint);
	else
		fprintf(report->out, "%s [%s: %s]\n", clean, name, lint);
}

static void
report_json(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	struct report *report = arg;
	char clean[2048];
	json_t *row;

	snprintf(clean, sizeof(clean), "%s", text);
	text_clean(clean, KEEP_VALID);
	row = json_pack("{s:s, s:s, s:s?, s:s}", "kind", "report", "severity",
	    conf_severity_name(severity), "lint", lint, "text", clean);
	if (row == NULL)
		errx(EXIT_REFUSED, "out of memory");
	query_list_add(row, &report->list);
	json_decref(row);
}

int
check(const struct vipctl *ctx, int argc, char *argv[])
{
	struct report report = {stdout, {false}};
	struct conf_source *source;
	const char *node = NULL;
	unsigned errors = 0, warnings = 0;
	bool verbose = false;
	int option;

	optind = 0; /* getopt starts anew */
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
	if (verbose)
		report.out = stderr;
	source = conf_load(argv[optind], node,
	    ctx->json ? report_json : report_text, &report, &errors, &warnings);
	if (ctx->json)
		query_list_end(&report.list, EXIT_DONE);
	else if (errors == 0 && verbose)
		conf_print(source, stdout);
	else if (errors == 0)
		printf("%s: good\n", argv[optind]);
	if (errors != 0) {
		fflush(stdout);
		warnx("%s: %u error%s, %u warning%s", argv[optind], errors,
		    errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
	}
	conf_source_free(source);
	return errors == 0 ? EXIT_DONE : EXIT_REFUSED;
}
