/* SPDX-License-Identifier: ISC */
/*
 * A configuration as the daemons see it: resolved for this host. Lists of
 * nodes have become priorities, `spread` has become instances, node names
 * addresses, equal checks of one address and port one probe. Each daemon's
 * copy has only the rows that the schema (conf/schema*.c) grants it; the
 * others are zero. Ids are positions in the whole configuration, equal in
 * every daemon of one generation, and not dense in a daemon's copy.
 *
 * A key says which object it is, in whatever generation: an instance of that
 * name, a probe of that address, port and definition without its times, a
 * server of that address and port in a service of that protocol, address and
 * port. Keys of one kind differ within a configuration, and 0 is none.
 *
 * All memory belongs to the conf and lives until conf_free().
 */
#ifndef COMMON_CONF_CONF_H
#define COMMON_CONF_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "conf/ipvs.h"
#include "conf/service.h"
#include "conf/vrrp.h"

#define CONF_NAME_MAX	   64 /* names of nodes, instances, services */
#define CONF_INSTANCES_MAX 4096
#define CONF_SERVICES_MAX  65536
#define CONF_SERVERS_MAX   1048576 /* in all */
#define CONF_ADDRESSES_MAX 65536   /* of instances, in all */
#define CONF_NODES_MAX	   4096

struct conf_node {
	const char *name;
	struct conf_addrs addresses; /* the first is the main one */
	bool self;		     /* this host */
};

/* A virtual address, for checkd. */
struct conf_held {
	struct addr addr;
	const char *interface;
};

struct conf {
	uint64_t generation;
	const char *cluster; /* "" when not given */
	const char *self;    /* this host's node */
	struct conf_ipvs ipvs;
	struct conf_node *nodes;
	uint32_t node_count;
	struct conf_addrs own;	/* of this host's node */
	struct conf_held *held; /* that this host may hold as master */
	uint32_t held_count;
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

/* How many adverts the instances send a second if this host is master of all,
 * rounded up. */
uint64_t conf_adverts_per_second(const struct conf *);

void conf_free(struct conf *);

#endif
