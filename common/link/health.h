/* SPDX-License-Identifier: ISC */
/* What a probe found: the words that checkd says and all others show. */
#ifndef COMMON_LINK_HEALTH_H
#define COMMON_LINK_HEALTH_H

#include <stdint.h>

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

/* Why the last probe ended as it did; detail: errno or the HTTP status. */
#define REASON_TABLE(X)                                     \
	X(NONE, "not probed yet")                           \
	X(OK, "ok")                                         \
	X(REFUSED, "connection refused")                    \
	X(UNREACHABLE, "unreachable")                       \
	X(TIMEOUT_CONNECT, "timed out connecting")          \
	X(TIMEOUT_REPLY, "timed out waiting for the reply") \
	X(CLOSED, "connection closed early")                \
	X(ERROR, "socket error")                            \
	X(PROTOCOL, "not a valid reply")                    \
	X(STATUS, "unexpected HTTP status")                 \
	X(BODY, "expected text not in the body")            \
	X(TOO_LARGE, "reply too large")                     \
	X(LIMIT, "a limit of checkd's own")

enum reason {
#define X(id, text) REASON_##id,
	REASON_TABLE(X)
#undef X
	    REASON_MAX
};

const char *health_name(enum health);
const char *reason_name(enum reason);

/*
 * A probe's part of the DIGEST of verdicts. The parts of all probes whose
 * health was told in this generation are XORed and counted; HEALTH_UNKNOWN is
 * told like the others.
 */
uint64_t health_digest(uint32_t probe, enum health);

#endif
