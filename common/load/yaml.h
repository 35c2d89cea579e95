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

#include "load/ynode.h"

#define YAML_FILE_MAX  ((size_t)64 << 20)
#define YAML_NODES_MAX 4000000u
#define YAML_DEPTH_MAX 16

struct conf_source;

/*
 * Reads source->files[file]. NULL after a finding was made, or when the file
 * has no document and may be empty.
 */
struct ynode *conf_yaml_read(
    struct conf_source *, uint16_t file, bool may_be_empty);

#endif
