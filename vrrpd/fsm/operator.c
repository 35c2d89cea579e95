/* SPDX-License-Identifier: ISC */
/* What operators ask for: resign, enable, shut down, a new configuration. */
#include "clock.h"
#include "fsm/fsm_int.h"

void
fsm_on_resign(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->resigned = true;
	fsm->resigned_until = s->event->duration == 0 ?
	    FSM_NEVER :
	    s->now + s->event->duration;
	fsm->preempt_at = FSM_NEVER;
	fsm->preempting = false;
	if (fsm->state == FSM_STATE_MASTER) {
		fsm_reason(fsm, "resigned by operator");
		fsm_to_resigning(s);
	} else if (fsm->state == FSM_STATE_ACQUIRING) {
		fsm_release(s, 0);
		fsm_reason(fsm, "resigned by operator");
		fsm_to_backup(s, 3);
	}
}

/* Preempts as before from the next advert on. */
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
	if (fsm->state == FSM_STATE_MASTER) {
		fsm_to_leaving(s);
		return;
	}
	if (fsm->state == FSM_STATE_ACQUIRING)
		fsm_release(s, 0);
	else if (fsm->term != 0) /* was to be taken up */
		fsm_release(s, fsm->term);
	fsm_to_initialize(s);
	s->out->what |= FSM_DO_DONE;
}

static void
keep_scalars(struct fsm *fsm, const struct conf_instance *conf)
{
	fsm->conf = *conf;
	fsm->conf.name = NULL;
	fsm->conf.interface = NULL;
	fsm->conf.addresses = NULL;
	fsm->conf.address_count = 0;
}

/*
 * A master tells at once what others must know; a backup's timer goes on
 * from where it began. Nothing else is touched.
 */
void
fsm_on_config(struct step *s)
{
	struct fsm *fsm = s->fsm;
	struct conf_instance old = fsm->conf;
	const struct conf_instance *conf = s->event->conf;
	bool changed = s->event->addresses_changed ||
	    conf->interval != old.interval || conf->priority != old.priority;

	keep_scalars(fsm, conf);
	if (conf->preempt != old.preempt ||
	    conf->preempt_delay != old.preempt_delay)
		fsm->preempt_at = FSM_NEVER;
	if (fsm->state == FSM_STATE_BACKUP && fsm->timer != FSM_NEVER)
		fsm_rearm_down(s);
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

void
fsm_init(struct fsm *fsm, const struct conf_instance *conf, uint64_t now)
{
	*fsm = (struct fsm){
	    .state = FSM_STATE_INITIALIZE,
	    .since = now,
	    .resigned_until = FSM_NEVER,
	    .fresh = true,
	    .start_at = now + conf->start_delay * NS_PER_MS,
	    .timer = FSM_NEVER,
	    .preempt_at = FSM_NEVER,
	};
	keep_scalars(fsm, conf);
	fsm_announce_stop(fsm);
	fsm_reason(fsm, "just configured");
}
