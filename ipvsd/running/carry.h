/* SPDX-License-Identifier: ISC */
/*
 * What of an old configuration goes on in a new one: instances, probes and,
 * when the new one has a slow start, servers of one key (conf/conf.h). Pure,
 * and in steps, for the loop's sake.
 */
#ifndef IPVSD_RUNNING_CARRY_H
#define IPVSD_RUNNING_CARRY_H

#include "conf/conf.h"

#define CARRY_NONE UINT32_MAX

struct carry;

/* Both configurations outlive it; old may be NULL. NULL: no memory. */
struct carry *carry_new(const struct conf *old, const struct conf *new);
void carry_free(struct carry *);
/* Looks at up to `objects` more; true while there is more to do. */
bool carry_step(struct carry *, uint32_t objects);

/* From an old id to the new one, CARRY_NONE when it is gone; by old id,
 * *count of them. Valid while the carry is. */
const uint32_t *carry_instances(const struct carry *, uint32_t *count);
const uint32_t *carry_probes(const struct carry *, uint32_t *count);
const uint32_t *carry_servers(const struct carry *, uint32_t *count);

#endif
