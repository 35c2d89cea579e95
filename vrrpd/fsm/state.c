/* SPDX-License-Identifier: ISC */
/* Entering the states, and the timers that belong to them, see state.h. */
#include "fsm/state.h"

#include <stdarg.h>
#include <stdio.h>

#include "clock.h"
#include "fsm/announce.h"
#include "fsm/fault.h"
#include "fsm/times.h"
#include "packet/packet.h"

#define PATIENCE_MAX (4 * NS_PER_SEC)

void
fsm_reason(struct fsm *fsm, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(fsm->reason, sizeof(fsm->reason), format, ap);
	va_end(ap);
}

void
fsm_send(struct step *s, uint8_t priority)
{
	s->out->what |= FSM_DO_SEND;
	s->out->priority = priority;
}

void
fsm_send_own(struct step *s)
{
	fsm_send(s, s->fsm->conf.priority);
	s->fsm->timer = s->now + fsm_interval(s->fsm);
}

void
fsm_release(struct step *s, uint64_t term)
{
	s->out->what |= FSM_DO_RELEASE;
	s->out->term = term;
	if (s->fsm->term == term)
		s->fsm->term = 0;
}

/* While the interface was away the checks found every server down, so their
 * results say nothing about the servers. */
void
fsm_returned(struct step *s)
{
	s->fsm->may_preempt = false;
	s->out->what |= FSM_DO_RETURNED;
}

/* A restart of the process is no new state; nor is it when a master's interface
 * is known only after the snapshot. */
static uint64_t
entered_at(const struct fsm *fsm, uint64_t now)
{
	bool taken_up = fsm->state == FSM_STATE_MASTER && fsm->fresh;

	return (fsm->anew || taken_up) && fsm->former_since != 0 &&
		fsm->former == fsm->state ?
	    fsm->former_since :
	    now;
}

void
fsm_on_former(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (!fsm->anew || s->event->time > s->now)
		return;
	fsm->former = s->event->state;
	fsm->former_since = s->event->time;
	fsm->since = entered_at(fsm, fsm->since);
}

static void
enter(struct step *s, enum fsm_state state)
{
	struct fsm *fsm = s->fsm;

	if (!s->out->changed)
		s->out->from = fsm->state;
	s->out->changed = true;
	s->out->to = state;
	fsm->state = state;
	fsm->since = entered_at(fsm, s->now);
	fsm->timer = FSM_NEVER;
	fsm->preempt_at = FSM_NEVER;
	if (state != FSM_STATE_MASTER)
		fsm_announce_stop(fsm);
}

void
fsm_arm_down(struct step *s, uint64_t wait)
{
	s->fsm->down_base = s->now;
	s->fsm->down_wait = wait;
	s->fsm->down_late = (wait == 0 && s->fsm->resigned) ||
	    fsm_has_fault(s->fsm);
	fsm_rearm_down(s);
}

void
fsm_rearm_down(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->timer = fsm->down_base +
	    fsm->down_wait * fsm_master_interval(fsm) +
	    (fsm->down_late ? fsm_late_skew(fsm) : fsm_skew(fsm));
	if (fsm->timer < s->now)
		fsm->timer = s->now;
}

void
fsm_to_initialize(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->master.family = AF_UNSPEC;
	fsm->master_priority = 0;
	fsm->learned_interval = 0;
	fsm->term = 0;
	fsm->unsent_terms = 0;
	fsm->mute_until = 0;
	enter(s, FSM_STATE_INITIALIZE);
}

void
fsm_to_backup(struct step *s, uint64_t wait)
{
	struct fsm *fsm = s->fsm;

	fsm->preempt_delay_over = false;
	fsm->acquire_failed = false;
	enter(s, FSM_STATE_BACKUP);
	fsm_arm_down(s, wait);
	/* This router was the master itself: now none is known. */
	if (addr_equal(&fsm->master, &fsm->source)) {
		fsm->master.family = AF_UNSPEC;
		fsm->master_priority = 0;
	}
}

/*
 * How long an ACQUIRE may take (ns): an interval, so that another router gets
 * its turn when ipvsd hangs. Two hosts that always need longer would pass the
 * turn on for ever, so each attempt in a row that ran out doubles the time.
 * A longer wait does no harm: a master's advert ends the attempt.
 */
static uint64_t
patience(const struct fsm *fsm)
{
	uint64_t wait = fsm_interval(fsm);

	for (unsigned i = 0;
	     i < fsm->acquires_unanswered && wait < PATIENCE_MAX; i++)
		wait *= 2;
	return wait;
}

static void
to_acquiring(struct step *s)
{
	s->out->what |= FSM_DO_ACQUIRE;
	s->fsm->fresh = false;
	enter(s, FSM_STATE_ACQUIRING);
	s->fsm->timer = s->now + patience(s->fsm);
}

