/* SPDX-License-Identifier: ISC */
/* The findings of a file as one node or several of them see it. */
#ifndef VIPCTL_CHECK_FINDINGS_H
#define VIPCTL_CHECK_FINDINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "conf/severity.h"

#define FOUND_NODES 200

struct found {
	struct found *next;
	const char *lint; /* NULL, or static memory */
	char *text;	  /* owned */
	enum conf_severity severity;
	uint32_t runs;		 /* that found it */
	uint32_t last;		 /* the last of them */
	char nodes[FOUND_NODES]; /* "d1, d2": whose runs they were */
	bool cut;		 /* it ends in "..." */
};

/* All zero: none yet. */
struct check_findings {
	struct found *first;
	struct found **place; /* where this run is */
	const char *node;     /* whose run it is; NULL: this host's */
	uint32_t runs;
};

/* Another run begins; node must live until the next one. */
void check_findings_run(struct check_findings *, const char *node);
/* The loader's report function (conf/severity.h); arg is the findings. What was
 * found already is not added again. Out of memory ends vipctl. */
void check_findings_add(
    enum conf_severity, const char *lint, const char *text, void *arg);
void check_findings_free(struct check_findings *);
/* Prints one as compilers do: first the place, at the end what it is in
 * brackets: " [warning: NAME]", of an error the name alone. lint NULL or "": no
 * name. */
void check_findings_print(
    FILE *, const char *severity, const char *lint, const char *text);
/* The same for who wants none of them. */
void check_findings_ignore(
    enum conf_severity, const char *lint, const char *text, void *arg);

#endif
