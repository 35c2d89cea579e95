/* SPDX-License-Identifier: ISC */
/*
 * When a master announces its addresses: a burst of garp.count frames,
 * garp.interval apart, on becoming master; one more burst garp.repeat_after
 * later, for switches that were still relearning; and one every garp.refresh.
 * A "frame" is one gratuitous ARP or neighbour advertisement for each
 * address.
 */
#ifndef VRRPD_FSM_ANNOUNCE_H
#define VRRPD_FSM_ANNOUNCE_H

#include "fsm/types.h"

/* Begins anew; the first frame is due at once. */
void fsm_announce_start(struct fsm *, uint64_t now);
/* Nothing is due any more. */
void fsm_announce_stop(struct fsm *);
/* When fsm_announce_due() has to be asked; FSM_NEVER: not at all. */
uint64_t fsm_announce_deadline(const struct fsm *);
/* Whether a frame is due. It counts as announced then. */
bool fsm_announce_due(struct fsm *, uint64_t now);

#endif
