/* SPDX-License-Identifier: ISC */
/*
 * A configuration as the daemons see it: resolved for this host. Lists of
 * nodes have become priorities, `spread` has become instances, node names
 * addresses, equal checks of one address and port one probe. Each daemon's
 * copy has only the rows that the schema (conf_schema.c) grants it; the
 * others are zero. Ids are positions in the whole configuration, equal in
 * every daemon of one generation, and not dense in a daemon's copy.
 *
 * All memory belongs to the conf and lives until conf_free().
 */
#ifndef COMMON_CONF_H
#define COMMON_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "conf_enum.h"
#include "msg.h"

#define CONF_NAME_MAX	   64 /* names of nodes, instances, services */
#define CONF_INSTANCES_MAX 4096
#define CONF_SERVICES_MAX  65536
#define CONF_SERVERS_MAX   1048576	/* in all */
#define CONF_SIZE_MAX	   (512u << 20) /* an encoded configuration */

struct conf_addrs {
	struct addr *list;
	uint32_t count;
};

struct conf_node {
	const char *name;
	struct conf_addrs addresses; /* the first is the main one */
	bool self;		     /* this host */
};

struct conf_sync {
	bool enabled;
	const char *interface;
	uint8_t id;
	uint32_t instance;  /* id, UINT32_MAX: both daemons always */
	struct addr group;  /* unset: the kernel's default */
	uint16_t port;	    /* 0: the kernel's default */
	uint32_t threshold; /* packets before the first message */
	uint32_t period;    /* packets between messages */
	uint32_t refresh;   /* ms, 0: off */
};

/* A number that may be left as the kernel has it. */
struct conf_option {
	bool set;
	uint32_t value;
};

struct conf_ipvs {
	uint32_t tcp_timeout;	  /* s, 0: leave the kernel's */
	uint32_t tcp_fin_timeout; /* s */
	uint32_t udp_timeout;	  /* s */
	enum conf_foreign foreign;
	uint32_t resync; /* ms */
	enum conf_on_stop on_stop;
	struct conf_sync sync;
	struct conf_option expire_nodest_conn;
	struct conf_option sloppy_tcp;
	struct conf_option expire_quiescent_template;
	struct conf_option conn_reuse_mode;
	struct conf_option conntrack;
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

struct conf_instance {
	uint32_t id;
	const char *name;
	bool member;	       /* this host is one of its nodes */
	uint8_t family;	       /* of its advertised addresses */
	const char *interface; /* here; NULL unless member */
	uint8_t vrid;
	uint8_t version; /* 2 or 3 */
	enum conf_checksum checksum;
	bool strict;
	uint32_t interval; /* ms: v3 10 to 40950, v2 1000 to 255000 */
	uint8_t priority;  /* here, 1 to 255 */
	bool preempt;
	uint32_t preempt_delay; /* ms */
	uint32_t start_delay;	/* ms */
	bool owner_ignore_adverts;
	struct addr source; /* unset: the interface's first address */
	struct conf_garp garp;
	struct conf_address *addresses; /* advertised first, file's order */
	uint32_t address_count;
};

/* What is sent and expected; the definition that services share. */
struct conf_status_range {
	uint16_t low;
	uint16_t high;
};

struct conf_header {
	const char *name;
	const char *value;
};

/*
 * One probe: a check's definition at one address and port, however many
 * servers of however many services ask for it.
 */
struct conf_probe {
	uint32_t id;
	const char *check; /* the check's name; "" for one without */
	enum conf_check_type type;
	struct addr addr;
	uint16_t port;
	uint32_t interval; /* ms */
	uint32_t timeout;  /* ms */
	uint16_t rise;
	uint16_t fall;
	uint32_t warm_up; /* ms over which first probes are spread */
	/* http */
	const char *method;
	const char *host; /* NULL: the address */
	const char *path;
	struct conf_header *headers;
	uint32_t header_count;
	struct conf_status_range *status;
	uint32_t status_count;
	const char *body; /* NULL: any */
};

struct conf_server {
	uint32_t id;
	struct addr addr;
	uint16_t port;
	const char *node; /* NULL unless given by node */
	uint32_t weight;
	enum conf_forward forward;
	uint32_t max_connections; /* 0: none; the kernel's u_threshold */
	uint32_t min_connections; /* l_threshold */
	enum conf_server_state state;
	bool local;	  /* one of this host's addresses */
	uint32_t *probes; /* ids; all must pass */
	uint32_t probe_count;
};

/*
 * A service of one address, port and protocol: a service of several
 * addresses in the file is several here, with one name.
 */
struct conf_service {
	uint32_t id;
	const char *name;
	enum conf_protocol protocol;
	struct addr addr;
	uint16_t port;
	uint32_t instance; /* id */
	bool director;	   /* this host programs it */
	const char *scheduler;
	uint32_t flags; /* IP_VS_SVC_F_SCHED1..3, linux/ip_vs.h */
	bool one_packet;
	uint32_t persistence; /* s, 0: none */
	uint8_t persistence_prefix;
	enum conf_when_down when_down;
	bool start_up;
	struct conf_server *servers;
	uint32_t server_count;
};

struct conf {
	uint64_t generation;
	const char *cluster; /* "" when not given */
	const char *self;    /* this host's node */
	struct conf_ipvs ipvs;
	struct conf_node *nodes;
	uint32_t node_count;
	struct conf_instance *instances; /* by ascending id, as all */
	uint32_t instance_count;
	struct conf_probe *probes;
	uint32_t probe_count;
	struct conf_service *services;
	uint32_t service_count;
	struct conf_arena *arena;
};

/* The object of an id, NULL when there is none. */
const struct conf_instance *conf_instance(const struct conf *, uint32_t id);
const struct conf_probe *conf_probe(const struct conf *, uint32_t id);
const struct conf_instance *conf_instance_by_name(
    const struct conf *, const char *);

/* --- binary form (conf_codec.c), for every daemon --- */

struct conf_decoder;

/*
 * Maps a sealed memfd of at most CONF_SIZE_MAX bytes (seals, size and header
 * are checked) to be decoded for role. NULL and *why on failure. fd stays
 * the caller's.
 */
struct conf_decoder *conf_decoder_new(int fd, enum role, const char **why);
/*
 * Decodes up to `objects` more top-level objects. 1: more is to do, 0: done
 * (take the conf), -1: not a configuration, *why.
 */
int conf_decoder_step(
    struct conf_decoder *, uint32_t objects, const char **why);
struct conf *conf_decoder_take(struct conf_decoder *);
void conf_decoder_free(struct conf_decoder *);
void conf_free(struct conf *);

/* Whole, for tests and small readers. */
struct conf *conf_decode(int fd, enum role, const char **why);

#endif
