/* SPDX-License-Identifier: ISC */
/*
 * A configuration as the file has it, for the whole cluster: private to the
 * loader.
 */
#ifndef COMMON_LOAD_SOURCE_H
#define COMMON_LOAD_SOURCE_H

#include "conf/conf.h"
#include "conf/schema.h"
#include "load/load.h"
#include "load/names.h"
#include "load/source_objects.h"

struct src_root {
	struct conf c;
	struct src_head head;
	struct src_ipvs ipvs;
	struct vec nodes;
	struct vec instances;
	struct vec checks;
	struct vec services;
};

/* What the loader finds out about this host (load/host.c). */
struct conf_host {
	const char *name;
	struct addr *addresses;
	uint32_t address_count;
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
	struct table nodes; /* by name, into root.nodes; as the others */
	struct table instances;
	struct table bases; /* names that `spread` took apart */
	struct table checks;
	struct table services;
	struct table addresses;	     /* struct addr -> instance */
	struct table node_addresses; /* struct addr -> node */
	bool instances_whole;	     /* none was bad or partial */
	struct table definitions;    /* of checks, in their binary form */
	struct table probes;	     /* struct probe_key -> id */
	void *probe_key;	     /* one that is not in the table yet */
	uint32_t *service_from;	     /* by id: the service in the file */
	bool *probe_here; /* by id: a service of this host asks for it */
	uint32_t probe_room;
};

#endif
