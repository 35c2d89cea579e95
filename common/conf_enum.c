/* SPDX-License-Identifier: ISC */
/* The words of the configuration language. */
#include <stddef.h>

#include "conf_enum.h"

#define ENTRY(id, text) [id] = text,
#define DEFINE(function, type, TABLE)					\
	const char *							\
	function(enum type value)					\
	{								\
		static const char *const names[] = {TABLE(ENTRY)};	\
									\
		if ((size_t)value >= sizeof(names) / sizeof(names[0]))	\
			return "unknown";				\
		return names[value];					\
	}

DEFINE(conf_foreign_name, conf_foreign, CONF_FOREIGN_TABLE)
DEFINE(conf_on_stop_name, conf_on_stop, CONF_ON_STOP_TABLE)
DEFINE(conf_checksum_name, conf_checksum, CONF_CHECKSUM_TABLE)
DEFINE(conf_check_type_name, conf_check_type, CONF_CHECK_TYPE_TABLE)
DEFINE(conf_forward_name, conf_forward, CONF_FORWARD_TABLE)
DEFINE(conf_server_state_name, conf_server_state, CONF_SERVER_STATE_TABLE)
DEFINE(conf_protocol_name, conf_protocol, CONF_PROTOCOL_TABLE)
DEFINE(conf_when_down_name, conf_when_down, CONF_WHEN_DOWN_TABLE)
