/* SPDX-License-Identifier: ISC */
/* The words of the configuration language. */

#include "conf/enum.h"
#include "name.h"

NAME_FUNCTION(
    conf_check_type_name, conf_check_type, CONF_CHECK_TYPE_TABLE, "unknown")
NAME_FUNCTION(conf_forward_name, conf_forward, CONF_FORWARD_TABLE, "unknown")
NAME_FUNCTION(conf_protocol_name, conf_protocol, CONF_PROTOCOL_TABLE, "unknown")
