/* SPDX-License-Identifier: ISC */
/* The schema of `services`. */
#include "conf/schema.h"
#include "conf/schema_row.h"

/* clang-format off: a table */

/* Of one service: it is read in one go. */
#define SERVERS_MAX 8192

#define SERVER(m)   F(src_server, m)
#define SERVICE(m)  F(src_service, m)

static const struct conf_row server_rows[] = {
    {NULL, T_NUMBER, ROW_ID, MI, SERVER(c.id), RANGE(0, CONF_SERVERS_MAX - 1),
	WIRE("id")},
    {NULL, T_KEY, 0, MI, SERVER(c.key), WIRE("key")},
    {"server", T_SERVER, ROW_SCALAR | ROW_HIDDEN, 0, SERVER(c.addr)},
    {"node", T_NAME, ROW_NULL, MI, SERVER(c.node)},
    {"address", T_ADDR, 0, MI, SERVER(c.addr)},
    {"port", T_NUMBER, 0, MI, SERVER(c.port), RANGE(0, 65535)},
    {"weight", T_NUMBER, 0, MI, SERVER(c.weight), RANGE(0, 65535), DEF("1")},
    {"forward", T_WORD, 0, MI, SERVER(c.forward), WORDS(conf_words_forward)},
    {"max_connections", T_NUMBER, 0, MI, SERVER(c.max_connections),
	RANGE(0, UINT32_MAX), DEF("0")},
    {"min_connections", T_NUMBER, 0, MI, SERVER(c.min_connections),
	RANGE(0, UINT32_MAX), DEF("0")},
    {"state", T_WORD, 0, MI, SERVER(c.state), WORDS(conf_words_server_state),
	DEF("enabled")},
    {NULL, T_BOOL, 0, MI, SERVER(c.local), WIRE("local")},
    {NULL, T_IDS, 0, MI, SERVER(c.probes), COUNT(src_server, c.probe_count),
	WIRE("probes"), RANGE(0, 16)},
    {"check", T_ONE, ROW_HIDDEN, 0, SERVER(checks), SUB(conf_schema_check)},
    {"checks", T_LIST, 0, 0, SERVER(checks), SUB(conf_schema_check),
	RANGE(0, 16)},
    NOT_BUILT("tunnel"),
};

const struct conf_schema conf_schema_server = {
    .name = "server",
    .id = SCHEMA_SERVER,
    ROWS(server_rows),
    .source_size = sizeof(struct src_server),
    .conf_size = sizeof(struct conf_server),
    .head = offsetof(struct src_server, head),
    .flow = true,
    .scalar = 3,
};

static const struct conf_row endpoint_rows[] = {
    {"address", T_ENDPOINT, ROW_SCALAR, 0, F(src_endpoint, addr)},
};
static const struct conf_schema endpoint_schema = {
    .name = "address",
    .id = SCHEMA_ENDPOINT,
    ROWS(endpoint_rows),
    .source_size = sizeof(struct src_endpoint),
    .head = offsetof(struct src_endpoint, head),
    .flow = true,
    .scalar = 1,
};

static const struct conf_row persistence_rows[] = {
    {"timeout", T_SECONDS, ROW_REQUIRED, MI, SERVICE(c.persistence),
	RANGE(0, TIMEOUT_MAX)},
    {"prefix", T_NUMBER, 0, MI, SERVICE(c.persistence_prefix), RANGE(0, 128)},
};
static const struct conf_schema persistence_schema = {
    .name = "persistence",
    .id = SCHEMA_PART,
    ROWS(persistence_rows),
    .flow = true,
};

static const struct conf_row service_rows[] = {
    {NULL, T_NUMBER, ROW_ID, MI, SERVICE(c.id), RANGE(0, CONF_SERVICES_MAX - 1),
	WIRE("id")},
    {NULL, T_NAME, 0, MI, SERVICE(c.name), WIRE("name")},
    {NULL, T_ADDR, 0, MI, SERVICE(c.addr), WIRE("addr")},
    {NULL, T_NUMBER, 0, MI, SERVICE(c.port), RANGE(0, 65535), WIRE("port")},
    {NULL, T_NUMBER, 0, MI, SERVICE(c.instance),
	RANGE(0, CONF_INSTANCES_MAX - 1), WIRE("instance")},
    {NULL, T_BOOL, 0, MI, SERVICE(c.director), WIRE("director")},
    {NULL, T_NUMBER, 0, MI, SERVICE(c.flags), RANGE(0, 0x38), WIRE("flags")},
    {"address", T_ONE, ROW_HIDDEN, 0, SERVICE(endpoints), SUB(endpoint_schema)},
    {"addresses", T_LIST, 0, 0, SERVICE(endpoints), SUB(endpoint_schema)},
    {"protocol", T_WORD, 0, MI, SERVICE(c.protocol), WORDS(conf_words_protocol),
	DEF("tcp")},
    {"scheduler", T_CHOICE, 0, MI, SERVICE(c.scheduler),
	WORDS(conf_words_scheduler), DEF("wlc")},
    {"flags", T_FLAGS, 0, 0, SERVICE(flags)},
    {"forward", T_WORD, ROW_HIDDEN, 0, SERVICE(forward),
	WORDS(conf_words_forward), DEF("direct")},
    {"vrrp", T_NAME, 0, 0, SERVICE(vrrp)},
    {"persistence", T_GROUP, ROW_PRESENT, MI,
	PRESENT(src_service, c.persistence), SUB(persistence_schema)},
    {"one_packet", T_BOOL, 0, MI, SERVICE(c.one_packet), DEF("false")},
    {"when_down", T_WORD, 0, MI, SERVICE(c.when_down),
	WORDS(conf_words_when_down), DEF("remove")},
    {"start", T_WORD, 0, MI, SERVICE(c.start_up), WORDS(conf_words_start),
	DEF("up")},
    {"slow_start", T_DURATION, 0, MI, SERVICE(c.slow_start), RANGE(0, DAY)},
    {"check", T_ONE, ROW_HIDDEN, 0, SERVICE(checks), SUB(conf_schema_check)},
    {"checks", T_LIST, 0, 0, SERVICE(checks), SUB(conf_schema_check),
	RANGE(0, 16)},
    {"servers", T_LIST, ROW_REQUIRED, 0, SERVICE(servers),
	SUB(conf_schema_server), RANGE(0, SERVERS_MAX)},
    {NULL, T_ARRAY, 0, MI, SERVICE(c.servers),
	COUNT(src_service, c.server_count), SUB(conf_schema_server),
	WIRE("servers"), RANGE(0, SERVERS_MAX)},
    NOT_BUILT("fwmark"),
    NOT_BUILT("family"),
    NOT_BUILT("quorum"),
    NOT_BUILT("sorry_server"),
};

const struct conf_schema conf_schema_service = {
    .name = "service",
    .id = SCHEMA_SERVICE,
    ROWS(service_rows),
    .source_size = sizeof(struct src_service),
    .conf_size = sizeof(struct conf_service),
    .head = offsetof(struct src_service, head),
    .label = offsetof(struct src_service, c.name),
    .named = true,
};
