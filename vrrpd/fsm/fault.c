/* SPDX-License-Identifier: ISC */
/* Interfaces of addresses that do not carry, see fault.h. */
#include "fsm/fault.h"

#include "clock.h"

#define WAIT_FIRST (60 * NS_PER_SEC)
#define WAIT_MAX   (3600 * NS_PER_SEC)
/* A link that comes and goes more often has one fault. */
#define ONE_FAULT  (5 * NS_PER_SEC)

bool
fsm_has_fault(const struct fsm *fsm)
{
	return fsm->fault[0] != '\0';
}

uint64_t
fsm_fault_deadline(const struct fsm *fsm)
{
	return fsm->state == FSM_STATE_MASTER && fsm_has_fault(fsm) ?
	    fsm->fault_at :
	    FSM_NEVER;
}

void
fsm_fault_waits(struct fsm *fsm, uint64_t now)
{
	if (!fsm_has_fault(fsm))
		return;
	fsm->fault_wait = fsm->fault_wait == 0 ? WAIT_FIRST :
	    fsm->fault_wait > WAIT_MAX / 2     ? WAIT_MAX :
						 2 * fsm->fault_wait;
	fsm->fault_at = now + fsm->fault_wait;
}

void
fsm_fault_begins(struct fsm *fsm, uint64_t now)
{
	if (now - fsm->fault_over >= ONE_FAULT)
		fsm->fault_at = now;
	if (now >= fsm->fault_at)
		fsm->fault_wait = 0;
}
