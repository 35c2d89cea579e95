/* SPDX-License-Identifier: ISC */
/* The words of the configuration language. */

#include <stddef.h>

#include "conf/enum.h"

#define WORD(id, text) [id] = text,
#define NAME_FUNCTION(function, enumeration, table)               \
	const char *function(enum enumeration value)              \
	{                                                         \
		static const char *const words[] = {table(WORD)}; \
		size_t i = (size_t)value;                         \
                                                                  \
		if (i >= sizeof(words) / sizeof(words[0]))        \
			return "unknown";                         \
		return words[i];                                  \
	}

NAME_FUNCTION(conf_foreign_name, conf_foreign, CONF_FOREIGN_TABLE)
NAME_FUNCTION(conf_on_stop_name, conf_on_stop, CONF_ON_STOP_TABLE)
NAME_FUNCTION(conf_checksum_name, conf_checksum, CONF_CHECKSUM_TABLE)
NAME_FUNCTION(conf_check_type_name, conf_check_type, CONF_CHECK_TYPE_TABLE)
NAME_FUNCTION(conf_forward_name, conf_forward, CONF_FORWARD_TABLE)
NAME_FUNCTION(
    conf_server_state_name, conf_server_state, CONF_SERVER_STATE_TABLE)
NAME_FUNCTION(conf_protocol_name, conf_protocol, CONF_PROTOCOL_TABLE)
NAME_FUNCTION(conf_when_down_name, conf_when_down, CONF_WHEN_DOWN_TABLE)
