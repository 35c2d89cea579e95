/* SPDX-License-Identifier: ISC */
/*
 * check: a configuration is parsed here, in vipctl, with the daemons' own
 * loader. Nothing is sent to anybody.
 */
#include <sys/stat.h>
#include <sys/xattr.h>

#include <err.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_findings.h"
#include "load/load.h"
#include "load/print.h"
#include "process/priv.h"
#include "query.h"
#include "vipctl.h"

struct report {
	FILE *out; /* stderr when stdout gets the canonical form */
	struct query_list list;
	struct check_findings findings;
	unsigned errors;
	unsigned warnings;
};

/* Behind the text the nodes that have it, when others have it not. */
static void
print_text(struct report *report, const struct found *found)
{
	bool all = found->runs == report->findings.runs;
	char clean[2048];

	snprintf(clean, sizeof(clean), all ? "%s" : "%s (node%s %s)",
	    found->text, found->runs == 1 ? "" : "s", found->nodes);
	text_clean(clean, KEEP_PRINTABLE);
	check_findings_print(report->out, conf_severity_name(found->severity),
	    found->lint, clean);
}

static void
print_json(struct report *report, const struct found *found)
{
	bool all = found->runs == report->findings.runs;
	char clean[2048], nodes[FOUND_NODES];
	json_t *row;

	snprintf(clean, sizeof(clean), "%s", found->text);
	text_clean(clean, KEEP_VALID);
	snprintf(nodes, sizeof(nodes), "%s", found->nodes);
	text_clean(nodes, KEEP_VALID);
	row = json_pack("{s:s, s:s, s:s?, s:s, s:s*}", "kind", "report",
	    "severity", conf_severity_name(found->severity), "lint",
	    found->lint, "text", clean, "nodes", all ? NULL : nodes);
	if (row == NULL)
		errx(EXIT_REFUSED, "out of memory");
	query_list_add(row, &report->list);
	json_decref(row);
}

static void
print_findings(struct report *report, bool json)
{
	const struct found *found = report->findings.first;
	unsigned errors = 0;

	for (; found != NULL; found = found->next) {
		(json ? print_json : print_text)(report, found);
		errors += found->severity == SEVERITY_ERROR;
		report->warnings += found->severity == SEVERITY_WARNING;
	}
	/* A run counts also what it has no room for. */
	if (errors > report->errors)
		report->errors = errors;
}

/* Whether the file's bits let _ipvsd read it. An ACL may say otherwise. */
static bool
ipvsd_may_read(const char *file, const struct passwd *pw)
{
	struct stat st;

	if (stat(file, &st) == -1 || !S_ISREG(st.st_mode) ||
	    getxattr(file, "system.posix_acl_access", NULL, 0) > 0)
		return true;
	if (st.st_uid == pw->pw_uid)
		return (st.st_mode & S_IRUSR) != 0;
	if (st.st_gid == pw->pw_gid)
		return (st.st_mode & S_IRGRP) != 0;
	return (st.st_mode & S_IROTH) != 0;
}

static void
find_unreadable(struct report *report, const struct conf_source *source)
{
	const struct passwd *pw = getpwnam(USER_IPVSD);
	const char *file;
	char text[2048];

	for (uint32_t i = 0;
	     pw != NULL && (file = conf_source_file(source, i)) != NULL; i++) {
		if (ipvsd_may_read(file, pw))
			continue;
		snprintf(text, sizeof(text),
		    "%s:1:1: ipvsd, which is user %s, cannot read it: chgrp %s "
		    "and chmod g+r",
		    file, USER_IPVSD, USER_IPVSD);
		check_findings_add(
		    SEVERITY_WARNING, "unreadable", text, &report->findings);
	}
}

static struct conf_source *
load(struct report *report, const char *file, const char *node)
{
	unsigned errors, warnings;
	struct conf_source *source;

	check_findings_run(&report->findings, node);
	source = conf_load(file, node, check_findings_add, &report->findings,
	    &errors, &warnings);
	find_unreadable(report, source);
	if (errors > report->errors)
		report->errors = errors;
	return source;
}

/* As each node of the file sees it. Gives the last one's source, because the
 * canonical form is everybody's. */
static struct conf_source *
load_all(struct report *report, const char *file)
{
	unsigned errors, warnings;
	struct conf_source *names, *source = NULL;
	const char *node;
	uint32_t i;

	names = conf_load(
	    file, NULL, check_findings_ignore, NULL, &errors, &warnings);
	for (i = 0; (node = conf_source_node(names, i)) != NULL; i++) {
		conf_source_free(source);
		source = load(report, file, node);
	}
	if (source == NULL) /* none, which is an error */
		source = load(report, file, NULL);
	conf_source_free(names);
	return source;
}

/* After the findings: the canonical form, or a word. */
static void
conclude(struct report *report, struct conf_source *source, const char *file,
    bool json)
{
	if (json)
		query_list_end(&report->list, EXIT_DONE);
	else if (report->errors == 0 && report->out == stderr)
		conf_print(source, stdout);
	else if (report->errors == 0)
		printf("%s: good\n", file);
	if (report->errors == 0)
		return;
	fflush(stdout);
	warnx("%s: %u error%s, %u warning%s", file, report->errors,
	    report->errors == 1 ? "" : "s", report->warnings,
	    report->warnings == 1 ? "" : "s");
}

int
check(const struct vipctl *ctx, int argc, char *argv[])
{
	struct report report = {.out = stdout};
	struct conf_source *source;
	const char *file = argv[1], *node = ctx->given->argument[GIVEN_NODE];
	bool verbose = given_has(ctx->given, VERBOSE);

	(void)argc;
	if (verbose && ctx->json) {
		warnx("check: -v prints YAML, not JSON");
		return EXIT_USAGE;
	}
	if (verbose)
		report.out = stderr;
	if (node != NULL && strcmp(node, "all") == 0)
		source = load_all(&report, file);
	else
		source = load(&report, file, node);
	print_findings(&report, ctx->json);
	conclude(&report, source, file, ctx->json);
	conf_source_free(source);
	check_findings_free(&report.findings);
	return report.errors == 0 ? EXIT_DONE : EXIT_REFUSED;
}
