/* SPDX-License-Identifier: ISC */
/*
 * The one table of the configuration language; conf_schema.h explains the
 * columns. Durations, numbers and words have their limits here, what depends
 * on more than one value is conf_lint*.c's.
 */

#include "conf_source.h"
#include "conf_words.h"
#include "role.h"

/* clang-format off: a table */

/* The columns of a field, of a counted list and of limits. */
#define F(st, m) \
	.offset = offsetof(struct st, m), .size = sizeof(((struct st *)NULL)->m)
#define COUNT(st, m)  .count = offsetof(struct st, m)
#define RANGE(lo, hi) .min = (lo), .max = (hi)
#define DEF(text)     .def = text
#define WORDS(list)   .words = list
#define SUB(schema)   .sub = &(schema)
#define PRESENT(st, m) \
	.count = offsetof(struct st, m), .min = sizeof(((struct st *)NULL)->m)
#define NOT_BUILT(name)                              \
	{                                            \
		name, T_NOT_BUILT, 0, 0, .offset = 0 \
	}
#define ALL	    (MI | MV | MK)
#define ROWS(list)  .rows = list, .row_count = sizeof(list) / sizeof(list[0])
#define DAY	    86400000u /* ms */

#define NODE(m)	    F(src_node, m)
#define IPVS(m)	    F(src_ipvs, m)
#define ADDRESS(m)  F(src_address, m)
#define INSTANCE(m) F(src_instance, m)
#define CHECK(m)    F(src_check, m)
#define SERVER(m)   F(src_server, m)
#define SERVICE(m)  F(src_service, m)
#define ROOT(m)	    F(src_root, m)

