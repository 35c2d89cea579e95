/* SPDX-License-Identifier: ISC */
/* The forms of values in nodes and vrrp that are more than a word. */
#ifndef COMMON_LOAD_FORMS_VRRP_H
#define COMMON_LOAD_FORMS_VRRP_H

#include "load/bind_value.h"

extern const struct form form_by_node; /* an interface or an address */
extern const struct form form_priorities;
extern const struct form form_preempt;
extern const struct form form_prefixed;
extern const struct form form_addrs;
extern const struct form form_one_addr;

#endif
