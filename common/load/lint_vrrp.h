/* SPDX-License-Identifier: ISC */
/* Judges virtual routers. */
#ifndef COMMON_LOAD_LINT_VRRP_H
#define COMMON_LOAD_LINT_VRRP_H

#include "load/source.h"

void conf_lint_vrrp(struct conf_source *);

#endif
