/* SPDX-License-Identifier: ISC */
/*
 * What a generation's services are found by. It is made ahead of
 * kernel_configure() because it takes long, and does not change then.
 */
#ifndef IPVSD_KERNEL_INDEX_H
#define IPVSD_KERNEL_INDEX_H

#include "conf/conf.h"
#include "desired/ipvs_table.h"

struct kernel_index;

/* The configuration must live as long as the index. */
struct kernel_index *kernel_index_new(const struct conf *);
/* Does so many services. True: there is more to do. */
bool kernel_index_step(struct kernel_index *, uint32_t services);
void kernel_index_free(struct kernel_index *);

/*
 * The services of an instance, or those with a server that a probe checks:
 * gives how many, and *services, their indices into conf->services. 0 of an
 * unknown id. Of a whole index only.
 */
uint32_t kernel_index_instance(
    const struct kernel_index *, uint32_t instance, const uint32_t **services);
uint32_t kernel_index_probe(
    const struct kernel_index *, uint32_t probe, const uint32_t **services);
/* The keys of the services that this host programs, sorted. */
const struct ipvs_key *kernel_index_keys(
    const struct kernel_index *, uint32_t *count);

#endif
