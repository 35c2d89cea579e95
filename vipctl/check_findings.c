/* SPDX-License-Identifier: ISC */
/* Findings of several runs, each once and in its place. */
#include "check_findings.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vipctl.h"

void
check_findings_run(struct check_findings *findings, const char *node)
{
	findings->node = node;
	findings->runs++;
	findings->place = &findings->first;
}

/* Where a finding of this text is, from here on; NULL: nowhere. */
static struct found **
find(struct found **from, const char *text)
{
	for (; *from != NULL; from = &(*from)->next)
		if (strcmp((*from)->text, text) == 0)
			return from;
	return NULL;
}

static void
name_node(struct found *found, const char *node)
{
	size_t len = strlen(found->nodes);

	if (node == NULL || found->cut)
		return;
	found->cut = len + strlen(node) + sizeof(", , ...") > FOUND_NODES;
	(void)snprintf(found->nodes + len, sizeof(found->nodes) - len, "%s%s",
	    len > 0 ? ", " : "", found->cut ? "..." : node);
}

void
check_findings_add(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	struct check_findings *findings = arg;
	struct found **place = find(findings->place, text), *found;

	if (place == NULL)
		place = find(&findings->first, text);
	if (place == NULL) {
		place = findings->place;
		if ((found = calloc(1, sizeof(*found))) == NULL ||
		    (found->text = strdup(text)) == NULL)
			errx(EXIT_REFUSED, "out of memory");
		found->severity = severity;
		found->lint = lint;
		found->next = *place;
		*place = found;
	}
	found = *place;
	findings->place = &found->next;
	if (found->last == findings->runs)
		return;
	found->last = findings->runs;
	found->runs++;
	name_node(found, findings->node);
}

void
check_findings_free(struct check_findings *findings)
{
	struct found *found;

	while ((found = findings->first) != NULL) {
		findings->first = found->next;
		free(found->text);
		free(found);
	}
}

void
check_findings_print(
    FILE *out, const char *severity, const char *lint, const char *text)
{
	bool error = strcmp(severity, conf_severity_name(SEVERITY_ERROR)) == 0;
	bool named = lint != NULL && lint[0] != '\0';

	if (error && !named)
		fprintf(out, "%s\n", text);
	else
		fprintf(out, "%s [%s%s%s]\n", text, error ? "" : severity,
		    error || !named ? "" : ": ", named ? lint : "");
}

void
check_findings_ignore(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	(void)severity;
	(void)lint;
	(void)text;
	(void)arg;
}