void
fsm_to_master(struct step *s, uint64_t term, uint64_t end)
{
	struct fsm *fsm = s->fsm;

	enter(s, FSM_STATE_MASTER);
	fsm->become_master++;
	fsm->acquires_unanswered = fsm->acquires_refused = 0;
	fsm->term = term;
	fsm->lease_end = end;
	fsm->sent_at = fsm_lease_begin(fsm, s->now);
	fsm->term_advertised = false;
	fsm->last_send_failed = false;
	fsm->ipvsd_silent = false;
	fsm->term_confirmed = true;
	fsm->addresses_held = true;
	fsm->fresh = false;
	fsm->resigned = false;
	fsm->resigned_until = FSM_NEVER;
	fsm->learned_interval = 0; /* its own interval counts again */
	fsm->master = fsm->source;
	fsm->master_priority = fsm->conf.priority;
	fsm->answered_zero_at = fsm->answered_loser_at = 0;
	fsm_fault_waits(fsm, s->now);
	fsm_send_own(s);
	fsm_announce_start(fsm, s->now);
}

void
fsm_to_leaving(struct step *s)
{
	fsm_send(s, VRRP_PRIORITY_LEAVE);
	enter(s, FSM_STATE_LEAVING);
	fsm_leave_for_good(s);
}

/* Every other router has had its Skew_Time when this time is over. */
void
fsm_leave_for_good(struct step *s)
{
	struct fsm *fsm = s->fsm;
	uint64_t end = s->now + fsm_hand_over_wait(fsm);

	fsm->may_return = false;
	if (fsm->timer > end)
		fsm->timer = end;
}

/*
 * A router that resigned waits longer for another master than one that shuts
 * down, because some are slow to speak: a Linux interface that has just come
 * up has no IPv6 source for a second or two. It returns a tenth of an interval
 * before its lease ends: later, a peer could take over from silence while
 * this router still holds the addresses.
 */
void
fsm_to_resigning(struct step *s)
{
	struct fsm *fsm = s->fsm;
	uint64_t returns = fsm_lease_end(fsm) - fsm_interval(fsm) / 10;

	fsm_to_leaving(s);
	fsm->may_return = true;
	if (returns > fsm->timer)
		fsm->timer = returns;
}

void
fsm_finish_leaving(struct step *s)
{
	if (s->fsm->term != 0)
		fsm_release(s, s->fsm->term);
	if (s->fsm->shutdown) {
		fsm_to_initialize(s);
		s->out->what |= FSM_DO_DONE;
	} else {
		fsm_to_backup(s, 3);
	}
}

/*
 * A router that resigned turns out to be the only one. It goes on as master,
 * because as backup it would leave the addresses to nobody for three
 * intervals and a Skew_Time. A router that shuts down lets them go.
 */
void
fsm_nobody_took_over(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm_reason(fsm, "nobody took over%s%s",
	    fsm_has_fault(fsm) ? ", though " : "", fsm->fault);
	if (fsm->may_return && !fsm->shutdown)
		fsm_to_master(s, fsm->term, fsm->lease_end);
	else
		fsm_finish_leaving(s);
}

static void
expire_reason(struct step *s)
{
	struct fsm *fsm = s->fsm;
	char text[ADDR_STRLEN];

	addr_format(&fsm->master, text);
	if (fsm->master.family == AF_UNSPEC)
		fsm_reason(fsm, "no master heard");
	else if (fsm->master_priority == VRRP_PRIORITY_LEAVE)
		fsm_reason(fsm, "priority 0 heard from %s", text);
	else if (fsm->master_priority < fsm->conf.priority &&
	    s->now - fsm->heard_at < 3 * fsm_master_interval(fsm))
		fsm_reason(fsm, "lower priority %u heard from %s",
		    fsm->master_priority, text);
	else
		fsm_reason(fsm, "3 adverts missed from %s", text);
}

/* The timer has expired, but only ipvsd can hold the addresses. */
void
fsm_wait_for_ipvsd(struct step *s)
{
	char why[FSM_REASON_LEN];

	expire_reason(s);
	snprintf(why, sizeof(why), "%s", s->fsm->reason);
	fsm_reason(s->fsm, "%s, but ipvsd is not there", why);
}

/*
 * Without ipvsd the router stays backup with its timer at FSM_NEVER, and
 * fsm_on_snapshot_end() calls this again when ipvsd is back.
 */
void
fsm_expire(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->timer = FSM_NEVER;
	fsm->preempt_at = FSM_NEVER;
	if (fsm->ipvsd_up) {
		expire_reason(s);
		to_acquiring(s);
	} else {
		fsm_wait_for_ipvsd(s);
	}
}

void
fsm_start(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->timer = FSM_NEVER;
	if (fsm->source.family == AF_UNSPEC)
		return;
	if (fsm->fresh && fsm->term != 0 && s->now < fsm->lease_end) {
		fsm_reason(fsm, "took up its former term");
		fsm_to_master(s, fsm->term, fsm->lease_end);
		return;
	}
	fsm->term = 0;
	if (s->now < fsm->start_at) {
		fsm_reason(fsm, "waits for start_delay");
		fsm->timer = fsm->start_at;
		return;
	}
	fsm_reason(fsm, "interface is up");
	if (fsm->conf.priority != VRRP_PRIORITY_OWNER || fsm->resigned) {
		fsm_to_backup(s, 3);
	} else if (!fsm->ipvsd_up) {
		fsm_to_backup(s, 0);
	} else {
		fsm_reason(fsm, "owner of the addresses");
		to_acquiring(s);
	}
}
