/* SPDX-License-Identifier: ISC */
/* HTTP checks, as far as a single one can be wrong. */
#ifndef COMMON_LOAD_CHECK_HTTP_H
#define COMMON_LOAD_CHECK_HTTP_H

#include "load/source.h"

/* Adds an error for each text that no request may have. */
void check_http_lint(struct conf_source *, const struct src_check *);

#endif
