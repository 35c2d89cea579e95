/* SPDX-License-Identifier: ISC */
/*
 * The one table of the configuration language; conf/schema.h explains the
 * columns. Durations, numbers and words have their limits here, what depends
 * on more than one value is load/lint*.c's. Here are the sections, nodes and
 * ipvs; conf/schema_vrrp.c and conf/schema_services.c have the others.
 */
#include "conf/schema.h"
#include "conf/schema_row.h"

/* clang-format off: a table */

#define ALL	(MI | MV | MK)
#define NODE(m) F(src_node, m)
#define IPVS(m) F(src_ipvs, m)
#define ROOT(m) F(src_root, m)

static const struct conf_row node_rows[] = {
    {NULL, T_NAME, 0, MI, NODE(c.name), WIRE("name")},
    {NULL, T_BOOL, 0, MI, NODE(c.self), WIRE("self")},
    {"address", T_ONE_ADDR, ROW_HIDDEN, 0, NODE(c.addresses)},
    {"addresses", T_ADDRS, 0, MI, NODE(c.addresses),
	RANGE(0, NODE_ADDRESSES_MAX)},
};

static const struct conf_schema node_schema = {
    .name = "node",
    .id = SCHEMA_NODE,
    ROWS(node_rows),
    .source_size = sizeof(struct src_node),
    .conf_size = sizeof(struct conf_node),
    .head = offsetof(struct src_node, head),
    .label = offsetof(struct src_node, c.name),
    .named = true,
    .flow = true,
    .scalar = 3,
};

static const struct conf_row timeout_rows[] = {
    {"tcp", T_SECONDS, 0, MI, IPVS(c.tcp_timeout), RANGE(0, TIMEOUT_MAX),
	DEF("0s")},
    {"tcp_fin", T_SECONDS, 0, MI, IPVS(c.tcp_fin_timeout),
	RANGE(0, TIMEOUT_MAX), DEF("0s")},
    {"udp", T_SECONDS, 0, MI, IPVS(c.udp_timeout), RANGE(0, TIMEOUT_MAX),
	DEF("0s")},
};
static const struct conf_schema timeout_schema = {
    .name = "timeouts",
    .id = SCHEMA_PART,
    ROWS(timeout_rows),
    .flow = true,
};

static const struct conf_row sync_rows[] = {
    {NULL, T_BOOL, 0, MI, IPVS(c.sync.enabled), WIRE("enabled")},
    {NULL, T_INTERFACE, ROW_NULL, MI, IPVS(c.sync.interface),
	WIRE("interface")},
    {NULL, T_NUMBER, 0, MI, IPVS(c.sync.instance), WIRE("instance")},
    {"interface", T_INTERFACE_BY_NODE, ROW_REQUIRED, 0, IPVS(sync_interface)},
    {"id", T_NUMBER, 0, MI, IPVS(c.sync.id), RANGE(0, 255), DEF("0")},
    {"vrrp", T_NAME, 0, 0, IPVS(sync_vrrp)},
    {"group", T_ADDR, 0, MI, IPVS(c.sync.group), DEF("224.0.0.81")},
    {"port", T_NUMBER, 0, MI, IPVS(c.sync.port), RANGE(1, 65535), DEF("8848")},
    {"threshold", T_NUMBER, 0, MI, IPVS(c.sync.threshold), RANGE(0, 2147483647),
	DEF("3")},
    {"period", T_NUMBER, 0, MI, IPVS(c.sync.period), RANGE(0, 2147483647),
	DEF("50")},
    {"refresh", T_DURATION, 0, MI, IPVS(c.sync.refresh), RANGE(0, 2147483000),
	DEF("0s")},
};
static const struct conf_schema sync_schema = {
    .name = "sync",
    .id = SCHEMA_PART,
    ROWS(sync_rows),
};

static const struct conf_row option_rows[] = {
    {"expire_nodest_conn", T_OPTION, 0, MI, IPVS(c.expire_nodest_conn),
	RANGE(0, 1), DEF("true")},
    {"sloppy_tcp", T_OPTION, 0, MI, IPVS(c.sloppy_tcp), RANGE(0, 1)},
    {"expire_quiescent_template", T_OPTION, 0, MI,
	IPVS(c.expire_quiescent_template), RANGE(0, 1)},
    {"conn_reuse_mode", T_OPTION, 0, MI, IPVS(c.conn_reuse_mode), RANGE(0, 3)},
    {"conntrack", T_OPTION, 0, MI, IPVS(c.conntrack), RANGE(0, 1)},
};
static const struct conf_schema option_schema = {
    .name = "options",
    .id = SCHEMA_PART,
    ROWS(option_rows),
};

