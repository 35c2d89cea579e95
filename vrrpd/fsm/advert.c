/* SPDX-License-Identifier: ISC */
/*
 * What a heard advert does: RFC 9568 6.4.2 and 6.4.3. `Active' there is
 * `master' here.
 */
#include "fsm/advert.h"

#include "clock.h"
#include "fsm/announce.h"
#include "fsm/fault.h"
#include "fsm/state.h"
#include "fsm/times.h"
#include "packet/packet.h"

/*
 * An advert that answers another's goes out at most once in this time for
 * each cause, so that a forged stream is not answered one for one.
 */
#define ANSWER_EVERY NS_PER_SEC

/* Whether this router takes over from a living master of lower priority. */
static bool
preempts(const struct fsm *fsm)
{
	if (fsm->resigned || fsm_has_fault(fsm))
		return false;
	if (fsm->conf.priority == VRRP_PRIORITY_OWNER)
		return true;
	return fsm->conf.preempt && fsm->may_preempt &&
	    (fsm->conf.preempt_delay == 0 || fsm->preempt_delay_over);
}

/* Remembers the sender as master. In version 3 its interval counts from now
 * on. */
static void
learn_master(struct step *s)
{
	struct fsm *fsm = s->fsm;
	const struct vrrp_advert *advert = s->event->advert;

	fsm->master = advert->source;
	fsm->master_priority = advert->priority;
	fsm->learned_interval = advert->version == 3 ? advert->interval : 0;
	fsm->heard_at = s->now;
	fsm->acquire_failed = false;
	fsm->acquires_refused = 0;
}

/* Accepts the sender as master, and restarts Active_Down_Timer. */
static void
stay_backup(struct step *s)
{
	struct fsm *fsm = s->fsm;
	char text[ADDR_STRLEN];

	if (fsm->timer == FSM_NEVER ||
	    (fsm->conf.preempt && !fsm->may_preempt && !fsm->resigned))
		fsm_reason(fsm, "priority %u heard from %s",
		    s->event->advert->priority,
		    addr_format(&s->event->advert->source, text));
	learn_master(s);
	fsm->fresh = false;
	fsm_arm_down(s, 3);
}

/*
 * preempt_delay counts from the first advert of a master of lower priority.
 * The takeover is never earlier than it would be without a delay.
 */
static void
delay_preemption(struct step *s)
{
	struct fsm *fsm = s->fsm;
	uint64_t at = s->now + fsm->conf.preempt_delay * NS_PER_MS;

	if (fsm->conf.preempt_delay == 0 || fsm->preempt_delay_over)
		return;
	if (fsm->preempt_at == FSM_NEVER)
		fsm->preempt_at = fsm->timer != FSM_NEVER && fsm->timer > at ?
		    fsm->timer :
		    at;
}

/*
 * The master leaves: Active_Down_Timer becomes Skew_Time, but never later
 * than it was. A router that resigned lets the others go first. A router that
 * has just failed to acquire keeps its timer: two that cannot hold the
 * addresses would pass the turn on and on.
 */
static void
backup_hears_zero(struct step *s)
{
	struct fsm *fsm = s->fsm;
	uint64_t before = fsm->timer;
	uint64_t timer = s->now +
	    (fsm->resigned || fsm_has_fault(fsm) ? fsm_late_skew(fsm) :
						   fsm_skew(fsm));

	if (timer >= before || fsm->acquire_failed)
		return;
	fsm_arm_down(s, 0);
	fsm->master = s->event->advert->source;
	fsm->master_priority = 0;
}

/*
 * Sets as reason why a master of lower priority is left alone. "preempt is
 * off" is said only to a router that is fresh: later, the reason why it
 * became backup is worth more.
 */
static void
say_why_not(struct fsm *fsm, uint8_t heard, bool fresh)
{
	const char *why = NULL;

	if (fsm->resigned)
		return;
	if (fsm->conf.preempt && fsm_has_fault(fsm))
		why = fsm->fault;
	else if (fsm->conf.preempt && !fsm->may_preempt)
		why = "not all checks have a verdict here";
	else if (!fsm->conf.preempt && fresh)
		why = "preempt is off";
	if (why != NULL)
		fsm_reason(fsm, "lower priority %u heard, but %s", heard, why);
}

static void
backup_hears(struct step *s)
{
	struct fsm *fsm = s->fsm;
	const struct vrrp_advert *advert = s->event->advert;
	bool fresh = fsm->fresh; /* stay_backup() ends that */

	if (advert->priority == VRRP_PRIORITY_LEAVE) {
		backup_hears_zero(s);
	} else if (advert->priority >= fsm->conf.priority) {
		fsm->preempt_at = FSM_NEVER;
		fsm->preempt_delay_over = false;
		stay_backup(s);
	} else if (s->now < fsm->mute_until) {
		stay_backup(s);
	} else if (preempts(fsm)) {
		/* The advert is discarded and the timer goes on. Status
		 * shows who sent it. */
		fsm->master = advert->source;
		fsm->master_priority = advert->priority;
		fsm->heard_at = s->now;
		fsm->acquire_failed = false;
		if (fsm->timer == FSM_NEVER)
			fsm_wait_for_ipvsd(s);
	} else {
		if (fsm->conf.preempt && !fsm->resigned)
			delay_preemption(s);
		stay_backup(s);
		say_why_not(fsm, advert->priority, fresh);
	}
}

