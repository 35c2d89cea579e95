/* SPDX-License-Identifier: ISC */
/* A node of the tree that a YAML file is read into. */
#ifndef COMMON_LOAD_YNODE_H
#define COMMON_LOAD_YNODE_H

#include <stdbool.h>
#include <stdint.h>

enum ynode_kind {
	Y_BAD, /* reported already: to be passed over in silence */
	Y_SCALAR,
	Y_SEQUENCE,
	Y_MAP /* children: key, value, key, value ... */
};

struct ynode {
	struct ynode *next;
	union {
		const char *text; /* without NUL inside */
		struct ynode *child;
	};
	uint32_t count; /* bytes, elements or pairs */
	uint32_t line;	/* from 1 */
	uint32_t column;
	uint16_t file; /* index in conf_source.files */
	uint8_t kind;
	bool plain; /* not quoted */
};

/* The value of a map's key; NULL without it or when it is no map. */
const struct ynode *ynode_value(const struct ynode *map, const char *key);
/* The same, else the map itself: a place to point at. */
const struct ynode *ynode_place(const struct ynode *map, const char *key);

#endif
