/* SPDX-License-Identifier: ISC */
/* The rows of a check that are an HTTP check's alone; for schema_checks.c. */
#ifndef COMMON_CONF_SCHEMA_CHECK_HTTP_H
#define COMMON_CONF_SCHEMA_CHECK_HTTP_H

#include "conf/schema_row.h"

/* clang-format off: a table */

#define HTTP(m) F(src_check, c.http.m)

static const struct conf_row status_rows[] = {
    {NULL, T_NUMBER, 0, MK, F(conf_status_range, low), RANGE(100, 599),
	WIRE("low")},
    {NULL, T_NUMBER, 0, MK, F(conf_status_range, high), RANGE(100, 599),
	WIRE("high")},
};
static const struct conf_schema status_schema = {
    .name = "status",
    .id = SCHEMA_PART,
    ROWS(status_rows),
    .conf_size = sizeof(struct conf_status_range),
};

static const struct conf_row header_rows[] = {
    {NULL, T_TEXT, 0, MK, F(conf_header, name), RANGE(1, 256), WIRE("name")},
    {NULL, T_TEXT, 0, MK, F(conf_header, value), RANGE(0, 4096), WIRE("value")},
};
static const struct conf_schema header_schema = {
    .name = "headers",
    .id = SCHEMA_PART,
    ROWS(header_rows),
    .conf_size = sizeof(struct conf_header),
};

static const struct conf_row expect_rows[] = {
    {"status", T_STATUSES, 0, 0, HTTP(status), RANGE(1, 64), DEF("200-299")},
    {NULL, T_ARRAY, 0, MK, HTTP(status), COUNT(src_check, c.http.status_count),
	SUB(status_schema), WIRE("status"), RANGE(0, 64)},
    {"body", T_TEXT, ROW_NULL, MK, HTTP(body), RANGE(1, 4096)},
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

#define CHECK_HTTP_ROWS                                                    \
	{"method", T_CHOICE, ROW_TARGET, MK, HTTP(method),                 \
	    WORDS(conf_words_method), DEF("GET"), ONLY(CHECK_HTTP)},       \
	    {"host", T_TEXT, ROW_NULL | ROW_TARGET, MK, HTTP(host),        \
		RANGE(1, 255), ONLY(CHECK_HTTP)},                          \
	    {"path", T_TEXT, ROW_TARGET, MK, HTTP(path), RANGE(1, 4096),   \
		DEF("/"), ONLY(CHECK_HTTP)},                               \
	    {"headers", T_HEADERS, 0, 0, HTTP(headers), RANGE(0, 64),      \
		ONLY(CHECK_HTTP)},                                         \
	    {NULL, T_ARRAY, ROW_TARGET, MK, HTTP(headers),                 \
		COUNT(src_check, c.http.header_count), SUB(header_schema), \
		WIRE("headers"), RANGE(0, 64)},                            \
	    {"expect", T_GROUP, ROW_TARGET, MK, .offset = 0,               \
		SUB(expect_schema), ONLY(CHECK_HTTP)},

#endif
