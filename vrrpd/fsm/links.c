/* SPDX-License-Identifier: ISC */
/* What a fault does to the state, see links.h. */
#include "fsm/links.h"

#include <stdio.h>

#include "fsm/announce.h"
#include "fsm/fault.h"
#include "fsm/state.h"

void
fsm_fault_due(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (s->now < fsm_fault_deadline(fsm))
		return;
	fsm_reason(fsm, "%s", fsm->fault);
	fsm_to_resigning(s);
}

void
fsm_on_moved(struct step *s)
{
	if (s->fsm->state == FSM_STATE_MASTER)
		fsm_announce_start(s->fsm, s->now);
}

/*
 * As master it announces what it could not announce there meanwhile.
 * As backup it takes part again like one whose interface was away: what its
 * checks found meanwhile says nothing about the servers.
 */
static void
fault_is_over(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->acquires_refused = 0;
	fsm->fault_over = s->now;
	fsm_on_moved(s);
	if (fsm->state != FSM_STATE_BACKUP)
		return;
	fsm_returned(s);
	if (fsm->timer != FSM_NEVER)
		fsm_arm_down(s, 3);
}

void
fsm_on_links(struct step *s)
{
	struct fsm *fsm = s->fsm;
	bool before = fsm_has_fault(fsm);

	snprintf(fsm->fault, sizeof(fsm->fault), "%s", s->event->text);
	if (before && !fsm_has_fault(fsm))
		fault_is_over(s);
	if (!before)
		fsm_fault_begins(fsm, s->now);
	fsm_fault_due(s);
}
