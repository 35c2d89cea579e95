/* SPDX-License-Identifier: ISC */
/*
 * Why ipvsd refused or ended a term; FAILED and ENDED carry it. One that vrrpd
 * does not know means to it that the term was refused or is over, no more.
 */
#ifndef COMMON_LINK_LEASE_REASON_H
#define COMMON_LINK_LEASE_REASON_H

#include "link/other.h"

/* The last column is the protocol level that knows it; a new one comes last. */
#define LEASE_REASON_TABLE(X)                                                  \
	X(NONE, "none", 1)                                                     \
	X(EXPIRED, "the lease ran out", 1)                                     \
	X(RELEASED, "released", 1)                                             \
	X(UNKNOWN, "unknown term", 1)                                          \
	X(INTERFACE, "an interface is missing or down", 1)                     \
	X(KERNEL, "the kernel refused", 1)                                     \
	X(RATE, "asked for too often", 1)                                      \
	X(CONFIG, "no longer configured", 1)                                   \
	X(LEAVING, "ipvsd is leaving", 1)                                      \
	X(IP_VS, "the kernel has no ip_vs", 1)                                 \
	X(VRF,                                                                 \
	    "net.ipv4.raw_l3mdev_accept is 0: adverts in a VRF are not heard", \
	    2)                                                                 \
	X(BESIDE,                                                              \
	    "another program on this host is master of it, stop it first", 4)

enum lease_reason {
#define X(id, text, since) LEASE_##id,
	LEASE_REASON_TABLE(X)
#undef X
	    LEASE_REASON_MAX,
	LEASE_OTHER = OTHER_NUMBER
};

const char *lease_reason_name(enum lease_reason);
/* other_hear() and other_say() of these. */
bool lease_reason_hear(uint16_t level, uint8_t *reason);
uint8_t lease_reason_say(uint16_t level, enum lease_reason);

#endif
