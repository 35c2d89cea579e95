/* SPDX-License-Identifier: ISC */
/*
 * An IPVS table as a value: the wanted one and the dumped one have the same
 * form. Services are sorted by key, destinations by address and port (the
 * canonical order). Lack of memory is fatal.
 */
#ifndef IPVSD_DESIRED_IPVS_TABLE_H
#define IPVSD_DESIRED_IPVS_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/ip_vs.h>

#include "addr.h"

/* The flags of a service that ipvsd sets and compares; the kernel has more. */
#define IPVS_FLAGS                                                             \
	(IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_ONEPACKET | IP_VS_SVC_F_SCHED1 | \
	    IP_VS_SVC_F_SCHED2 | IP_VS_SVC_F_SCHED3)

struct ipvs_key {
	struct addr addr; /* has a family also with a mark */
	uint16_t port;	  /* host order */
	uint8_t protocol; /* IPPROTO_TCP or _UDP; 0 with a mark */
	uint32_t fwmark;  /* 0: none */
};

/* How a service schedules. */
struct ipvs_sched {
	char name[IP_VS_SCHEDNAME_MAXLEN];
	uint32_t flags;	  /* of IPVS_FLAGS */
	uint32_t timeout; /* s; only with F_PERSISTENT */
	uint8_t prefix;	  /* bits of a client's address that persist; 32 or
			     128: all. Only with F_PERSISTENT */
};

struct ipvs_counters {
	uint64_t conns;
	uint64_t in_packets;
	uint64_t out_packets;
	uint64_t in_bytes;
	uint64_t out_bytes;
};

/*
 * What is configured of a destination: X(member, attribute of linux/ip_vs.h,
 * its size there, its bits that are ours). All that compares, copies, digests,
 * sends and reads one walks this list. forward is IP_VS_CONN_F_MASQ, _DROUTE or
 * _TUNNEL; upper and lower are connection thresholds, 0: none.
 */
#define IPVS_DEST_CONF(X)                                  \
	X(forward, FWD_METHOD, u32, IP_VS_CONN_F_FWD_MASK) \
	X(weight, WEIGHT, u32, UINT32_MAX)                 \
	X(upper, U_THRESH, u32, UINT32_MAX)                \
	X(lower, L_THRESH, u32, UINT32_MAX)

struct ipvs_dest_conf {
#define X(member, attribute, size, bits) uint32_t member;
	IPVS_DEST_CONF(X)
#undef X
};

/* What the kernel counts; of a dumped one only. */
struct ipvs_dest_stats {
	uint32_t active; /* connections */
	uint32_t inactive;
	uint32_t persistent; /* clients that persist to it */
	struct ipvs_counters counters;
};

struct ipvs_dest {
	struct addr addr; /* with port: the key */
	uint16_t port;	  /* host order */
	struct ipvs_dest_conf conf;
	struct ipvs_dest_stats stats;
};

struct ipvs_service {
	struct ipvs_key key;
	struct ipvs_sched sched;
	struct ipvs_counters counters; /* only in a dumped one */
	struct ipvs_dest *dests;       /* owned */
	uint32_t count;
	uint32_t size;
	/* For the kernel half. */
	uint64_t changed; /* number of the last command on it */
	uint64_t digest;  /* 0: to be computed */
	uint64_t read;	  /* when its counters were, monotonic ns; 0: never */
	struct ipvs_service *former; /* owned: what was known of it before it
					was read, until it is compared */
	bool ours;
};

struct ipvs_table {
	struct ipvs_service **services; /* sorted by key */
	uint32_t count;
	uint32_t size;
};

int ipvs_key_cmp(const struct ipvs_key *, const struct ipvs_key *);
/* "tcp 10.0.0.1:80", "mark 7 inet"; returns buf. */
#define IPVS_KEY_STRLEN (ADDR_PORT_STRLEN + 16)
const char *ipvs_key_format(const struct ipvs_key *, char buf[IPVS_KEY_STRLEN]);
int ipvs_dest_cmp(const struct ipvs_dest *, const struct ipvs_dest *);
bool ipvs_dest_conf_equal(
    const struct ipvs_dest_conf *, const struct ipvs_dest_conf *);
bool ipvs_sched_equal(const struct ipvs_sched *, const struct ipvs_sched *);

/* A service without destinations, in no table; the caller owns it. */
struct ipvs_service *ipvs_service_new(const struct ipvs_key *);
void ipvs_service_free(struct ipvs_service *);
/* Appends a zeroed destination, valid until the next call. The caller calls
 * ipvs_service_sort() after the last one. */
struct ipvs_dest *ipvs_service_add(struct ipvs_service *);
void ipvs_service_sort(struct ipvs_service *);
/* The destination of a sorted service; NULL: there is none. */
struct ipvs_dest *ipvs_service_find(
    const struct ipvs_service *, const struct addr *, uint16_t port);
void ipvs_service_remove(struct ipvs_service *, struct ipvs_dest *);

/* The table owns its services. */
void ipvs_table_init(struct ipvs_table *);
void ipvs_table_clear(struct ipvs_table *);
/* Appends a service of a dump. The caller calls ipvs_table_sort() before the
 * first look-up. */
void ipvs_table_append(struct ipvs_table *, struct ipvs_service *);
void ipvs_table_sort(struct ipvs_table *);
/* Inserts a service where its key belongs. The key must not be there yet. */
void ipvs_table_insert(struct ipvs_table *, struct ipvs_service *);
/* The place of a service in the table; NULL: there is no such service. */
struct ipvs_service **ipvs_table_slot(
    const struct ipvs_table *, const struct ipvs_key *);
/* NULL: there is no such service. */
struct ipvs_service *ipvs_table_find(
    const struct ipvs_table *, const struct ipvs_key *);
/* Frees the service if it is there. */
void ipvs_table_remove(struct ipvs_table *, const struct ipvs_key *);

#endif
