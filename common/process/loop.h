/* SPDX-License-Identifier: ISC */
/*
 * The event loop of a daemon that is scheduled before ordinary processes.
 * Work that is taken in slices, and a sibling or an operator that never stops
 * talking, always leave something for the next turn. A loop that never sleeps
 * leaves the processor to nobody, and runs into RLIMIT_RTTIME, which ends it.
 */
#ifndef COMMON_PROCESS_LOOP_H
#define COMMON_PROCESS_LOOP_H

#include <event2/event.h>
#include <stdint.h>

/* How long a loop rests that was awake for too long, ns. */
#define LOOP_REST UINT64_C(1000000)

/*
 * Runs the loop until it is told to end, as event_base_dispatch(). When it has
 * been awake for `awake` ns without a sleep, and its turn is over, it sleeps
 * for LOOP_REST. Gives -1 when the loop cannot go on, else 0.
 */
int loop_run(struct event_base *, uint64_t awake);

#endif
