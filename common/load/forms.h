/* SPDX-License-Identifier: ISC */
/* The form of each type of value; NULL: the type is no single value. */
#ifndef COMMON_LOAD_FORMS_H
#define COMMON_LOAD_FORMS_H

#include "load/bind_value.h"

extern const struct form *const conf_forms[T_MAX];

#endif
