/* SPDX-License-Identifier: ISC */
/* ipvsd -n: checks a configuration for an operator who reads the findings. */
#include <stdio.h>

#include "load/load.h"
#include "load/print.h"
#include "parser/parser.h"

static void
report_to_stderr(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	static const char *const words[] = {[SEVERITY_NOTE] = "note: ",
	    [SEVERITY_WARNING] = "warning: ",
	    [SEVERITY_ERROR] = ""};

	(void)arg;
	if (lint != NULL)
		fprintf(stderr, "%s%s [%s]\n", words[severity], text, lint);
	else
		fprintf(stderr, "%s%s\n", words[severity], text);
}

int
parser_check(const char *file, const char *node, bool print)
{
	unsigned errors = 0, warnings = 0;
	struct conf_source *source;

	source = conf_load(
	    file, node, report_to_stderr, NULL, &errors, &warnings);
	if (errors == 0 && print)
		conf_print(source, stdout);
	conf_source_free(source);
	return errors > 0;
}
