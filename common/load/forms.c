/* SPDX-License-Identifier: ISC */
/* The form of each type of value. */
#include "load/forms.h"
#include "load/forms_service.h"
#include "load/forms_value.h"
#include "load/forms_vrrp.h"

const struct form *const conf_forms[T_MAX] = {
    [T_ONLY] = &form_only,
    [T_BOOL] = &form_bool,
    [T_NUMBER] = &form_number,
    [T_DURATION] = &form_duration,
    [T_SECONDS] = &form_seconds,
    [T_WORD] = &form_word,
    [T_CHOICE] = &form_choice,
    [T_NAME] = &form_text,
    [T_INTERFACE] = &form_text,
    [T_TEXT] = &form_text,
    [T_ADDR] = &form_addr,
    [T_ADDRS] = &form_addrs,
    [T_ONE_ADDR] = &form_one_addr,
    [T_OPTION] = &form_option,
    [T_INTERFACE_BY_NODE] = &form_by_node,
    [T_ADDR_BY_NODE] = &form_by_node,
    [T_ADDRS_BY_NODE] = &form_by_node,
    [T_PRIORITIES] = &form_priorities,
    [T_PREEMPT] = &form_preempt,
    [T_PREFIXED] = &form_prefixed,
    [T_ENDPOINT] = &form_endpoint,
    [T_FLAGS] = &form_flags,
    [T_SERVER] = &form_server,
    [T_HEADERS] = &form_headers,
    [T_STATUSES] = &form_statuses,
};
