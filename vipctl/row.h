/* SPDX-License-Identifier: ISC */
/*
 * What a row says, in words. The keys are those of ctl_table.h: row_text(row,
 * link, state) is the state of a link. A key that the kind has not, or with
 * another type, does not compile. The functions with _named are for members
 * that vipctl itself has added.
 */
#ifndef VIPCTL_ROW_H
#define VIPCTL_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "addr.h"
#include "ctl/ctl_row.h"
#include "text.h"
#include "vipctl.h"

/* The key's name, if its value is of this type. */
/* clang-format off */
#define KEY_OF(kind, key, type) \
	_Generic(((struct ctl_row_##kind *)NULL)->key, struct type: #key)
#define TEXT_KEY(kind, key)                            \
	_Generic(((struct ctl_row_##kind *)NULL)->key, \
	    struct ctl_text: #key,                     \
	    struct ctl_addr: #key,                     \
	    struct ctl_digest: #key)
/* clang-format on */
#define NUMBER_KEY(kind, key) KEY_OF(kind, key, ctl_number)
#define TIME_KEY(kind, key)   KEY_OF(kind, key, ctl_time)
#define FLAG_KEY(kind, key)   KEY_OF(kind, key, ctl_flag)

/* Whether the row is of the kind. */
#define row_is_a(row, kind) \
	row_is_named(row, "kind", ctl_kinds[CTL_KIND_##kind].name)

/* "", 0 and false when there is no such member. */
#define row_text(row, kind, key)   row_text_named(row, TEXT_KEY(kind, key))
#define row_number(row, kind, key) row_number_named(row, NUMBER_KEY(kind, key))
#define row_time(row, kind, key)   row_number_named(row, TIME_KEY(kind, key))
#define row_true(row, kind, key)   row_true_named(row, FLAG_KEY(kind, key))
#define row_is(row, kind, key, value) \
	row_is_named(row, TEXT_KEY(kind, key), value)
const char *row_text_named(const json_t *row, const char *key);
uint64_t row_number_named(const json_t *row, const char *key);
bool row_true_named(const json_t *row, const char *key);
bool row_is_named(const json_t *row, const char *key, const char *value);
/* A time in milliseconds as "2 m 13 s", "-" when there is none. */
#define row_duration(row, kind, key, buf) \
	row_duration_named(row, TIME_KEY(kind, key), buf)
const char *row_duration_named(
    const json_t *row, const char *key, char buf[DURATION_SIZE]);
/* The same with the moment that it began: "2 m 13 s (10:41:07)". */
#define row_since(row, kind, key, buf) \
	row_since_named(row, TIME_KEY(kind, key), buf)
const char *row_since_named(
    const json_t *row, const char *key, char buf[SINCE_SIZE]);
/* Address and port of a service, a server or a probe. */
const char *row_endpoint(const json_t *row, char buf[ADDR_PORT_STRLEN]);
/* "up", "full", "down", "drained", "missing", "unknown", and "(stale)" if so.
 * master: this director balances the service, so the weight is the truth. */
#define HEALTH_SIZE 32
const char *row_health(
    const json_t *server, bool master, char buf[HEALTH_SIZE]);
/* Why a server or a probe has its health: "connection refused, for 12 s" or
 * "ok, 0.4 ms". */
const char *row_reason(const json_t *row, char buf[WHY_SIZE]);
/* The same of a server, with who has drained it. */
const char *row_server_reason(
    const json_t *server, bool master, char buf[WHY_SIZE]);
/* "this host", an address, `nobody`, or "-" where vrrpd does not say. */
const char *row_master(const json_t *instance, const char *nobody);
/* An instance's reason, and whether it has resigned. */
const char *row_why(const json_t *instance, char buf[WHY_SIZE]);
/* Address and port of the server that an override means. */
const char *row_override_server(const json_t *row, char buf[ADDR_PORT_STRLEN]);
/* "drained by operator, not in the configuration: tcp 10.0.0.1:80 ->
 * 10.0.0.2:80 (node s1)", of an override. */
void row_print_override(const json_t *row);
/* Whether an operator or the configuration has drained it; whether it is
 * healthy and yet not in the kernel's table of its master. */
bool row_server_is_drained(const json_t *server, bool master);
bool row_server_is_missing(const json_t *server, bool master);
/* Whether an instance has heard within a minute what should not be. */
bool row_is_odd(const json_t *instance);
/* Whether ipvsd has put right within ten minutes what others had changed. */
bool row_kernel_repaired(const json_t *kernel);
/* Whether the kernel has refused something within ten minutes. */
bool row_kernel_refused(const json_t *kernel);
/* Whether a server gets no new connections, for whatever reason. */
bool row_server_is_out(const json_t *server, bool master);
/* Whether it is in at its master and has all the connections it may have. */
bool row_server_is_full(const json_t *server, bool master);
/* Whether that is so of each that is not out, by the counts of `status`: the
 * kernel refuses new clients. */
bool row_service_is_full(const json_t *service);

#endif
