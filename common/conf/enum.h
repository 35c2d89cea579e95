/* SPDX-License-Identifier: ISC */
/* The words of the configuration language, each with its enum. */
#ifndef COMMON_CONF_ENUM_H
#define COMMON_CONF_ENUM_H

#define CONF_ENUM(ENUM, TABLE) enum ENUM { TABLE(CONF_ENUM_ID) }
#define CONF_ENUM_ID(id, text) id,

#define CONF_FOREIGN_TABLE(X)   \
	X(FOREIGN_KEEP, "keep") \
	X(FOREIGN_REMOVE, "remove")
CONF_ENUM(conf_foreign, CONF_FOREIGN_TABLE);

#define CONF_ON_STOP_TABLE(X)     \
	X(ON_STOP_FLUSH, "flush") \
	X(ON_STOP_KEEP, "keep")
CONF_ENUM(conf_on_stop, CONF_ON_STOP_TABLE);

#define CONF_CHECKSUM_TABLE(X)                                           \
	X(CHECKSUM_RFC5798, "rfc5798") /* pseudo-header also for IPv4 */ \
	X(CHECKSUM_RFC9568, "rfc9568")
CONF_ENUM(conf_checksum, CONF_CHECKSUM_TABLE);

#define CONF_STRANGERS_TABLE(X)       \
	X(STRANGERS_ACCEPT, "accept") \
	X(STRANGERS_REFUSE, "refuse")
CONF_ENUM(conf_strangers, CONF_STRANGERS_TABLE);

#define CONF_LEFTOVER_TABLE(X)       \
	X(LEFTOVER_REMOVE, "remove") \
	X(LEFTOVER_KEEP, "keep")
CONF_ENUM(conf_leftover, CONF_LEFTOVER_TABLE);

#define CONF_CHECK_TYPE_TABLE(X) \
	X(CHECK_TCP, "tcp")      \
	X(CHECK_HTTP, "http")
CONF_ENUM(conf_check_type, CONF_CHECK_TYPE_TABLE);
/* How many there are, for what has a line for some of them. */
#define CONF_CHECK_TYPES	(0 CONF_CHECK_TYPE_TABLE(CONF_ENUM_ONE))
#define CONF_ENUM_ONE(id, text) +1

#define CONF_FORWARD_TABLE(X)       \
	X(FORWARD_DIRECT, "direct") \
	X(FORWARD_NAT, "nat")
CONF_ENUM(conf_forward, CONF_FORWARD_TABLE);

#define CONF_SERVER_STATE_TABLE(X)   \
	X(SERVER_ENABLED, "enabled") \
	X(SERVER_DRAINED, "drained")
CONF_ENUM(conf_server_state, CONF_SERVER_STATE_TABLE);

#define CONF_PROTOCOL_TABLE(X) \
	X(PROTOCOL_TCP, "tcp") \
	X(PROTOCOL_UDP, "udp")
CONF_ENUM(conf_protocol, CONF_PROTOCOL_TABLE);

#define CONF_WHEN_DOWN_TABLE(X)       \
	X(WHEN_DOWN_REMOVE, "remove") \
	X(WHEN_DOWN_WEIGHT_ZERO, "weight_zero")
CONF_ENUM(conf_when_down, CONF_WHEN_DOWN_TABLE);

#define CONF_CLOSE_TABLE(X)         \
	X(CLOSE_ORDERLY, "orderly") \
	X(CLOSE_RESET, "reset")
CONF_ENUM(conf_close, CONF_CLOSE_TABLE);

#undef CONF_ENUM_ID

const char *conf_check_type_name(enum conf_check_type);
const char *conf_forward_name(enum conf_forward);
const char *conf_protocol_name(enum conf_protocol);

#endif
