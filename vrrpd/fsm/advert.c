/* SPDX-License-Identifier: ISC */
/*
 * What a heard advert does: RFC 9568 6.4.2 and 6.4.3. `Active' there is
 * `master' here.
 */
#include "clock.h"
#include "fsm/fsm_int.h"

/*
 * Adverts sent at once in answer to another's: one in this time and for
 * each cause, so that a forged stream is not answered one for one.
 */
#define ANSWER_EVERY NS_PER_SEC

static bool
may_preempt(const struct fsm *fsm)
{
	if (fsm->resigned)
		return false;
	if (fsm->conf.priority == VRRP_PRIORITY_OWNER)
		return true;
	return fsm->conf.preempt && fsm->fit &&
	    (fsm->conf.preempt_delay == 0 || fsm->preempting);
}

/* Remembers who spoke; its interval counts from now on (version 3). */
static void
learn(struct step *s)
{
	struct fsm *fsm = s->fsm;
	const struct vrrp_advert *advert = s->event->advert;

	fsm->master = advert->source;
	fsm->master_priority = advert->priority;
	fsm->learned = advert->version == 3 ? advert->interval : 0;
	fsm->heard = s->now;
	fsm->failed = false;
}

/* A living master: what ran towards taking over is forgotten. */
static void
stay_backup(struct step *s)
{
	struct fsm *fsm = s->fsm;
	char text[ADDR_STRLEN];

	if (fsm->timer == FSM_NEVER ||
	    (fsm->conf.preempt && !fsm->fit && !fsm->resigned))
		fsm_reason(fsm, "priority %u heard from %s",
		    s->event->advert->priority,
		    addr_format(&s->event->advert->source, text));
	learn(s);
	fsm->fresh = false;
	fsm_arm_down(s, 3);
}

/*
 * preempt_delay counts from the first advert of a lower master, but the
 * takeover is never earlier than without a delay.
 */
static void
delay_preemption(struct step *s)
{
	struct fsm *fsm = s->fsm;
	uint64_t at = s->now + fsm->conf.preempt_delay * NS_PER_MS;

	if (fsm->conf.preempt_delay == 0 || fsm->preempting)
		return;
	if (fsm->preempt_at == FSM_NEVER)
		fsm->preempt_at = fsm->timer != FSM_NEVER && fsm->timer > at ?
		    fsm->timer :
		    at;
}

/*
 * The master leaves: Skew_Time instead of the rest of the timer, never
 * later than it was. Who resigned lets the others go first. Who has just
 * failed does not hurry: two routers that cannot hold the addresses would
 * pass the turn on and on.
 */
static void
backup_hears_zero(struct step *s)
{
	struct fsm *fsm = s->fsm;
	uint64_t before = fsm->timer;
	uint64_t timer = s->now +
	    (fsm->resigned ? fsm_late_skew(fsm) : fsm_skew(fsm));

	if (timer >= before || fsm->failed)
		return;
	fsm_arm_down(s, 0);
	fsm->master = s->event->advert->source;
	fsm->master_priority = 0;
}

/*
 * Why a master of lower rank is left alone. With `preempt: false` that is
 * said once after the start: what made it backup later is to be told then.
 */
static void
say_why_not(struct fsm *fsm, uint8_t heard, bool first)
{
	const char *why = NULL;

	if (fsm->resigned)
		return;
	if (fsm->conf.preempt && !fsm->fit)
		why = "not all checks have a verdict here";
	else if (!fsm->conf.preempt && first)
		why = "preempt is off";
	if (why != NULL)
		fsm_reason(fsm, "lower priority %u heard, but %s", heard, why);
}

static void
backup_hears(struct step *s)
{
	struct fsm *fsm = s->fsm;
	const struct vrrp_advert *advert = s->event->advert;
	bool first = fsm->fresh;

	if (advert->priority == VRRP_PRIORITY_LEAVE) {
		backup_hears_zero(s);
	} else if (advert->priority >= fsm->conf.priority) {
		fsm->preempt_at = FSM_NEVER;
		fsm->preempting = false;
		stay_backup(s);
	} else if (s->now < fsm->mute_until) {
		stay_backup(s);
	} else if (may_preempt(fsm)) {
		/* discarded, the timer goes on; kept for status only */
		fsm->master = advert->source;
		fsm->master_priority = advert->priority;
		fsm->heard = s->now;
		fsm->failed = false;
		if (fsm->timer == FSM_NEVER)
			fsm_wait_for_ipvsd(s);
	} else {
		if (fsm->conf.preempt && !fsm->resigned)
			delay_preemption(s);
		stay_backup(s);
		say_why_not(fsm, advert->priority, first);
	}
}

/*
 * A master of lower rank is left alone until ipvsd has this host's verdicts
 * and services in: else a director that comes back would send connections to
 * servers that are down. What the delay of preemption held back goes on now;
 * without one the next adverts are discarded.
 */
void
fsm_on_may_preempt(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (fsm->fit)
		return;
	fsm->fit = true;
	if (fsm->state != FSM_STATE_BACKUP)
		return;
	/* What it is backup for else has not changed. */
	if (fsm->conf.preempt && !fsm->resigned && fsm->master_priority != 0 &&
	    fsm->master_priority < fsm->conf.priority)
		fsm_reason(fsm, "all checks have a verdict");
	if (fsm->preempting)
		fsm_expire(s);
}

static void
acquiring_hears(struct step *s)
{
	struct fsm *fsm = s->fsm;
	const struct vrrp_advert *advert = s->event->advert;

	if (advert->priority == VRRP_PRIORITY_LEAVE)
		return;
	if (advert->priority < fsm->conf.priority && may_preempt(fsm))
		return;
	fsm_release(s, 0);
	learn(s);
	fsm_reason(fsm, "priority %u heard meanwhile", advert->priority);
	fsm_to_backup(s, 3);
}

/* Sends at once unless that was done for the same cause just before. */
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

static void
master_yields(struct step *s)
{
	const struct vrrp_advert *advert = s->event->advert;
	char text[ADDR_STRLEN];

	fsm_release(s, s->fsm->term);
	learn(s);
	fsm_reason(s->fsm, "%s priority %u heard from %s",
	    advert->priority > s->fsm->conf.priority ? "higher" : "equal",
	    advert->priority, addr_format(&advert->source, text));
	fsm_to_backup(s, 3);
}

/*
 * The loser is told at once (6.4.3); and as it may have announced itself,
 * the addresses are announced anew, so that a healed split leaves no switch
 * or host with its address.
 */
static void
master_wins(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (answer(s, &fsm->answered_loser) && fsm->announce.next == FSM_NEVER)
		fsm_announce_start(fsm, s->now);
}

static void
master_hears(struct step *s)
{
	struct fsm *fsm = s->fsm;
	const struct vrrp_advert *advert = s->event->advert;
	int order = addr_cmp(&advert->source, &fsm->source);

	if (advert->priority == VRRP_PRIORITY_LEAVE)
		answer(s, &fsm->answered_zero);
	else if (advert->priority > fsm->conf.priority)
		master_yields(s);
	else if (advert->priority < fsm->conf.priority || order < 0)
		master_wins(s);
	else if (order > 0)
		master_yields(s);
	/* equal priority and address: a duplicate address; neither yields */
}

static void
leaving_hears(struct step *s)
{
	const struct vrrp_advert *advert = s->event->advert;
	char text[ADDR_STRLEN];

	if (advert->priority == VRRP_PRIORITY_LEAVE)
		return;
	learn(s);
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
