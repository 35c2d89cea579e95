/* SPDX-License-Identifier: ISC */
/* The forms of values in checks and services that are more than a word. */
#ifndef COMMON_LOAD_FORMS_SERVICE_H
#define COMMON_LOAD_FORMS_SERVICE_H

#include "load/bind_value.h"

extern const struct form form_endpoint;
extern const struct form form_flags;
extern const struct form form_server;
extern const struct form form_headers;
extern const struct form form_statuses;

#endif
