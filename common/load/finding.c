/* SPDX-License-Identifier: ISC */
/* Collects what the loader finds, and reports it in the order of places. */

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/finding.h"
#include "load/source.h"
#include "load/ynode.h"
#include "log.h"

static const struct {
	const char *name;
	enum conf_severity severity;
} lints[] = {
#define X(id, name, severity) {name, SEVERITY_##severity},
    LINT_TABLE(X)
#undef X
};

static void
add(struct conf_source *s, const struct finding *place, const char *format,
    va_list ap)
{
	struct finding *f;
	char message[768], text[1280];
	int len;

	if (place->severity == SEVERITY_ERROR)
		s->error_count++;
	else if (++s->remark_count > REMARKS_MAX)
		return;
	if (s->finding_count == FINDINGS_MAX) {
		if (place->severity == SEVERITY_ERROR)
			s->findings_dropped++;
		return;
	}
	if (s->findings == NULL) {
		s->findings = calloc(FINDINGS_MAX, sizeof(*s->findings));
		if (s->findings == NULL)
			fatalx("conf: out of memory");
	}
	vsnprintf(message, sizeof(message), format, ap);
	len = snprintf(text, sizeof(text), "%.400s:%u:%u: %s",
	    s->files[place->file], place->line, place->column, message);
	f = &s->findings[s->finding_count];
	*f = *place;
	f->order = s->finding_count++;
	f->text = source_text(s, text, (size_t)len);
}

static struct finding
place_of(const struct ynode *at, enum conf_severity severity)
{
	struct finding place = {.severity = severity, .line = 1, .column = 1};

	if (at != NULL) {
		place.file = at->file;
		place.line = at->line;
		place.column = at->column;
	}
	return place;
}

void
conf_error(
    struct conf_source *s, const struct ynode *at, const char *format, ...)
{
	struct finding place = place_of(at, SEVERITY_ERROR);
	va_list ap;

	va_start(ap, format);
	add(s, &place, format, ap);
	va_end(ap);
}

void
conf_error_at(struct conf_source *s, uint32_t file, uint32_t line,
    uint32_t column, const char *format, ...)
{
	struct finding place = {.severity = SEVERITY_ERROR,
	    .file = file,
	    .line = line,
	    .column = column};
	va_list ap;

	va_start(ap, format);
	add(s, &place, format, ap);
	va_end(ap);
}

void
conf_find(struct conf_source *s, enum lint lint, const struct ynode *at,
    const char *format, ...)
{
	struct finding place = place_of(at, lints[lint].severity);
	va_list ap;

	place.lint = lints[lint].name;
	va_start(ap, format);
	add(s, &place, format, ap);
	va_end(ap);
}

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static int
by_place(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order = ORDER(x->file, y->file);

	if (order == 0)
		order = ORDER(x->line, y->line);
	if (order == 0)
		order = ORDER(x->column, y->column);
	return order != 0 ? order : ORDER(x->order, y->order);
}

void
conf_report(struct conf_source *s, conf_report_fn report, void *arg,
    unsigned *errors, unsigned *warnings)
{
	const struct finding *f;
	char text[128];
	uint32_t i;

	*errors = *warnings = 0;
	if (s->finding_count > 0)
		qsort(s->findings, s->finding_count, sizeof(*s->findings),
		    by_place);
	for (i = 0; i < s->finding_count; i++) {
		f = &s->findings[i];
		if (f->severity == SEVERITY_ERROR)
			(*errors)++;
		else if (f->severity == SEVERITY_WARNING)
			(*warnings)++;
		report(f->severity, f->lint, f->text, arg);
	}
	if (s->findings_dropped > 0) {
		*errors += s->findings_dropped;
		snprintf(text, sizeof(text), "%.60s:1:1: and %u more errors",
		    s->files[0], s->findings_dropped);
		report(SEVERITY_ERROR, NULL, text, arg);
	}
	free(s->findings);
	s->findings = NULL;
	s->finding_count = 0;
}

const char *
conf_quoted(const char *value, char buf[QUOTED_MAX])
{
	size_t i, most = QUOTED_MAX - 4;

	for (i = 0; value[i] != '\0' && i < most; i++)
		buf[i] = iscntrl((unsigned char)value[i]) ? '?' : value[i];
	if (value[i] != '\0') {
		/* Not in the middle of a UTF-8 character. */
		while (i > 0 && ((unsigned char)value[i] & 0xc0) == 0x80)
			i--;
		memcpy(buf + i, "...", 3);
		i += 3;
	}
	buf[i] = '\0';
	return buf;
}

void
conf_unknown(struct conf_source *s, const struct ynode *at, const char *kind,
    const char *name, const struct names *known)
{
	const char *like = names_like(known, name);
	char buf[QUOTED_MAX];

	if (like != NULL)
		conf_error(s, at, "unknown %s \"%s\", did you mean \"%s\"?",
		    kind, conf_quoted(name, buf), like);
	else
		conf_error(
		    s, at, "unknown %s \"%s\"", kind, conf_quoted(name, buf));
}
