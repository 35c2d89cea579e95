/* SPDX-License-Identifier: ISC */
/* What operators ask for, see operator.h. */
#include "fsm/operator.h"

#include "clock.h"
#include "fsm/announce.h"
#include "fsm/state.h"

void
fsm_on_resign(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->resigned = true;
	fsm->resigned_until = s->event->duration == 0 ?
	    FSM_NEVER :
	    s->now + s->event->duration;
	fsm->preempt_at = FSM_NEVER;
	fsm->preempt_delay_over = false;
	if (fsm->state == FSM_STATE_MASTER) {
		fsm_reason(fsm, "resigned by operator");
		fsm_to_resigning(s);
	} else if (fsm->state == FSM_STATE_ACQUIRING) {
		fsm_release(s, 0);
		fsm_reason(fsm, "resigned by operator");
		fsm_to_backup(s, 3);
	}
}

/* The next advert decides whether it preempts. */
void
fsm_on_enable(struct step *s)
{
	s->fsm->resigned = false;
	s->fsm->resigned_until = FSM_NEVER;
}

void
fsm_on_shutdown(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->shutdown = true;
	if (fsm->state == FSM_STATE_LEAVING) {
		fsm_leave_for_good(s);
		return;
	}
	fsm_reason(fsm, "%s", s->event->text);
	if (fsm->state == FSM_STATE_MASTER && !s->event->replaced) {
		fsm_to_leaving(s);
		return;
	}
	if (fsm->state == FSM_STATE_ACQUIRING)
		fsm_release(s, 0);
	else if (fsm->term != 0 && !s->event->replaced)
		/* It was waiting to be taken up. */
		fsm_release(s, fsm->term);
	fsm_to_initialize(s);
	s->out->what |= FSM_DO_DONE;
}

void
fsm_keep_scalars(struct fsm *fsm, const struct conf_instance *conf)
{
	fsm->conf = *conf;
	fsm->conf.name = NULL;
	fsm->conf.interface = NULL;
	fsm->conf.addresses = NULL;
	fsm->conf.address_count = 0;
}

/*
 * A master sends at once if others must know of the change. A backup's timer
 * is computed anew from where it began. Nothing else changes.
 */
void
fsm_on_config(struct step *s)
{
	struct fsm *fsm = s->fsm;
	struct conf_instance old = fsm->conf;
	const struct conf_instance *conf = s->event->conf;
	bool changed = s->event->addresses_changed ||
	    conf->interval != old.interval || conf->priority != old.priority;

	fsm_keep_scalars(fsm, conf);
	if (conf->preempt != old.preempt ||
	    conf->preempt_delay != old.preempt_delay)
		fsm->preempt_at = FSM_NEVER;
	if (fsm->state == FSM_STATE_BACKUP && fsm->timer != FSM_NEVER) {
		if (fsm->acquires_refused > 0)
			fsm_arm_down(s, 3);
		else
			fsm_rearm_down(s);
	}
	fsm->acquires_refused = 0;
	if (fsm->state != FSM_STATE_MASTER)
		return;
	fsm->master_priority = conf->priority;
	if (changed)
		fsm_send_own(s);
	if (s->event->addresses_changed)
		fsm_announce_start(fsm, s->now);
	else if (conf->garp.refresh != old.garp.refresh)
		fsm->announce.refresh = conf->garp.refresh == 0 ?
		    FSM_NEVER :
		    s->now + conf->garp.refresh * NS_PER_MS;
}
