/* SPDX-License-Identifier: ISC */
/*
 * How a generation comes into force, all that takes time in slices. Before
 * READY each of its probes is matched with the one in force of the same key, or
 * made new. COMMIT gives the probes their new configuration and ids. Then those
 * that are new are scheduled, and those that have left are freed.
 */
#ifndef CHECKD_RELOAD_H
#define CHECKD_RELOAD_H

#include "checkd.h"

/* Takes over a configuration. False without memory. */
bool reload_begin(struct checkd *, struct conf *);
/* Matches its probes: see judge() of generation/receiver.h. */
int reload_judge(struct checkd *, uint64_t deadline);
/* It does not come into force. */
void reload_drop(struct checkd *);
/* It is in force. Probes without a verdict begin with checkd->former, if that
 * was told. */
void reload_commit(struct checkd *);
/* The same of what is in force already. */
void reload_former(struct checkd *);
/* Goes on with what COMMIT has left to do until the deadline (monotonic ns);
 * whether more is to do. No other one may be begun before. */
bool reload_step(struct checkd *, uint64_t deadline);
/* Frees all probes and what is in force, when nothing is being prepared. */
void reload_free(struct checkd *);

#endif