static const struct conf_row ipvs_rows[] = {
    {"timeouts", T_GROUP, 0, MI, .offset = 0, SUB(timeout_schema)},
    {"foreign", T_WORD, 0, MI, IPVS(c.foreign), WORDS(conf_words_foreign),
	DEF("keep")},
    {"resync", T_DURATION, 0, MI, IPVS(c.resync), RANGE(1000, DAY), DEF("60s")},
    {"on_stop", T_WORD, 0, MI, IPVS(c.on_stop), WORDS(conf_words_on_stop),
	DEF("flush")},
    {"sync", T_GROUP, ROW_PRESENT, MI, PRESENT(src_ipvs, c.sync.enabled),
	SUB(sync_schema)},
    {"options", T_GROUP, 0, MI, .offset = 0, SUB(option_schema)},
};
static const struct conf_schema ipvs_schema = {
    .name = "ipvs",
    .id = SCHEMA_PART,
    ROWS(ipvs_rows),
    .head = offsetof(struct src_ipvs, head),
};

static const struct conf_row held_rows[] = {
    {NULL, T_ADDR, 0, MK, F(conf_held, addr), WIRE("addr")},
    {NULL, T_INTERFACE, 0, MK, F(conf_held, interface), WIRE("interface")},
};
static const struct conf_schema held_schema = {
    .name = "held",
    .id = SCHEMA_PART,
    ROWS(held_rows),
    .conf_size = sizeof(struct conf_held),
};

/* Probes come before services, and instances too: these refer to them. */
static const struct conf_row root_rows[] = {
    {"cluster", T_NAME, 0, ALL, ROOT(c.cluster)},
    {NULL, T_NAME, 0, ALL, ROOT(c.self), WIRE("self")},
    {"nodes", T_SECTION, ROW_REQUIRED, 0, ROOT(nodes), SUB(node_schema),
	RANGE(0, CONF_NODES_MAX)},
    {NULL, T_ARRAY, 0, MI, ROOT(c.nodes), COUNT(src_root, c.node_count),
	SUB(node_schema), WIRE("nodes"), RANGE(0, CONF_NODES_MAX)},
    {NULL, T_ADDRS, ROW_NULL, MK, ROOT(c.own), WIRE("own"), RANGE(0, 64)},
    {NULL, T_ARRAY, 0, MK, ROOT(c.held), COUNT(src_root, c.held_count),
	SUB(held_schema), WIRE("held"), RANGE(0, CONF_ADDRESSES_MAX)},
    {"ipvs", T_GROUP, 0, 0, ROOT(ipvs), SUB(ipvs_schema)},
    {NULL, T_GROUP, 0, MI, ROOT(c.ipvs), SUB(ipvs_schema), WIRE("ipvs")},
    {"vrrp", T_SECTION, 0, 0, ROOT(instances), SUB(conf_schema_instance)},
    {NULL, T_ARRAY, 0, MI | MV, ROOT(c.instances),
	COUNT(src_root, c.instance_count), SUB(conf_schema_instance),
	WIRE("instances"), RANGE(0, CONF_INSTANCES_MAX)},
    {"checks", T_SECTION, 0, 0, ROOT(checks), SUB(conf_schema_check)},
    {NULL, T_ARRAY, 0, MI | MK, ROOT(c.probes), COUNT(src_root, c.probe_count),
	SUB(conf_schema_check), WIRE("probes"), RANGE(0, CONF_SERVERS_MAX)},
    {"services", T_SECTION, 0, 0, ROOT(services), SUB(conf_schema_service)},
    {NULL, T_ARRAY, 0, MI, ROOT(c.services), COUNT(src_root, c.service_count),
	SUB(conf_schema_service), WIRE("services"),
	RANGE(0, CONF_SERVICES_MAX)},
    NOT_BUILT("sync_groups"),
};

const struct conf_schema conf_schema_root = {
    .name = "configuration",
    .id = SCHEMA_ROOT,
    ROWS(root_rows),
    .source_size = sizeof(struct src_root),
    .conf_size = sizeof(struct conf),
    .head = offsetof(struct src_root, head),
};
