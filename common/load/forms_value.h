/* SPDX-License-Identifier: ISC */
/* The forms of single values. */
#ifndef COMMON_LOAD_FORMS_VALUE_H
#define COMMON_LOAD_FORMS_VALUE_H

#include "load/bind_value.h"

extern const struct form form_only; /* the default, and nothing else */
extern const struct form form_bool;
extern const struct form form_number;
extern const struct form form_duration;
extern const struct form form_seconds;
extern const struct form form_word;
extern const struct form form_choice;
extern const struct form form_text; /* names and interfaces too */
extern const struct form form_addr;
extern const struct form form_option;

#endif
