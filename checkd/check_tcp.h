/* SPDX-License-Identifier: ISC */
#ifndef CHECKD_CHECK_TCP_H
#define CHECKD_CHECK_TCP_H

#include "check.h"

const struct check_type *check_tcp(void);

#endif
