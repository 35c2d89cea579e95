/* SPDX-License-Identifier: ISC */
/*
 * What happens in vrrpd, told to the log and to each `vipctl monitor`. Every
 * other file may tell an event; this one gives no orders.
 */
#ifndef VRRPD_EVENT_H
#define VRRPD_EVENT_H

#include "fsm/types.h"

struct instance;
struct link;
struct vrrpd;

/* The instance's state is another, for the reason in its fsm. */
void event_transition(
    struct instance *, enum fsm_state from, enum fsm_state to);
void event_link_up(struct vrrpd *, struct link *);
/* The link is down or refused; link.c has logged why. */
void event_link_down(struct vrrpd *, struct link *);

#endif
