/* SPDX-License-Identifier: ISC */
/*
 * The objects of a configuration file, for the schema's offsets and for the
 * loader. Each struct begins with what the daemons see of it (conf.h).
 * load/bind.c fills in what the file says, load/resolve.c the rest.
 */
#ifndef COMMON_CONF_SOURCE_OBJECTS_H
#define COMMON_CONF_SOURCE_OBJECTS_H

#include "conf/conf.h"

struct ynode; /* load/ynode.h */

/* Where an object stands, and which rows of its schema were given. */
struct src_head {
	const struct ynode *at;
	uint64_t given;
	bool bad;     /* had an error: it is not judged further */
	bool partial; /* an element of its lists had one */
};

struct vec {
	void *items;
	uint32_t count;
	uint32_t room;
};

struct src_node {
	struct conf_node c;
	struct src_head head;
};

/* One value, or one a node. */
struct by_node {
	struct by_node_entry {
		const struct ynode *at;
		const char *node; /* NULL: every node */
		const char *text;
		struct addr addr;
		struct conf_addrs addrs;
	} * list;
	uint32_t count;
};

struct src_priority {
	const struct ynode *at;
	const char *node;
	uint32_t index; /* of the node; UINT32_MAX: unknown */
	uint8_t priority;
};

struct priorities {
	struct src_priority *list; /* the file's order */
	uint32_t count;
};

struct src_address {
	struct conf_address c;
	struct src_head head;
};

struct src_instance {
	struct conf_instance c;
	struct src_head head;
	const char *base; /* the name in the file, before spread */
	struct by_node interface;
	struct by_node source;
	struct by_node unicast_peers;
	struct by_node unicast_sources;
	struct priorities nodes;
	struct vec addresses;
	struct vec more;
	struct vec spread;
};

struct src_check {
	struct conf_probe c; /* no address yet; check is the name */
	struct src_head head;
	struct by_node source;
	const char *close;   /* NULL: by how many checks there are */
	const char *ref;     /* in a list: the name of another */
	uint32_t definition; /* equal checks have equal numbers */
	uint64_t target;     /* what is sent and expected */
	bool used;
};

struct src_server {
	struct conf_server c;
	struct src_head head;
	struct vec checks; /* src_check; of the service by default */
};

struct src_endpoint {
	struct addr addr;
	uint16_t port;
	uint32_t instance; /* UINT32_MAX: none has the address */
	struct src_head head;
};

struct src_service {
	struct conf_service c;
	struct src_head head;
	const char *vrrp;
	uint32_t flags; /* as given, with CONF_FLAG_NO_FALLBACK */
	enum conf_forward forward;
	struct vec endpoints;
	struct vec checks;
	struct vec servers;
};

struct src_ipvs {
	struct conf_ipvs c;
	struct by_node sync_interface;
	const char *sync_vrrp;
	struct src_head head;
};

struct src_root {
	struct conf c;
	struct src_head head;
	struct src_ipvs ipvs;
	struct vec nodes;
	struct vec instances;
	struct vec checks;
	struct vec services;
};

#define VEC_AT(vec, type, i) (&((type *)(vec)->items)[i])

#endif
