/* SPDX-License-Identifier: ISC */
/*
 * The state machine's hands: an event goes into an instance's fsm, what the
 * fsm wants is done, and the instance's one timer is set.
 */
#ifndef VRRPD_ACT_H
#define VRRPD_ACT_H

#include "fsm/event.h"

struct event;
struct instance;
struct vrrpd;

/* The timer of an instance, not set yet: the caller's, who stores it in the
 * instance. NULL without memory. */
struct event *act_timer_new(struct instance *);
/* Gives one event; it is ignored after FSM_DO_DONE. */
void act_event(struct instance *, struct fsm_event *);
/* The same for an event that has no fields. */
void act_tell(struct instance *, enum fsm_event_type);
void act_tell_all(struct vrrpd *, enum fsm_event_type);

#endif
