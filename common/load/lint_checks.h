/* SPDX-License-Identifier: ISC */
/* Judges checks. */
#ifndef COMMON_LOAD_LINT_CHECKS_H
#define COMMON_LOAD_LINT_CHECKS_H

#include "load/source.h"

/* Those of the section `checks`. */
void conf_lint_checks(struct conf_source *);
/* Those of a list that are written in the list itself. */
void conf_lint_inline_checks(struct conf_source *, const struct vec *);

#endif
