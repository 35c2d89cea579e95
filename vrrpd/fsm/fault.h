/* SPDX-License-Identifier: ISC */
/*
 * A fault: an interface of an address, other than the instance's own, is
 * missing, down or without a carrier. Who has one leaves a living master alone
 * and lets the other backups go first. A master that gets one hands over, and
 * goes on when nobody takes over: backups are silent, so that is the way to
 * learn whether there is one. It tries again, at growing distances.
 */
#ifndef VRRPD_FSM_FAULT_H
#define VRRPD_FSM_FAULT_H

#include "fsm/types.h"

bool fsm_has_fault(const struct fsm *);
/* When a master with a fault is to hand over; else FSM_NEVER. */
uint64_t fsm_fault_deadline(const struct fsm *);
/* There was none: what was tried before does not count, unless that is short
 * ago. */
void fsm_fault_begins(struct fsm *, uint64_t now);
/* It is master now, because nobody else is: the next try is later. */
void fsm_fault_waits(struct fsm *, uint64_t now);

#endif
