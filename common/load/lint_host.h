/* SPDX-License-Identifier: ISC */
/* Judges a resolved configuration by what this host has. */
#ifndef COMMON_LOAD_LINT_HOST_H
#define COMMON_LOAD_LINT_HOST_H

#include "load/source.h"

/* Makes findings when this host is the node that it is for; else none. */
void conf_lint_host(struct conf_source *);

#endif
