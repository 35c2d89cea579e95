/* SPDX-License-Identifier: ISC */
/*
 * From the operator's files to the three encoded configurations. Used by
 * ipvsd's parser (without any capability) and by `vipctl check`; the only
 * part of triumvir that links libyaml (library conf_load).
 */
#ifndef COMMON_LOAD_LOAD_H
#define COMMON_LOAD_LOAD_H

#include <stdio.h>

#include "conf/conf.h"
#include "role.h"

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

struct conf_source;

/*
 * Reads file and, beside it, conf.d/ *.yaml in the order of their names;
 * reports every finding of the run (at most 1,000, then one that says so).
 * node: this host's; NULL or "": the host's name, then the node with an
 * address of this host. *errors and *warnings are counted. Never NULL: free
 * it.
 */
struct conf_source *conf_load(const char *file, const char *node,
    conf_report_fn, void *arg, unsigned *errors, unsigned *warnings);
void conf_source_free(struct conf_source *);
/*
 * The same in two steps, what is read and what it is worth. One that has no
 * errors after the first can be printed at once.
 */
struct conf_source *conf_read(const char *file, const char *node);
bool conf_has_errors(const struct conf_source *);
void conf_judge(struct conf_source *, conf_report_fn, void *arg,
    unsigned *errors, unsigned *warnings);

/* The rest is for a source without errors. */

/* The canonical form, for the whole cluster: it loads to itself. */
void conf_print(struct conf_source *, FILE *);
/* A digest of the canonical form, never 0; equal on every host. Costs next to
 * nothing after conf_print(). */
uint64_t conf_generation(struct conf_source *);
/* A sealed memfd with the rows of role (IPVSD, VRRPD or CHECKD), or -1. */
int conf_encode(struct conf_source *, enum role);
/*
 * The same in two steps: a memfd, or -1; then its header and its seals, which
 * set *size. generation 0, for ipvsd alone: not known yet.
 */
int conf_encode_body(const struct conf_source *, enum role);
bool conf_encode_seal(int fd, enum role, uint64_t generation, uint32_t *size);

/*
 * Lint across a reload, from two configurations of one node (severity error
 * refuses it): e.g. a changed version 2 interval. Gives errors counted.
 */
unsigned conf_lint_reload(
    const struct conf *old, const struct conf *new, conf_report_fn, void *arg);

#endif
