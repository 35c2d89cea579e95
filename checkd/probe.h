/* SPDX-License-Identifier: ISC */
/* The probes of the generation in force, and what comes of each. */
#ifndef CHECKD_PROBE_H
#define CHECKD_PROBE_H

#include "checkd.h"

void probes_init(struct checkd *);
void probes_free(struct checkd *);
/* Whether all probes of checkd->next can be probed, as far as the deadline
 * (monotonic ns) lets it see: see judge() of generation/receiver.h. */
int probes_judge(struct checkd *, uint64_t deadline);
/* Puts conf in force and owns it. The old configuration is freed. */
void probes_commit(struct checkd *, struct conf *);
/* What ipvsd has in force of the probes, enum health by id: those without a
 * verdict begin with it. */
void probes_begin(struct checkd *, const uint8_t *former);

#endif
