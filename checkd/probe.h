/* SPDX-License-Identifier: ISC */
/* The probes of the generation in force, and what comes of each. */
#ifndef CHECKD_PROBE_H
#define CHECKD_PROBE_H

#include "checkd.h"

void probes_init(struct checkd *);
/* The caller has freed the probes. */
void probes_free(struct checkd *);
/* What was scheduled or freed may have changed when the next one is due. */
void probes_timer(struct checkd *);

/* A probe that does not run yet. The configuration is its generation's. */
struct probe *probe_new(struct checkd *, const struct conf_probe *);
/* Has it run at the times of its configuration, if it does not yet; now in
 * monotonic ns. */
void probe_schedule(struct checkd *, struct probe *, uint64_t now);
void probe_free(struct checkd *, struct probe *);

#endif
