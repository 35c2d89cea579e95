/* SPDX-License-Identifier: ISC */
/*
 * The lease towards ipvsd: what ipvsd says of it, what adverts do for it, and
 * how it ends.
 */
#ifndef VRRPD_FSM_LEASE_H
#define VRRPD_FSM_LEASE_H

#include "fsm/step.h"

void fsm_on_held(struct step *);
void fsm_on_failed(struct step *);
void fsm_on_renewed(struct step *);
void fsm_on_ended(struct step *);
void fsm_on_snapshot_begin(struct step *);
void fsm_on_snapshot_end(struct step *);
void fsm_on_ipvsd_lost(struct step *);
void fsm_on_addresses(struct step *);
void fsm_on_sent(struct step *);
void fsm_on_send_failed(struct step *);

/* Acquiring has failed; why is for the reason. To backup. */
void fsm_acquire_failed(struct step *, const char *why);
/* Stops being master if the lease is over. */
void fsm_check_lease(struct step *);
/* The same after sleep: gap (ns) is what CLOCK_MONOTONIC did not count. */
void fsm_check_lease_awake(struct step *, uint64_t gap);

#endif
