/* SPDX-License-Identifier: ISC */
/* Judges services and servers. */
#ifndef COMMON_LOAD_LINT_SERVICES_H
#define COMMON_LOAD_LINT_SERVICES_H

#include "load/source.h"

void conf_lint_services(struct conf_source *);

#endif
