/* SPDX-License-Identifier: ISC */
/*
 * What was in force of the servers whose checks a generation changes. Until the
 * new checks have a verdict such a server stays as it was: who was down does
 * not come back, and who was up does not go by a single failure.
 */
#ifndef IPVSD_RUNNING_FORMER_H
#define IPVSD_RUNNING_FORMER_H

#include "running/ipvsd.h"

struct former;
struct running;

/* NULL: no memory. */
struct former *former_new(const struct running *);
void former_free(struct former *);
/*
 * Looks for the servers that go on with a check that the one before did not
 * have, about `objects` more; true while there is more to do. The carry must be
 * complete.
 */
bool former_step(struct running *, uint32_t objects);
/* At the switch: takes over the health that these servers have in old. */
void former_take(struct running *, const struct running *old);
/* The same after a restart, when `was` has been restored. */
void former_restored(struct running *);
/* FORMER: tells checkd what is in force, before a COMMIT. */
void former_tell(const struct running *, struct link *);

/* Sends one packet about `count` probes from `first` on. False: no more. */
typedef bool (*former_tell_fn)(
    const struct running *, struct link *, uint32_t first, uint32_t count);
/* Has fn tell of all probes, at most so many at a time, until it gives false.
 */
void former_tell_all(
    const struct running *, struct link *, uint32_t most, former_tell_fn fn);

#endif
