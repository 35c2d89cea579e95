/* SPDX-License-Identifier: ISC */
/*
 * One virtual router's decisions: RFC 9568 6.4 (and RFC 3768 for version 2)
 * with the lease towards ipvsd. Pure: (state, event, now) -> actions. Times
 * are CLOCK_MONOTONIC in ns.
 *
 * The caller feeds every event through fsm_event() and then carries out what
 * *actions says, in the order of the flags below; then it sets its one timer
 * to fsm_deadline(). A SEND is answered by FSM_SENT or FSM_SEND_FAILED
 * through fsm_event() again (no recursion deeper than that: it never asks
 * for another SEND).
 *
 *	initialize -> backup | acquiring (owner) | master (term taken up)
 *	backup -> acquiring on expiry -> master on HELD
 *	master -> leaving (resign, shutdown, fault.h) -> backup | initialize
 *	leaving (resign, fault.h) -> master when nobody takes over
 *
 * A change of version, family, VRID or interface is another virtual router:
 * the caller ends this one with SHUTDOWN and begins a new one.
 */
#ifndef VRRPD_FSM_FSM_H
#define VRRPD_FSM_FSM_H

#include "fsm/event.h"
#include "fsm/times.h"
#include "fsm/types.h"

/*
 * Begins in initialize. Only scalars of the configuration are kept, so it may
 * be freed afterwards. start_delay counts from now.
 */
void fsm_init(struct fsm *, const struct conf_instance *, uint64_t now);
/* Handles one event; *actions is overwritten. */
void fsm_event(
    struct fsm *, const struct fsm_event *, uint64_t now, struct fsm_actions *);
/* When FSM_TIMER is due; FSM_NEVER if there is nothing to wait for. */
uint64_t fsm_deadline(const struct fsm *);

const char *fsm_state_name(enum fsm_state);

#endif
