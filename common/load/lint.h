/* SPDX-License-Identifier: ISC */
/* Judges a resolved configuration. */
#ifndef COMMON_LOAD_LINT_H
#define COMMON_LOAD_LINT_H

#include "load/source.h"

/* Makes findings, and changes nothing else. */
void conf_lint(struct conf_source *);

#endif
