/* SPDX-License-Identifier: ISC */
/*
 * The state machine's hands: an event goes into an instance's fsm, what the
 * fsm wants is done, and the instance's one timer is set.
 */
#ifndef VRRPD_ACT_H
#define VRRPD_ACT_H

#include "fsm/event.h"

struct instance;
struct vrrpd;

/* Initialises the timer of an instance, which is not set yet. */
void act_init(struct instance *);
/* Gives one event; it is ignored after FSM_DO_DONE. */
void act_event(struct instance *, struct fsm_event *);
/* The same for an event that has no fields. */
void act_tell(struct instance *, enum fsm_event_type);
void act_tell_all(struct vrrpd *, enum fsm_event_type);

#endif
