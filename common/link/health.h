/* SPDX-License-Identifier: ISC */
/* What a probe found: the words that checkd says and all others show. */
#ifndef COMMON_LINK_HEALTH_H
#define COMMON_LINK_HEALTH_H

#include <stdint.h>

#include "link/other.h"

#define HEALTH_TABLE(X)       \
	X(UNKNOWN, "unknown") \
	X(UP, "up")           \
	X(DOWN, "down")

enum health {
#define X(id, text) HEALTH_##id,
	HEALTH_TABLE(X)
#undef X
	    HEALTH_MAX
};

/*
 * Why the last probe ended as it did; detail: errno or the HTTP status. The
 * last column is the protocol level that knows it; a new one comes last
 * (other.h).
 */
#define REASON_TABLE(X)                                        \
	X(NONE, "not probed yet", 1)                           \
	X(OK, "ok", 1)                                         \
	X(REFUSED, "connection refused", 1)                    \
	X(UNREACHABLE, "unreachable", 1)                       \
	X(TIMEOUT_CONNECT, "timed out connecting", 1)          \
	X(TIMEOUT_REPLY, "timed out waiting for the reply", 1) \
	X(CLOSED, "connection closed early", 1)                \
	X(ERROR, "socket error", 1)                            \
	X(PROTOCOL, "not a valid reply", 1)                    \
	X(STATUS, "unexpected HTTP status", 1)                 \
	X(BODY, "expected text not in the body", 1)            \
	X(TOO_LARGE, "reply too large", 1)                     \
	X(LIMIT, "a limit of checkd's own", 1)

enum reason {
#define X(id, text, since) REASON_##id,
	REASON_TABLE(X)
#undef X
	    REASON_MAX,
	REASON_OTHER = OTHER_NUMBER
};

const char *health_name(enum health);
const char *reason_name(enum reason);
/* other_hear() and other_say() of these. */
bool reason_hear(uint16_t level, uint8_t *reason);
uint8_t reason_say(uint16_t level, enum reason);

/*
 * A probe's part of the DIGEST of verdicts. The parts of all probes whose
 * health was told in this generation are XORed and counted; HEALTH_UNKNOWN is
 * told like the others.
 */
uint64_t health_digest(uint32_t probe, enum health);

#endif
