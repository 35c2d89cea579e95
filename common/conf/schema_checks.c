/* SPDX-License-Identifier: ISC */
/* The schema of `checks`: what all have, then the rows of each type. */
#include "conf/schema.h"
#include "conf/schema_check_http.h"
#include "conf/schema_row.h"

/* clang-format off: a table */

#define CHECK(m) F(src_check, m)

static const struct conf_row check_rows[] = {
    {NULL, T_NUMBER, ROW_ID, MI | MK, CHECK(c.id),
	RANGE(0, CONF_SERVERS_MAX - 1), WIRE("id")},
    {NULL, T_KEY, 0, MI | MK, CHECK(c.key), WIRE("key")},
    {NULL, T_NAME, ROW_NULL, MI | MK, CHECK(c.check), WIRE("check")},
    {NULL, T_ADDR, 0, MI | MK, CHECK(c.addr), WIRE("addr")},
    {"ref", T_NAME, ROW_SCALAR | ROW_HIDDEN, 0, CHECK(ref)},
    {"type", T_WORD, ROW_REQUIRED | ROW_TARGET, MI | MK, CHECK(c.type),
	WORDS(conf_words_check_type)},
    {"port", T_NUMBER, 0, MI | MK, CHECK(c.port), RANGE(0, 65535), DEF("0")},
    {"interval", T_DURATION, 0, MI | MK, CHECK(c.interval), RANGE(10, DAY),
	DEF("5s")},
    {"timeout", T_DURATION, 0, MI | MK, CHECK(c.timeout), RANGE(1, DAY),
	DEF("2s")},
    {"rise", T_NUMBER, 0, MI | MK, CHECK(c.rise), RANGE(1, 1000), DEF("2")},
    {"fall", T_NUMBER, 0, MI | MK, CHECK(c.fall), RANGE(1, 1000), DEF("3")},
    {"warm_up", T_DURATION, 0, MI | MK, CHECK(c.warm_up), RANGE(0, DAY)},
    {NULL, T_BOOL, ROW_NULL, MK, CHECK(c.tracked), WIRE("tracked")},
    {"source", T_ADDR_BY_NODE, 0, 0, CHECK(source)},
    {NULL, T_ADDR, ROW_NULL, MK, CHECK(c.source), WIRE("source")},
    {"close", T_CHOICE, ROW_NULL, 0, CHECK(close), WORDS(conf_words_close)},
    {NULL, T_WORD, 0, MK, CHECK(c.close), WORDS(conf_words_close),
	DEF("orderly"), WIRE("close")},
    CHECK_HTTP_ROWS NOT_BUILT("tls"),
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
    .scalar = 5,
};
