/* SPDX-License-Identifier: ISC */
/*
 * Matches the objects of an old configuration with those of a new one by their
 * keys (conf/conf.h): instances, probes and servers. Pure. It works in steps,
 * because a large configuration would keep the loop away.
 */
#ifndef IPVSD_RUNNING_CARRY_H
#define IPVSD_RUNNING_CARRY_H

#include "conf/conf.h"

#define CARRY_NONE UINT32_MAX

struct carry;

/* Both configurations must outlive the carry; old may be NULL. NULL: no
 * memory. */
struct carry *carry_new(const struct conf *old, const struct conf *new);
void carry_free(struct carry *);
/* Matches about `objects` more; true while there is more to do. */
bool carry_step(struct carry *, uint32_t objects);
/* The old configuration, NULL: there is none. */
const struct conf *carry_old(const struct carry *);

/*
 * The new id of each old id, CARRY_NONE of an object that is gone. The array
 * has *count entries and belongs to the carry. It is complete when carry_step()
 * has returned false.
 */
const uint32_t *carry_instances(const struct carry *, uint32_t *count);
const uint32_t *carry_probes(const struct carry *, uint32_t *count);
const uint32_t *carry_servers(const struct carry *, uint32_t *count);

#endif
