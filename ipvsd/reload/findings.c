/* SPDX-License-Identifier: ISC */
/* The findings of a reload; see findings.h. */
#include "reload/findings.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

/* Cuts the name off; NULL: there is none. */
static const char *
cut_lint(char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	char *open = strrchr(text, '['), *name = open + 1;
	size_t len;

	if (open == NULL || open == text || open[-1] != ' ')
		return NULL;
	len = strspn(name, letters);
	if (len == 0 || strcmp(name + len, "]") != 0)
		return NULL;
	open[-1] = '\0';
	name[len] = '\0';
	return name;
}

void
findings_add(
    struct findings *findings, enum conf_severity severity, const char *text)
{
	struct finding *finding;

	/* A parser that was taken over may have any number of them. */
	if (findings->count == CTL_FINDINGS_MAX)
		return;
	if (severity == SEVERITY_ERROR)
		log_warnx("%s", text);
	else
		log_info("%s: %s", conf_severity_name(severity), text);
	finding = &findings->list[findings->count];
	if ((finding->text = strdup(text)) == NULL)
		return;
	finding->lint = cut_lint(finding->text);
	finding->severity = severity;
	findings->count++;
}

void
findings_clear(struct findings *findings)
{
	for (uint32_t i = 0; i < findings->count; i++)
		free(findings->list[i].text);
	findings->count = 0;
	findings->number++;
}
