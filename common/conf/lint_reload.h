/* SPDX-License-Identifier: ISC */
/* Judges what a reload would change. */
#ifndef COMMON_CONF_LINT_RELOAD_H
#define COMMON_CONF_LINT_RELOAD_H

#include "conf/conf.h"
#include "conf/severity.h"

/*
 * Lint across a reload, from two configurations of one node as ipvsd has them:
 * what peers do not bear while one host after the other reloads (another vrid,
 * addresses that move), and what is not what it was. Gives the errors counted,
 * which refuse it.
 */
unsigned conf_lint_reload(
    const struct conf *old, const struct conf *new, conf_report_fn, void *arg);

#endif
