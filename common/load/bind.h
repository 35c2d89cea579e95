/* SPDX-License-Identifier: ISC */
/* From the tree of nodes to source structs, a schema's row at a time. */
#ifndef COMMON_LOAD_BIND_H
#define COMMON_LOAD_BIND_H

#include "conf/schema.h"
#include "load/source.h"

struct ynode;

/* Reads one file's root into s->root. */
void conf_bind(struct conf_source *, const struct ynode *root);
/* The source struct with every default. */
const void *bind_defaults(struct conf_source *, const struct conf_schema *);
bool bind_given(
    const struct src_head *, const struct conf_schema *, const char *key);

#endif
