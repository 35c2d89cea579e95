/* SPDX-License-Identifier: ISC */
/*
 * How long a virtual router waits, and until when its lease lasts: RFC 9568
 * 6.1 (RFC 3768 6.1 for version 2) and the lease towards ipvsd. Lengths are
 * in ns, times are CLOCK_MONOTONIC in ns. Nothing is changed here.
 */
#ifndef VRRPD_FSM_TIMES_H
#define VRRPD_FSM_TIMES_H

#include "fsm/types.h"

/* The configured advertisement interval. */
uint64_t fsm_interval(const struct fsm *);
/* The one that version 3 learned from the master, else the configured one. */
uint64_t fsm_master_interval(const struct fsm *);
/* Skew_Time. */
uint64_t fsm_skew(const struct fsm *);
/* Instead of Skew_Time for a router that resigned: all others go first, and
 * it is still heard in time. */
uint64_t fsm_late_skew(const struct fsm *);
/* How long a master that leaves waits for its successor to speak. */
uint64_t fsm_hand_over_wait(const struct fsm *);

/* When the next advert is due (master) or the master counts as lost. */
uint64_t fsm_next(const struct fsm *);
/* From when on a peer may take over, as it has not heard us. */
uint64_t fsm_takeover_time(const struct fsm *);
/* When the advert was sent that the lease was last renewed for; not after
 * now. */
uint64_t fsm_lease_begin(const struct fsm *, uint64_t now);
/* When this router stops being master unless a renewal comes. */
uint64_t fsm_lease_end(const struct fsm *);

#endif
