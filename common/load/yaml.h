/* SPDX-License-Identifier: ISC */
/*
 * A YAML file as a tree of small nodes with their places. Only what a
 * configuration needs: no anchors, aliases, tags, merge or duplicate keys,
 * and one document a file.
 */
#ifndef COMMON_LOAD_YAML_H
#define COMMON_LOAD_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YAML_FILE_MAX  ((size_t)64 << 20)
#define YAML_NODES_MAX 4000000u
#define YAML_DEPTH_MAX 16

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

struct conf_source;

/*
 * Reads source->files[file]. NULL after a finding was made, or when the file
 * has no document and may be empty.
 */
struct ynode *conf_yaml_read(
    struct conf_source *, uint16_t file, bool may_be_empty);

/* The value of a map's key; NULL without it or when it is no map. */
const struct ynode *ynode_value(const struct ynode *map, const char *key);
/* The same, else the map itself: a place to point at. */
const struct ynode *ynode_place(const struct ynode *map, const char *key);

#endif