/*
 * ipvsd has this host's verdicts and services. Until then a master of lower
 * priority is left alone, because a director that comes back would send
 * connections to servers that are down. If preempt_delay is over already,
 * this router takes over now; without a delay it discards the next adverts,
 * and its timer expires.
 */
void
fsm_on_may_preempt(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (fsm->may_preempt)
		return;
	fsm->may_preempt = true;
	if (fsm->state != FSM_STATE_BACKUP || fsm_has_fault(fsm))
		return;
	/* Any other reason for being backup has not changed. */
	if (fsm->conf.preempt && !fsm->resigned && fsm->master_priority != 0 &&
	    fsm->master_priority < fsm->conf.priority)
		fsm_reason(fsm, "all checks have a verdict");
	if (fsm->preempt_delay_over)
		fsm_expire(s);
}

static void
acquiring_hears(struct step *s)
{
	struct fsm *fsm = s->fsm;
	const struct vrrp_advert *advert = s->event->advert;

	if (advert->priority == VRRP_PRIORITY_LEAVE)
		return;
	if (advert->priority < fsm->conf.priority && preempts(fsm))
		return;
	fsm_release(s, 0);
	learn_master(s);
	fsm_reason(fsm, "priority %u heard meanwhile", advert->priority);
	fsm_to_backup(s, 3);
}

/* Sends an advert at once, unless *last, the time of the last answer for the
 * same cause, is too near. Whether it did. */
static bool
answer(struct step *s, uint64_t *last)
{
	uint64_t every = fsm_interval(s->fsm);

	if (every > ANSWER_EVERY)
		every = ANSWER_EVERY;
	if (*last != 0 && s->now - *last < every)
		return false;
	*last = s->now;
	fsm_send_own(s);
	return true;
}

/*
 * A last advert goes out, because after a split the other one may have heard
 * nothing of this one, whose hardware address the neighbours know: it has to
 * learn that it must announce the addresses.
 */
static void
master_yields(struct step *s)
{
	const struct vrrp_advert *advert = s->event->advert;
	char text[ADDR_STRLEN];

	fsm_send(s, s->fsm->conf.priority);
	fsm_release(s, s->fsm->term);
	learn_master(s);
	fsm_reason(s->fsm, "%s priority %u heard from %s",
	    advert->priority > s->fsm->conf.priority ? "higher" : "equal",
	    advert->priority, addr_format(&advert->source, text));
	fsm_to_backup(s, 3);
}

/*
 * The loser is told at once (6.4.3). It may have announced the addresses as
 * its own, so they are announced anew: a healed split leaves no switch or
 * host with the loser's hardware address.
 */
static void
master_wins(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (answer(s, &fsm->answered_loser_at) &&
	    fsm->announce.next == FSM_NEVER)
		fsm_announce_start(fsm, s->now);
}

static void
master_hears(struct step *s)
{
	struct fsm *fsm = s->fsm;
	const struct vrrp_advert *advert = s->event->advert;
	int order = addr_cmp(&advert->source, &fsm->source);

	if (advert->priority == VRRP_PRIORITY_LEAVE)
		answer(s, &fsm->answered_zero_at);
	else if (advert->priority > fsm->conf.priority)
		master_yields(s);
	else if (advert->priority < fsm->conf.priority || order < 0)
		master_wins(s);
	else if (order > 0)
		master_yields(s);
	/* The same priority and address: a duplicate, and neither yields. */
}

static void
leaving_hears(struct step *s)
{
	const struct vrrp_advert *advert = s->event->advert;
	char text[ADDR_STRLEN];

	if (advert->priority == VRRP_PRIORITY_LEAVE)
		return;
	learn_master(s);
	fsm_reason(
	    s->fsm, "handed over to %s", addr_format(&advert->source, text));
	fsm_finish_leaving(s);
}

void
fsm_on_advert(struct step *s)
{
	switch (s->fsm->state) {
	case FSM_STATE_BACKUP:
		backup_hears(s);
		break;
	case FSM_STATE_ACQUIRING:
		acquiring_hears(s);
		break;
	case FSM_STATE_MASTER:
		master_hears(s);
		break;
	case FSM_STATE_LEAVING:
		leaving_hears(s);
		break;
	case FSM_STATE_INITIALIZE:
	case FSM_STATE_MAX:
		break;
	}
}