static const struct conf_row node_rows[] = {
    {NULL, T_NAME, 0, MI, NODE(c.name)},
    {NULL, T_BOOL, 0, MI, NODE(c.self)},
    {"address", T_ONE_ADDR, ROW_HIDDEN, 0, NODE(c.addresses)},
    {"addresses", T_ADDRS, 0, MI, NODE(c.addresses)},
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

/* Seconds: the kernel keeps jiffies in an int, at up to 1000 Hz. */
#define TIMEOUT_MAX 2147483u

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
    {NULL, T_BOOL, 0, MI, IPVS(c.sync.enabled)},
    {NULL, T_INTERFACE, ROW_NULL, MI, IPVS(c.sync.interface)},
    {NULL, T_NUMBER, 0, MI, IPVS(c.sync.instance)},
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

static const struct conf_row address_rows[] = {
    {"address", T_PREFIXED, ROW_REQUIRED, 0, ADDRESS(c.addr)},
    {NULL, T_ADDR, 0, MI | MV, ADDRESS(c.addr)},
    {NULL, T_NUMBER, 0, MI | MV, ADDRESS(c.prefix), RANGE(0, 128)},
    {NULL, T_BOOL, 0, MI | MV, ADDRESS(c.advertised)},
    {"interface", T_INTERFACE, 0, MI | MV, ADDRESS(c.interface)},
    {"label", T_TEXT, ROW_NULL, MI, ADDRESS(c.label), RANGE(1, 15)},
    {"scope", T_WORD, 0, MI, ADDRESS(c.scope), WORDS(conf_words_scope),
	DEF("global")},
};
static const struct conf_schema address_schema = {
    .name = "address",
    .id = SCHEMA_ADDRESS,
    ROWS(address_rows),
    .source_size = sizeof(struct src_address),
    .conf_size = sizeof(struct conf_address),
    .head = offsetof(struct src_address, head),
    .flow = true,
    .scalar = 1,
};

static const struct conf_row garp_rows[] = {
    {"count", T_NUMBER, 0, MV, INSTANCE(c.garp.count), RANGE(1, 100), DEF("5")},
    {"interval", T_DURATION, 0, MV, INSTANCE(c.garp.interval), RANGE(0, 10000),
	DEF("0s")},
    {"repeat_after", T_DURATION, 0, MV, INSTANCE(c.garp.repeat_after),
	RANGE(0, 3600000), DEF("5s")},
    {"refresh", T_DURATION, 0, MV, INSTANCE(c.garp.refresh), RANGE(0, DAY),
	DEF("0s")},
};
static const struct conf_schema garp_schema = {
    .name = "garp",
    .id = SCHEMA_PART,
    ROWS(garp_rows),
    .flow = true,
};

static const struct conf_row instance_rows[] = {
    {NULL, T_NUMBER, ROW_ID, MI | MV, INSTANCE(c.id),
	RANGE(0, CONF_INSTANCES_MAX - 1)},
    {NULL, T_NAME, 0, MI | MV, INSTANCE(c.name)},
    {NULL, T_BOOL, 0, MI | MV, INSTANCE(c.member)},
    {NULL, T_NUMBER, 0, MI | MV, INSTANCE(c.family), RANGE(0, 10)},
    {"interface", T_INTERFACE_BY_NODE, ROW_REQUIRED, 0, INSTANCE(interface)},
    {NULL, T_INTERFACE, ROW_NULL, MI | MV, INSTANCE(c.interface)},
    {"vrid", T_NUMBER, ROW_REQUIRED, MI | MV, INSTANCE(c.vrid), RANGE(1, 255)},
    {"version", T_NUMBER, 0, MI | MV, INSTANCE(c.version), RANGE(2, 3),
	DEF("3")},
    {"checksum", T_WORD, 0, MV, INSTANCE(c.checksum),
	WORDS(conf_words_checksum), DEF("rfc5798")},
    {"strict", T_BOOL, 0, MV, INSTANCE(c.strict), DEF("false")},
    {"interval", T_DURATION, 0, MI | MV, INSTANCE(c.interval),
	RANGE(10, 255000), DEF("1s")},
    {"nodes", T_PRIORITIES, ROW_REQUIRED, 0, INSTANCE(nodes)},
    {NULL, T_NUMBER, 0, MV, INSTANCE(c.priority), RANGE(0, 255)},
    {"preempt", T_PREEMPT, 0, 0, INSTANCE(c.preempt), RANGE(0, DAY),
	DEF("true")},
    {NULL, T_BOOL, 0, MV, INSTANCE(c.preempt)},
    {NULL, T_DURATION, 0, MV, INSTANCE(c.preempt_delay), RANGE(0, DAY)},
    {"start_delay", T_DURATION, 0, MV, INSTANCE(c.start_delay), RANGE(0, DAY),
	DEF("0s")},
    {"owner_ignore_adverts", T_BOOL, 0, MV, INSTANCE(c.owner_ignore_adverts),
	DEF("false")},
    {"accept", T_ONLY, 0, 0, .offset = 0, DEF("true")},
    {"virtual_mac", T_ONLY, 0, 0, .offset = 0, DEF("false")},
    {"unicast", T_ONLY, 0, 0, .offset = 0, DEF("false")},
    {"source", T_ADDR_BY_NODE, 0, 0, INSTANCE(source)},
    {NULL, T_ADDR, 0, MV, INSTANCE(c.source)},
    {"garp", T_GROUP, 0, MV, .offset = 0, SUB(garp_schema)},
    {"addresses", T_LIST, 0, 0, INSTANCE(addresses), SUB(address_schema)},
    {"more_addresses", T_LIST, 0, 0, INSTANCE(more), SUB(address_schema)},
    {"spread", T_LIST, ROW_HIDDEN, 0, INSTANCE(spread), SUB(address_schema)},
    {NULL, T_ARRAY, 0, MI | MV, INSTANCE(c.addresses),
	COUNT(src_instance, c.address_count), SUB(address_schema)},
    NOT_BUILT("on_lost"),
    NOT_BUILT("routes"),
    NOT_BUILT("rules"),
    NOT_BUILT("track"),
    NOT_BUILT("authentication"),
};
_Static_assert(sizeof(instance_rows) / sizeof(instance_rows[0]) <= 64, "given");

const struct conf_schema conf_schema_instance = {
    .name = "vrrp",
    .id = SCHEMA_INSTANCE,
    ROWS(instance_rows),
    .source_size = sizeof(struct src_instance),
    .conf_size = sizeof(struct conf_instance),
    .head = offsetof(struct src_instance, head),
    .label = offsetof(struct src_instance, c.name),
    .named = true,
};

static const struct conf_row status_rows[] = {
    {NULL, T_NUMBER, 0, MK, F(conf_status_range, low), RANGE(100, 599)},
    {NULL, T_NUMBER, 0, MK, F(conf_status_range, high), RANGE(100, 599)},
};
static const struct conf_schema status_schema = {
    .name = "status",
    .id = SCHEMA_PART,
    ROWS(status_rows),
    .conf_size = sizeof(struct conf_status_range),
};

static const struct conf_row header_rows[] = {
    {NULL, T_TEXT, 0, MK, F(conf_header, name), RANGE(1, 256)},
    {NULL, T_TEXT, 0, MK, F(conf_header, value), RANGE(0, 4096)},
};
static const struct conf_schema header_schema = {
    .name = "headers",
    .id = SCHEMA_PART,
    ROWS(header_rows),
    .conf_size = sizeof(struct conf_header),
};

static const struct conf_row expect_rows[] = {
    {"status", T_STATUSES, 0, 0, CHECK(c.status), RANGE(1, 64), DEF("200-299")},
    {NULL, T_ARRAY, 0, MK, CHECK(c.status), COUNT(src_check, c.status_count),
	SUB(status_schema)},
    {"body", T_TEXT, ROW_NULL, MK, CHECK(c.body), RANGE(1, 4096)},
    NOT_BUILT("body_regex"),
    NOT_BUILT("rcode"),
    NOT_BUILT("answer"),
    NOT_BUILT("reply"),
    NOT_BUILT("reply_hex"),
};
static const struct conf_schema expect_schema = {
    .name = "expect",
    .id = SCHEMA_PART,
    ROWS(expect_rows),
    .flow = true,
};

static const struct conf_row check_rows[] = {
    {NULL, T_NUMBER, ROW_ID, MI | MK, CHECK(c.id),
	RANGE(0, CONF_SERVERS_MAX - 1)},
    {NULL, T_NAME, ROW_NULL, MI | MK, CHECK(c.check)},
    {NULL, T_ADDR, 0, MI | MK, CHECK(c.addr)},
    {"ref", T_NAME, ROW_SCALAR | ROW_HIDDEN, 0, CHECK(ref)},
    {"type", T_WORD, ROW_REQUIRED, MI | MK, CHECK(c.type),
	WORDS(conf_words_check_type)},
    {"port", T_NUMBER, 0, MI | MK, CHECK(c.port), RANGE(0, 65535), DEF("0")},
    {"interval", T_DURATION, 0, MI | MK, CHECK(c.interval), RANGE(10, DAY),
	DEF("5s")},
    {"timeout", T_DURATION, 0, MI | MK, CHECK(c.timeout), RANGE(1, DAY),
	DEF("2s")},
    {"rise", T_NUMBER, 0, MI | MK, CHECK(c.rise), RANGE(1, 1000), DEF("2")},
    {"fall", T_NUMBER, 0, MI | MK, CHECK(c.fall), RANGE(1, 1000), DEF("3")},
    {"warm_up", T_DURATION, 0, MI | MK, CHECK(c.warm_up), RANGE(0, DAY)},
    {"method", T_CHOICE, ROW_HTTP, MK, CHECK(c.method),
	WORDS(conf_words_method), DEF("GET")},
    {"host", T_TEXT, ROW_HTTP | ROW_NULL, MK, CHECK(c.host), RANGE(1, 255)},
    {"path", T_TEXT, ROW_HTTP, MK, CHECK(c.path), RANGE(1, 4096), DEF("/")},
    {"headers", T_HEADERS, ROW_HTTP, 0, CHECK(c.headers), RANGE(0, 64)},
    {NULL, T_ARRAY, 0, MK, CHECK(c.headers), COUNT(src_check, c.header_count),
	SUB(header_schema)},
    {"expect", T_GROUP, ROW_HTTP, MK, .offset = 0, SUB(expect_schema)},
    NOT_BUILT("tls"),
    NOT_BUILT("address"),
    NOT_BUILT("name"),
    NOT_BUILT("record"),
    NOT_BUILT("helo"),
    NOT_BUILT("send"),
    NOT_BUILT("send_hex"),
    NOT_BUILT("command"),
};

const struct conf_schema conf_schema_check = {
    .name = "check",
    .id = SCHEMA_CHECK,
    ROWS(check_rows),
    .source_size = sizeof(struct src_check),
    .conf_size = sizeof(struct conf_probe),
    .head = offsetof(struct src_check, head),
    .label = offsetof(struct src_check, c.check),
    .named = true,
    .scalar = 4,
};

static const struct conf_row server_rows[] = {
    {NULL, T_NUMBER, ROW_ID, MI, SERVER(c.id), RANGE(0, CONF_SERVERS_MAX - 1)},
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
    {NULL, T_BOOL, 0, MI, SERVER(c.local)},
    {NULL, T_IDS, 0, MI, SERVER(c.probes), COUNT(src_server, c.probe_count)},
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
    .scalar = 2,
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
    {NULL, T_NUMBER, ROW_ID, MI, SERVICE(c.id),
	RANGE(0, CONF_SERVICES_MAX - 1)},
    {NULL, T_NAME, 0, MI, SERVICE(c.name)},
    {NULL, T_ADDR, 0, MI, SERVICE(c.addr)},
    {NULL, T_NUMBER, 0, MI, SERVICE(c.port), RANGE(0, 65535)},
    {NULL, T_NUMBER, 0, MI, SERVICE(c.instance),
	RANGE(0, CONF_INSTANCES_MAX - 1)},
    {NULL, T_BOOL, 0, MI, SERVICE(c.director)},
    {NULL, T_NUMBER, 0, MI, SERVICE(c.flags), RANGE(0, 0x38)},
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
    {"check", T_ONE, ROW_HIDDEN, 0, SERVICE(checks), SUB(conf_schema_check)},
    {"checks", T_LIST, 0, 0, SERVICE(checks), SUB(conf_schema_check),
	RANGE(0, 16)},
    {"servers", T_LIST, ROW_REQUIRED, 0, SERVICE(servers),
	SUB(conf_schema_server)},
    {NULL, T_ARRAY, 0, MI, SERVICE(c.servers),
	COUNT(src_service, c.server_count), SUB(conf_schema_server)},
    NOT_BUILT("fwmark"),
    NOT_BUILT("family"),
    NOT_BUILT("quorum"),
    NOT_BUILT("sorry_server"),
    NOT_BUILT("slow_start"),
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

/* Probes come before services, and instances too: these refer to them. */
static const struct conf_row root_rows[] = {
    {"cluster", T_NAME, 0, ALL, ROOT(c.cluster)},
    {NULL, T_NAME, 0, ALL, ROOT(c.self)},
    {"nodes", T_SECTION, ROW_REQUIRED, 0, ROOT(nodes), SUB(node_schema)},
    {NULL, T_ARRAY, 0, MI, ROOT(c.nodes), COUNT(src_root, c.node_count),
	SUB(node_schema)},
    {"ipvs", T_GROUP, 0, 0, ROOT(ipvs), SUB(ipvs_schema)},
    {NULL, T_GROUP, 0, MI, ROOT(c.ipvs), SUB(ipvs_schema)},
    {"vrrp", T_SECTION, 0, 0, ROOT(instances), SUB(conf_schema_instance)},
    {NULL, T_ARRAY, 0, MI | MV, ROOT(c.instances),
	COUNT(src_root, c.instance_count), SUB(conf_schema_instance)},
    {"checks", T_SECTION, 0, 0, ROOT(checks), SUB(conf_schema_check)},
    {NULL, T_ARRAY, 0, MI | MK, ROOT(c.probes), COUNT(src_root, c.probe_count),
	SUB(conf_schema_check)},
    {"services", T_SECTION, 0, 0, ROOT(services), SUB(conf_schema_service)},
    {NULL, T_ARRAY, 0, MI, ROOT(c.services), COUNT(src_root, c.service_count),
	SUB(conf_schema_service)},
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
