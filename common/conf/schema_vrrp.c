/* SPDX-License-Identifier: ISC */
/* The schema of `vrrp`: instances and their addresses. */
#include "conf/schema.h"
#include "conf/schema_row.h"

/* clang-format off: a table */

#define ADDRESS(m)	 F(src_address, m)
/* Of one instance: they are read in one go. */
#define ADDRESSES_MAX	 2048

#define INSTANCE(m)	 F(src_instance, m)
/* Of one peer: what `nodes`, `sources` and `peers` say. */
#define PEER_SOURCES_MAX (2 * NODE_ADDRESSES_MAX + 1)

static const struct conf_row address_rows[] = {
    {"address", T_PREFIXED, ROW_REQUIRED, 0, ADDRESS(c.addr)},
    {NULL, T_ADDR, 0, MI | MV, ADDRESS(c.addr), WIRE("addr")},
    {NULL, T_NUMBER, 0, MI | MV, ADDRESS(c.prefix), RANGE(0, 128),
	WIRE("prefix")},
    {NULL, T_BOOL, 0, MI | MV, ADDRESS(c.advertised), WIRE("advertised")},
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

static const struct conf_row unicast_rows[] = {
    {"peers", T_ADDR_BY_NODE, 0, 0, INSTANCE(unicast_peers)},
    {"hops", T_NUMBER, 0, 0, INSTANCE(c.hops), RANGE(0, 254), DEF("0")},
    {"sources", T_ADDRS_BY_NODE, 0, 0, INSTANCE(unicast_sources),
	RANGE(0, NODE_ADDRESSES_MAX)},
};
static const struct conf_schema unicast_schema = {
    .name = "unicast",
    .id = SCHEMA_PART,
    ROWS(unicast_rows),
    .flow = true,
};

static const struct conf_row peer_rows[] = {
    {NULL, T_ADDRS, 0, MV, F(conf_peer, sources), RANGE(0, PEER_SOURCES_MAX),
	WIRE("sources")},
    {NULL, T_NAME, ROW_NULL, MV, F(conf_peer, name), WIRE("name")},
    {NULL, T_ADDR, 0, MV, F(conf_peer, to), WIRE("to")},
};
static const struct conf_schema peer_schema = {
    .name = "peer",
    .id = SCHEMA_PART,
    ROWS(peer_rows),
    .source_size = sizeof(struct conf_peer),
    .conf_size = sizeof(struct conf_peer),
};

static const struct conf_row instance_rows[] = {
    {NULL, T_NUMBER, ROW_ID, MI | MV, INSTANCE(c.id),
	RANGE(0, CONF_INSTANCES_MAX - 1), WIRE("id")},
    {NULL, T_KEY, 0, MI | MV, INSTANCE(c.key), WIRE("key")},
    {NULL, T_NAME, 0, MI | MV, INSTANCE(c.name), WIRE("name")},
    {NULL, T_BOOL, 0, MI | MV, INSTANCE(c.member), WIRE("member")},
    {NULL, T_NUMBER, 0, MI | MV, INSTANCE(c.family), RANGE(0, 10),
	WIRE("family")},
    {"interface", T_INTERFACE_BY_NODE, ROW_REQUIRED, 0, INSTANCE(interface)},
    {NULL, T_INTERFACE, ROW_NULL, MI | MV, INSTANCE(c.interface),
	WIRE("interface")},
    {"vrid", T_NUMBER, ROW_REQUIRED, MI | MV, INSTANCE(c.vrid), RANGE(1, 255)},
    {"version", T_NUMBER, 0, MI | MV, INSTANCE(c.version), RANGE(2, 3),
	DEF("3")},
    {"checksum", T_WORD, 0, MV, INSTANCE(c.checksum),
	WORDS(conf_words_checksum), DEF("rfc5798")},
    {"strict", T_BOOL, 0, MV, INSTANCE(c.strict), DEF("false")},
    {"strangers", T_WORD, 0, MV, INSTANCE(c.strangers),
	WORDS(conf_words_strangers), DEF("accept")},
    {"interval", T_DURATION, 0, MI | MV, INSTANCE(c.interval),
	RANGE(10, 255000), DEF("1s")},
    {"nodes", T_PRIORITIES, ROW_REQUIRED, 0, INSTANCE(nodes)},
    {NULL, T_NUMBER, 0, MV, INSTANCE(c.priority), RANGE(0, 255),
	WIRE("priority")},
    {"preempt", T_PREEMPT, 0, 0, INSTANCE(c.preempt), RANGE(0, DAY),
	DEF("true")},
    {NULL, T_BOOL, 0, MV, INSTANCE(c.preempt), WIRE("preempt")},
    {NULL, T_DURATION, 0, MV, INSTANCE(c.preempt_delay), RANGE(0, DAY),
	WIRE("preempt_delay")},
    {"start_delay", T_DURATION, 0, MV, INSTANCE(c.start_delay), RANGE(0, DAY),
	DEF("0s")},
    {"owner_ignore_adverts", T_BOOL, 0, MV, INSTANCE(c.owner_ignore_adverts),
	DEF("false")},
    {"accept", T_ONLY, 0, 0, .offset = 0, DEF("true")},
    {"virtual_mac", T_ONLY, 0, 0, .offset = 0, DEF("false")},
    {"unicast", T_GROUP, ROW_PRESENT | ROW_SWITCH, 0, .offset = 0,
	SUB(unicast_schema), PRESENT(src_instance, c.unicast), DEF("false")},
    {NULL, T_BOOL, 0, MI | MV, INSTANCE(c.unicast), WIRE("unicast")},
    {NULL, T_NUMBER, 0, MV, INSTANCE(c.hops), RANGE(0, 254), WIRE("hops")},
    {"source", T_ADDR_BY_NODE, 0, 0, INSTANCE(source)},
    {NULL, T_ADDR, 0, MV, INSTANCE(c.source), WIRE("source")},
    {NULL, T_ARRAY, 0, MV, INSTANCE(c.peers), COUNT(src_instance, c.peer_count),
	SUB(peer_schema), WIRE("peers"), RANGE(0, CONF_NODES_MAX)},
    {"leftover", T_WORD, 0, MI, INSTANCE(c.leftover),
	WORDS(conf_words_leftover), DEF("remove")},
    {"garp", T_GROUP, 0, MV, .offset = 0, SUB(garp_schema)},
    {"addresses", T_LIST, 0, 0, INSTANCE(addresses), SUB(address_schema),
	RANGE(0, ADDRESSES_MAX)},
    {"more_addresses", T_LIST, 0, 0, INSTANCE(more), SUB(address_schema),
	RANGE(0, ADDRESSES_MAX)},
    {"spread", T_LIST, ROW_HIDDEN, 0, INSTANCE(spread), SUB(address_schema)},
    {NULL, T_ARRAY, 0, MI | MV, INSTANCE(c.addresses),
	COUNT(src_instance, c.address_count), SUB(address_schema),
	WIRE("addresses"), RANGE(0, 2 * ADDRESSES_MAX)},
    NOT_BUILT("on_lost"),
    NOT_BUILT("routes"),
    NOT_BUILT("rules"),
    NOT_BUILT("track"),
    NOT_BUILT("authentication"),
};

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
