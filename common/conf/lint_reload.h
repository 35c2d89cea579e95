/* SPDX-License-Identifier: ISC */
/* Judges what a reload would change. */
#ifndef COMMON_CONF_LINT_RELOAD_H
#define COMMON_CONF_LINT_RELOAD_H

#include "conf/conf.h"
#include "conf/severity.h"

/*
 * Lint across a reload, from two configurations of one node (severity error
 * refuses it): e.g. a changed version 2 interval. Gives errors counted.
 */
unsigned conf_lint_reload(
    const struct conf *old, const struct conf *new, conf_report_fn, void *arg);

#endif
