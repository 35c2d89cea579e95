/* SPDX-License-Identifier: ISC */
/* Why ipvsd refused or ended a term; FAILED and ENDED carry it. */
#ifndef COMMON_LINK_LEASE_REASON_H
#define COMMON_LINK_LEASE_REASON_H

#define LEASE_REASON_TABLE(X)                           \
	X(NONE, "none")                                 \
	X(EXPIRED, "the lease ran out")                 \
	X(RELEASED, "released")                         \
	X(UNKNOWN, "unknown term")                      \
	X(INTERFACE, "an interface is missing or down") \
	X(KERNEL, "the kernel refused")                 \
	X(RATE, "asked for too often")                  \
	X(CONFIG, "no longer configured")               \
	X(LEAVING, "ipvsd is leaving")                  \
	X(IP_VS, "the kernel has no ip_vs")

enum lease_reason {
#define X(id, text) LEASE_##id,
	LEASE_REASON_TABLE(X)
#undef X
	    LEASE_REASON_MAX
};
const char *lease_reason_name(enum lease_reason);

#endif
