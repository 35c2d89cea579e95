/* SPDX-License-Identifier: ISC */
#ifndef CHECKD_CHECK_HTTP_H
#define CHECKD_CHECK_HTTP_H

#include "check.h"

const struct check_type *check_http(void);

#endif
