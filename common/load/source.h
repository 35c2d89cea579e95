/* SPDX-License-Identifier: ISC */
/*
 * A configuration as the file has it, for the whole cluster: private to the
 * loader.
 */
#ifndef COMMON_LOAD_SOURCE_H
#define COMMON_LOAD_SOURCE_H

#include "conf/conf.h"
#include "conf/schema.h"
#include "conf/source_objects.h"
#include "load/address.h"
#include "load/names.h"

/* What the loader finds out about this host (load/host.c). */
struct conf_host {
	const char *name;
	struct addr *addresses;
	uint32_t address_count;
	struct names interfaces; /* names; empty: not known */
	struct names in_vrf;	 /* those of them that belong to a VRF */
	bool vrf_deaf;		 /* net.ipv4.raw_l3mdev_accept is 0 */
	bool here;     /* it is the node that the files are loaded for */
	bool ip_vs;    /* the kernel has it, or that cannot be seen */
	bool forward4; /* net.ipv4.ip_forward; or was warned of */
	bool forward6; /* net.ipv6.conf.all.forwarding */
};

struct finding;

struct conf_source {
	struct src_root root; /* root.c: resolved for this host */
	struct conf_arena *arena;
	struct conf_host host;
	const char **files;
	uint32_t file_count;
	struct finding *findings;
	uint32_t finding_count;
	uint32_t findings_dropped;
	uint32_t error_count;
	uint32_t remark_count; /* notes and warnings */
	void *defaults[SCHEMA_MAX];
	struct names nodes; /* by name, into root.nodes; as the others */
	struct names instances;
	struct names bases; /* names that `spread` took apart */
	struct names checks;
	struct names services;
	struct names addresses;	     /* struct addr -> instance */
	struct names link_local;     /* struct link_key -> instance */
	struct names node_addresses; /* struct addr -> node */
	struct networks networks;    /* of virtual addresses */
	bool instances_whole;	     /* none was bad or partial */
	struct names definitions;    /* of checks, in their binary form */
	struct names probes;	     /* struct probe_key -> id */
	void *probe_key;	     /* one that is not in the table yet */
	uint32_t *service_from;	     /* by id: the service in the file */
	bool *probe_here; /* by id: a service of this host asks for it */
	uint32_t probe_room;
};

/* From the source's arena, zeroed; never NULL. */
void *source_alloc(struct conf_source *, size_t);
/* A copy with a terminating NUL, from the same; never NULL. */
char *source_text(struct conf_source *, const char *, size_t len);

const struct src_instance *source_instance(
    const struct conf_source *, uint32_t index);
/* The entry for a node, or the one for all; NULL: none. */
const struct by_node_entry *source_by_node(
    const struct by_node *, const char *node);
/* The member that is this node, or NULL. */
const struct src_priority *source_member(
    const struct src_instance *, const char *node);
/* The address that a member's adverts come from by the file: its `source`,
 * else, with `unicast`, its first of the family. NULL: its interface says. */
const struct addr *source_default(struct conf_source *,
    const struct src_instance *, const struct src_priority *member);
/* Where the others send adverts to it with `unicast`. NULL: not known. */
const struct addr *source_unicast_to(struct conf_source *,
    const struct src_instance *, const struct src_priority *member);
/* What a member's adverts may come from, see struct conf_peer; in the source's
 * arena. The member's node is known. */
struct conf_addrs source_adverts_from(struct conf_source *,
    const struct src_instance *, const struct src_priority *member);

#endif
