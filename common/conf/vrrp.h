/* SPDX-License-Identifier: ISC */
/* Part of conf.h: VRRP instances and their virtual addresses. */
#ifndef COMMON_CONF_VRRP_H
#define COMMON_CONF_VRRP_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "conf/enum.h"

struct conf_addrs {
	struct addr *list;
	uint32_t count;
};

/* A virtual address of an instance. */
struct conf_address {
	struct addr addr;
	uint8_t prefix;
	const char *interface; /* never NULL: the instance's by default */
	const char *label;     /* NULL: none */
	uint8_t scope;	       /* RT_SCOPE_*, linux/rtnetlink.h */
	bool advertised;       /* false: more_addresses */
};

struct conf_garp {
	uint32_t count;	       /* frames of a burst */
	uint32_t interval;     /* ms between frames of a burst */
	uint32_t repeat_after; /* ms until the second burst, 0: none */
	uint32_t refresh;      /* ms between periodic bursts, 0: never */
};

/* Another node of an instance, in the file's order. */
struct conf_peer {
	const char *name; /* the node's; NULL: an older ipvsd, which lacks it */
	/* What its adverts may come from: its `source`, else its addresses in
	 * `nodes` of the family (IPv6: link-local). With `unicast` any of the
	 * family, and what `peers` and `sources` say. count 0: not known. */
	struct conf_addrs sources;
	/* Where adverts to it go, with `unicast`; else unset. */
	struct addr to;
};

struct conf_instance {
	uint32_t id;
	uint64_t key; /* which it is, see conf.h */
	const char *name;
	bool member;	       /* this host is one of its nodes */
	uint8_t family;	       /* of its advertised addresses */
	const char *interface; /* here; NULL unless member */
	uint8_t vrid;
	uint8_t version; /* 2 or 3 */
	enum conf_checksum checksum;
	bool strict;
	enum conf_strangers strangers;
	enum conf_leftover leftover;
	bool unicast;	   /* adverts go to each peer, not to the group */
	uint8_t hops;	   /* that unicast adverts may have made: TTL - 255 */
	uint32_t interval; /* ms: v3 10 to 40950, v2 1000 to 255000 */
	uint8_t priority;  /* here, 1 to 255 */
	bool preempt;
	uint32_t preempt_delay; /* ms */
	uint32_t start_delay;	/* ms */
	bool owner_ignore_adverts;
	struct addr source;	 /* unset: the interface's first address */
	struct conf_peer *peers; /* the other nodes; a director's alone */
	uint32_t peer_count;
	struct conf_garp garp;
	struct conf_address *addresses; /* advertised first, file's order */
	uint32_t address_count;
};

#endif
