/* SPDX-License-Identifier: ISC */
/* How bad a finding about a configuration is, and who hears of it. */
#ifndef COMMON_CONF_SEVERITY_H
#define COMMON_CONF_SEVERITY_H

#define CONF_SEVERITY_TABLE(X) \
	X(NOTE, "note")        \
	X(WARNING, "warning")  \
	X(ERROR, "error") /* refuses the configuration */

enum conf_severity {
#define X(id, text) SEVERITY_##id,
	CONF_SEVERITY_TABLE(X)
#undef X
	    SEVERITY_MAX
};
const char *conf_severity_name(enum conf_severity);

/* One finding: "file:line:column: what is wrong, what is allowed". lint is
 * its name ("vrid-twice") or NULL for one that the grammar makes. */
typedef void (*conf_report_fn)(
    enum conf_severity, const char *lint, const char *text, void *arg);

#endif
