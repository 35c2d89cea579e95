/* SPDX-License-Identifier: ISC */
/* The findings of a reload; see findings.h. */
#include "reload/findings.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

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
