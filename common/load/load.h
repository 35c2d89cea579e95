/* SPDX-License-Identifier: ISC */
/*
 * From the operator's files to a source: what they say, for the whole cluster
 * and resolved for this host. print.h and encode.h go on from there. Used by
 * ipvsd's parser (without any capability) and by `vipctl check`; the only part
 * of triumvir that links libyaml (library conf_load).
 */
#ifndef COMMON_LOAD_LOAD_H
#define COMMON_LOAD_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/severity.h"

struct conf_source;

/*
 * Reads file and, beside it, conf.d/ *.yaml in the order of their names;
 * reports every finding of the run (at most 1,000, then one that says so).
 * node: this host's; NULL or "": the host's name, then the node with an
 * address of this host. *errors and *warnings are counted. Never NULL: free
 * it.
 */
struct conf_source *conf_load(const char *file, const char *node,
    conf_report_fn, void *arg, unsigned *errors, unsigned *warnings);
void conf_source_free(struct conf_source *);
/* The name of node index, in the order of the files, and the path of file
 * index, in the order of reading. NULL: there are not so many. Both live as
 * long as the source. */
const char *conf_source_node(const struct conf_source *, uint32_t index);
const char *conf_source_file(const struct conf_source *, uint32_t index);
#endif
