/* SPDX-License-Identifier: ISC */
/*
 * What the handlers of events do to a virtual router: they enter its states,
 * set the timers that belong to them, send adverts and give terms back. All
 * of it goes into the step's fsm and actions.
 */
#ifndef VRRPD_FSM_STATE_H
#define VRRPD_FSM_STATE_H

#include "fsm/step.h"

/* Sets fsm->reason, which the next transition tells. */
void fsm_reason(struct fsm *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* Leaves initialize as soon as the interface is up and start_delay over
 * (RFC 9568 6.4.1); takes a former term up if there is one. */
void fsm_start(struct step *);
void fsm_to_initialize(struct step *);
/* With Active_Down_Timer at `wait` master intervals and Skew_Time. */
/* The event FORMER. */
void fsm_on_former(struct step *);
void fsm_to_backup(struct step *, uint64_t wait);
/* Of this term, which ends at `end`. The reason stays that of becoming
 * acquiring. */
void fsm_to_master(struct step *, uint64_t term, uint64_t end);
/* Sends priority 0, and waits until the new master has spoken. */
void fsm_to_leaving(struct step *);
/* The same, but it becomes master again if nobody takes over. */
void fsm_to_resigning(struct step *);
/* Takes that permission to come back away. */
void fsm_leave_for_good(struct step *);
/* Leaving is over: gives the term back, and becomes backup or, after
 * SHUTDOWN, is done. The caller has set the reason. */
void fsm_finish_leaving(struct step *);
/* Leaving is over, and no other master was heard. */
void fsm_nobody_took_over(struct step *);

/* Sets Active_Down_Timer to `wait` master intervals and Skew_Time from now.
 * With 0 intervals, a router that resigned waits for the others. */
void fsm_arm_down(struct step *, uint64_t wait);
/* Computes Active_Down_Timer anew from where it began. */
void fsm_rearm_down(struct step *);
/* Active_Down_Timer or preempt_delay is over: to acquiring, or waiting for
 * ipvsd if that is away. */
void fsm_expire(struct step *);
/* Sets the reason alone: expired, but ipvsd is away. */
void fsm_wait_for_ipvsd(struct step *);

/* An interface is back: may_preempt is off until ipvsd says it anew. */
void fsm_returned(struct step *);

void fsm_send(struct step *, uint8_t priority);
/* An advert with the own priority; sets Adver_Timer. */
void fsm_send_own(struct step *);
/* Gives the term back; 0 stands for the one that is being opened. */
void fsm_release(struct step *, uint64_t term);

#endif
