/* SPDX-License-Identifier: ISC */
/* What a row says, in words. */
#ifndef VIPCTL_ROW_H
#define VIPCTL_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "addr.h"
#include "text.h"
#include "vipctl.h"

/* "" when there is no such member; "" or 0 when it is of another type. */
const char *row_text(const json_t *row, const char *key);
uint64_t row_number(const json_t *row, const char *key);
bool row_true(const json_t *row, const char *key);
bool row_is(const json_t *row, const char *key, const char *value);
/* A member in milliseconds as "2 m 13 s", "-" when there is none. */
const char *row_duration(
    const json_t *row, const char *key, char buf[DURATION_SIZE]);
/* Address and port of a row that has both. */
const char *row_endpoint(const json_t *row, char buf[ADDR_PORT_STRLEN]);
/* "up", "down", "drained", "missing", "unknown", with "(stale)" where it is.
 * master: this director balances the service, so the weight is the truth. */
#define HEALTH_SIZE 32
const char *row_health(
    const json_t *server, bool master, char buf[HEALTH_SIZE]);
/* Why: "connection refused, for 12 s" or "ok, 0.4 ms". */
const char *row_reason(const json_t *row, char buf[WHY_SIZE]);
/* The same of a server, with who has drained it. */
const char *row_server_reason(
    const json_t *server, bool master, char buf[WHY_SIZE]);
/* "this host", an address, `nobody`, or "-" where vrrpd does not say. */
const char *row_master(const json_t *instance, const char *nobody);
/* An instance's reason, and whether it has resigned. */
const char *row_why(const json_t *instance, char buf[WHY_SIZE]);
/* Whether a server gets no new connections, for whatever reason. */
bool row_server_is_out(const json_t *server, bool master);

#endif
