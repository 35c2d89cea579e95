/* SPDX-License-Identifier: ISC */
/* What the files of the state machine share; see fsm.h for the whole. */
#ifndef VRRPD_FSM_FSM_INT_H
#define VRRPD_FSM_FSM_INT_H

#include "fsm/fsm.h"

/* One event being handled. */
struct step {
	struct fsm *fsm;
	const struct fsm_event *event;
	uint64_t now;
	struct fsm_actions *out;
};

/* fsm/state.c: entering states. A NULL format keeps the reason. */
void fsm_reason(struct fsm *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
void fsm_start(struct step *);
void fsm_to_initialize(struct step *);
/* With Active_Down_Timer at `wait` master intervals and Skew_Time. */
void fsm_to_backup(struct step *, uint64_t wait);
void fsm_to_master(struct step *, uint64_t term, uint64_t end);
void fsm_to_leaving(struct step *);
void fsm_to_resigning(struct step *); /* leaving, and may return */
void fsm_leave_for_good(struct step *);
void fsm_finish_leaving(struct step *);
void fsm_nobody_took_over(struct step *);
/* Without intervals to wait, who resigned does so for the others. */
void fsm_arm_down(struct step *, uint64_t wait);
uint64_t fsm_late_skew(const struct fsm *);
void fsm_rearm_down(struct step *);
void fsm_expire(struct step *);
void fsm_wait_for_ipvsd(struct step *); /* the reason alone */
void fsm_send(struct step *, uint8_t priority);
void fsm_send_own(struct step *); /* and re-arms the Adver_Timer */
void fsm_release(struct step *, uint64_t term);
uint64_t fsm_interval(const struct fsm *); /* own, ns */

/* fsm/advert.c */
void fsm_on_advert(struct step *);
void fsm_on_may_preempt(struct step *);

/* fsm/lease.c */
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
void fsm_acquire_failed(struct step *, const char *why);
/* The time of the advert that the lease was last renewed for. */
uint64_t fsm_lease_begin(const struct fsm *, uint64_t now);
/* When this router stops being master unless a renewal comes. */
uint64_t fsm_lease_end(const struct fsm *);
void fsm_check_lease(struct step *);
/* After sleep: gap is what CLOCK_MONOTONIC did not count. */
void fsm_check_lease_awake(struct step *, uint64_t gap);

/* fsm/operator.c */
void fsm_on_resign(struct step *);
void fsm_on_enable(struct step *);
void fsm_on_shutdown(struct step *);
void fsm_on_config(struct step *);

/* fsm/announce.c: bursts of gratuitous ARP or NA while master. */
void fsm_announce_stop(struct fsm *);
/* Begins anew, first frame at once. */
void fsm_announce_start(struct fsm *, uint64_t now);
uint64_t fsm_announce_deadline(const struct fsm *);
/* Whether a frame is due now. */
bool fsm_announce_due(struct fsm *, uint64_t now);

#endif
