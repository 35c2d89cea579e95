/* SPDX-License-Identifier: ISC */
/* The probes of the generation in force, and what comes of each. */
#ifndef CHECKD_PROBE_H
#define CHECKD_PROBE_H

#include "checkd.h"

void probes_init(struct checkd *);
void probes_free(struct checkd *);
/* Whether all probes of conf can be probed. False: object names the first that
 * cannot, and reason tells why. */
bool probes_accept(
    const struct conf *, char *object, size_t size, const char **reason);
/* Puts conf in force and owns it. The old configuration is freed. */
void probes_commit(struct checkd *, struct conf *);

#endif
