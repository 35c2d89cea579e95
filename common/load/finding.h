/* SPDX-License-Identifier: ISC */
/* What the loader finds wrong or remarkable, with its place and name. */
#ifndef COMMON_LOAD_FINDING_H
#define COMMON_LOAD_FINDING_H

#include <stdint.h>

#include "conf/severity.h"

#define FINDINGS_MAX 1000
#define REMARKS_MAX  100 /* of these, notes and warnings */

/*
 * X(id, name, severity): findings that need more than one value to judge.
 * conf/lint_reload.c makes those that need two configurations.
 */
#define LINT_TABLE(X)                                      \
	X(SELF, "self", ERROR)                             \
	X(CONF_D, "conf-d", WARNING)                       \
	X(VRID_TWICE, "vrid-twice", ERROR)                 \
	X(PRIORITY_TWICE, "priority-twice", ERROR)         \
	X(OWNER_ADDRESS, "owner-address", ERROR)           \
	X(OWNER_PRIORITY, "owner-priority", ERROR)         \
	X(NODE_ADDRESS, "node-address", ERROR)             \
	X(INTERVAL_V2, "interval-v2", ERROR)               \
	X(INTERVAL_V3, "interval-v3", ERROR)               \
	X(V2_IPV6, "v2-ipv6", ERROR)                       \
	X(MIXED_FAMILIES, "mixed-families", ERROR)         \
	X(ADDRESS_TWICE, "address-twice", ERROR)           \
	X(VIRTUAL_ADDRESS, "virtual-address", ERROR)       \
	X(ADVERT_SIZE, "advert-size", ERROR)               \
	X(LABEL, "label", ERROR)                           \
	X(SOURCE, "source", ERROR)                         \
	X(STRANGERS_SOURCE, "strangers-source", ERROR)     \
	X(UNICAST_PEER, "unicast-peer", ERROR)             \
	X(UNICAST_NAT, "unicast-nat", ERROR)               \
	X(LINK_LOCAL_FIRST, "link-local-first", WARNING)   \
	X(SERVICE_ADDRESS, "service-address", ERROR)       \
	X(SERVICE_TWICE, "service-twice", ERROR)           \
	X(SERVER_TWICE, "server-twice", ERROR)             \
	X(SERVER_FAMILY, "server-family", ERROR)           \
	X(SERVER_VIRTUAL, "server-virtual", ERROR)         \
	X(SERVER_ADDRESS, "server-address", ERROR)         \
	X(SERVER_LOOPBACK, "server-loopback", WARNING)     \
	X(DIRECT_PORT, "direct-port", ERROR)               \
	X(CONNECTIONS, "connections", ERROR)               \
	X(CHECK_TIMEOUT, "check-timeout", ERROR)           \
	X(CHECK_SOURCE, "check-source", ERROR)             \
	X(UDP_CHECK, "udp-check", NOTE)                    \
	X(PERSISTENCE, "persistence", ERROR)               \
	X(ONE_PACKET, "one-packet", ERROR)                 \
	X(NO_SERVERS, "no-servers", WARNING)               \
	X(SLOW_START, "slow-start", WARNING)               \
	X(SYNC, "sync", ERROR)                             \
	X(UNUSED_CHECK, "unused-check", WARNING)           \
	X(INTERFACE_MISSING, "interface-missing", WARNING) \
	X(VRF_UNHEARD, "vrf-unheard", WARNING)             \
	X(MODULE_MISSING, "module-missing", WARNING)       \
	X(NAT_FORWARDING, "nat-forwarding", WARNING)       \
	X(COLOCATED, "colocated", NOTE)

enum lint {
#define X(id, name, severity) LINT_##id,
	LINT_TABLE(X)
#undef X
	    LINT_MAX
};

struct finding {
	const char *text;
	const char *lint;
	enum conf_severity severity;
	uint32_t file;
	uint32_t line;
	uint32_t column;
	uint32_t order;
};

struct conf_source;
struct names;
struct ynode;

/* An error that the grammar makes. at NULL: the first file's begin. */
void conf_error(struct conf_source *, const struct ynode *at, const char *, ...)
    __attribute__((format(printf, 3, 4)));
void conf_error_at(struct conf_source *, uint32_t file, uint32_t line,
    uint32_t column, const char *, ...) __attribute__((format(printf, 5, 6)));
void conf_find(struct conf_source *, enum lint, const struct ynode *at,
    const char *, ...) __attribute__((format(printf, 4, 5)));

/* In the order of their places, and frees them; counts. */
void conf_report(struct conf_source *, conf_report_fn, void *arg,
    unsigned *errors, unsigned *warnings);

#define QUOTED_MAX 68
/* A value as it may stand in a message: short, on one line, printable. */
const char *conf_quoted(const char *, char buf[QUOTED_MAX]);

/* "unknown KIND NAME, did you mean ...?", for a name that is not in `known`. */
void conf_unknown(struct conf_source *, const struct ynode *at,
    const char *kind, const char *name, const struct names *known);

#endif
