/* SPDX-License-Identifier: ISC */
/*
 * An IPVS table as a value: what is wanted and what was dumped have the same
 * form. Services are sorted by key. A wanted service's destinations are in
 * canonical order (address, port); a dumped one's as well.
 */
#ifndef IPVSD_DESIRED_IPVS_TABLE_H
#define IPVSD_DESIRED_IPVS_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/ip_vs.h>

#include "addr.h"

/* The service's flags that we set and compare; the rest is the kernel's. */
#define IPVS_FLAGS                                                             \
	(IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_ONEPACKET | IP_VS_SVC_F_SCHED1 | \
	    IP_VS_SVC_F_SCHED2 | IP_VS_SVC_F_SCHED3)

struct ipvs_key {
	struct addr addr; /* unset family never: also with a mark */
	uint16_t port;	  /* host order */
	uint8_t protocol; /* IPPROTO_TCP or _UDP; 0 with a mark */
	uint32_t fwmark;  /* 0: none */
};

/* How a service schedules. */
struct ipvs_sched {
	char name[IP_VS_SCHEDNAME_MAXLEN];
	uint32_t flags;	  /* of IPVS_FLAGS */
	uint32_t timeout; /* s; meaningful with F_PERSISTENT */
	uint8_t prefix;	  /* persistence granularity, 32 or 128: all */
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
 * its bits that are ours). All that compares, copies, digests, sends and reads
 * one walks this list. forward is IP_VS_CONN_F_MASQ, _DROUTE or _TUNNEL; upper
 * and lower are connection thresholds, 0: none.
 */
#define IPVS_DEST_CONF(X)                             \
	X(forward, FWD_METHOD, IP_VS_CONN_F_FWD_MASK) \
	X(weight, WEIGHT, UINT32_MAX)                 \
	X(upper, U_THRESH, UINT32_MAX)                \
	X(lower, L_THRESH, UINT32_MAX)

struct ipvs_dest_conf {
#define X(member, attribute, bits) uint32_t member;
	IPVS_DEST_CONF(X)
#undef X
};

/* What the kernel counts; of a dumped one only. */
struct ipvs_dest_stats {
	uint32_t active; /* connections */
	uint32_t inactive;
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
	struct ipvs_counters counters; /* dumped ones only */
	struct ipvs_dest *dests;
	uint32_t count;
	uint32_t size;
	/* of the kernel half */
	uint64_t changed; /* number of the last command on it */
	uint64_t digest;  /* 0: to be computed */
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

/* A service of its own with no destination; never NULL. */
struct ipvs_service *ipvs_service_new(const struct ipvs_key *);
void ipvs_service_free(struct ipvs_service *);
/* Appends; ipvs_service_sort() puts them in canonical order. */
struct ipvs_dest *ipvs_service_add(struct ipvs_service *);
void ipvs_service_sort(struct ipvs_service *);
/* By address and port, in a sorted service; NULL when there is none. */
struct ipvs_dest *ipvs_service_find(
    const struct ipvs_service *, const struct addr *, uint16_t port);
void ipvs_service_remove(struct ipvs_service *, struct ipvs_dest *);

/* The table owns its services. */
void ipvs_table_init(struct ipvs_table *);
void ipvs_table_clear(struct ipvs_table *);
/* Appends without order (for a dump); sort, then look up. */
void ipvs_table_append(struct ipvs_table *, struct ipvs_service *);
void ipvs_table_sort(struct ipvs_table *);
/* Puts in its place. Its key must not be there yet. */
void ipvs_table_insert(struct ipvs_table *, struct ipvs_service *);
struct ipvs_service *ipvs_table_find(
    const struct ipvs_table *, const struct ipvs_key *);
void ipvs_table_remove(struct ipvs_table *, const struct ipvs_key *);

#endif
