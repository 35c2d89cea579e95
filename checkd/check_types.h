/* SPDX-License-Identifier: ISC */
/* The check types that there are. */
#ifndef CHECKD_CHECK_TYPES_H
#define CHECKD_CHECK_TYPES_H

#include "check.h"

/* NULL when there is no such type. */
const struct check_type *check_type(enum conf_check_type);

#endif
