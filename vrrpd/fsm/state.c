/* SPDX-License-Identifier: ISC */
/* Entering the state machine's states, and the timers that belong to them. */
#include <stdarg.h>
#include <stdio.h>

#include "clock.h"
#include "fsm/fsm_int.h"

#define HAND_OVER_MARGIN (100 * NS_PER_MS)
#define PATIENCE_MAX	 (4 * NS_PER_SEC)

void
fsm_reason(struct fsm *fsm, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(fsm->reason, sizeof(fsm->reason), format, ap);
	va_end(ap);
}

uint64_t
fsm_interval(const struct fsm *fsm)
{
	return fsm->conf.interval * NS_PER_MS;
}

uint64_t
fsm_master_interval(const struct fsm *fsm)
{
	return fsm->learned != 0 ? fsm->learned : fsm_interval(fsm);
}

/* What no Skew_Time reaches. RFC 9568 6.1; RFC 3768 6.1: of a second, whatever
 * the interval. */
static uint64_t
skew_end(const struct fsm *fsm)
{
	return fsm->conf.version == 2 ? NS_PER_SEC : fsm_master_interval(fsm);
}

uint64_t
fsm_skew(const struct fsm *fsm)
{
	return (256u - fsm->conf.priority) * skew_end(fsm) / 256;
}

/* Beyond the last Skew_Time: for one who comes even later, and for his advert
 * to be heard. */
static uint64_t
hand_over_margin(const struct fsm *fsm)
{
	uint64_t most = skew_end(fsm) / 2;

	return most < HAND_OVER_MARGIN ? most : HAND_OVER_MARGIN;
}

/* Who resigned lets all others go first, and still is heard in time. */
uint64_t
fsm_late_skew(const struct fsm *fsm)
{
	return skew_end(fsm) +
	    (256u - fsm->conf.priority) * (hand_over_margin(fsm) / 2) / 256;
}

uint64_t
fsm_next(const struct fsm *fsm)
{
	return fsm->timer;
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

/* Gives the term back; 0 is the one that is being opened. */
void
fsm_release(struct step *s, uint64_t term)
{
	s->out->what |= FSM_DO_RELEASE;
	s->out->term = term;
	if (s->fsm->term == term)
		s->fsm->term = 0;
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
	fsm->since = s->now;
	fsm->timer = FSM_NEVER;
	fsm->preempt_at = FSM_NEVER;
	if (state != FSM_STATE_MASTER)
		fsm_announce_stop(fsm);
}

/* Active_Down_Timer, from now. */
void
fsm_arm_down(struct step *s, uint64_t wait)
{
	s->fsm->down_base = s->now;
	s->fsm->down_wait = wait;
	s->fsm->down_late = wait == 0 && s->fsm->resigned;
	fsm_rearm_down(s);
}

/* The same from where it began, after what it depends on has changed. */
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
	fsm->learned = 0;
	fsm->term = 0;
	fsm->unheard = 0;
	fsm->mute_until = 0;
	enter(s, FSM_STATE_INITIALIZE);
}

void
fsm_to_backup(struct step *s, uint64_t wait)
{
	struct fsm *fsm = s->fsm;

	fsm->preempting = false;
	fsm->failed = false;
	enter(s, FSM_STATE_BACKUP);
	fsm_arm_down(s, wait);
	/* who is not heard any more is nobody's master */
	if (addr_equal(&fsm->master, &fsm->source)) {
		fsm->master.family = AF_UNSPEC;
		fsm->master_priority = 0;
	}
}

/*
 * How long an ACQUIRE may take: an interval, so that another router gets its
 * turn when ipvsd hangs. On a host that needs longer every time, two routers
 * that are as slow would pass the turn on for ever: each attempt in a row
 * doubles it. Nobody owns the addresses meanwhile, and a master's advert
 * ends the attempt.
 */
static uint64_t
patience(const struct fsm *fsm)
{
	uint64_t wait = fsm_interval(fsm);

	for (unsigned i = 0; i < fsm->unanswered && wait < PATIENCE_MAX; i++)
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

/* Keeps the reason: that of becoming acquiring. */
void
fsm_to_master(struct step *s, uint64_t term, uint64_t end)
{
	struct fsm *fsm = s->fsm;

	enter(s, FSM_STATE_MASTER);
	fsm->become_master++;
	fsm->unanswered = 0;
	fsm->term = term;
	fsm->lease_end = end;
	fsm->sent = fsm_lease_begin(fsm, s->now);
	fsm->spoken = false;
	fsm->choked = false;
	fsm->silent = false;
	fsm->confirmed = true;
	fsm->addresses = true;
	fsm->fresh = false;
	fsm->resigned = false;
	fsm->resigned_until = FSM_NEVER;
	fsm->learned = 0; /* the own interval again */
	fsm->master = fsm->source;
	fsm->master_priority = fsm->conf.priority;
	fsm->answered_zero = fsm->answered_loser = 0;
	fsm_send_own(s);
	fsm_announce_start(fsm, s->now);
}

/*
 * A new master has spoken after its Skew_Time, which is less than an interval
 * (version 2: than a second), or little later if it has resigned.
 */
void
fsm_to_leaving(struct step *s)
{
	fsm_send(s, VRRP_PRIORITY_LEAVE);
	enter(s, FSM_STATE_LEAVING);
	fsm_leave_for_good(s);
}

void
fsm_leave_for_good(struct step *s)
{
	struct fsm *fsm = s->fsm;
	uint64_t end = s->now + skew_end(fsm) + hand_over_margin(fsm);

	fsm->returns = false;
	if (fsm->timer > end)
		fsm->timer = end;
}

/*
 * Who resigned can wait longer for another master than who leaves: some are
 * slow to speak (a Linux interface that has just come up has no IPv6 source
 * for a second or two). When it is time for an advert, so that no peer takes
 * over from silence while this router holds the addresses, it returns.
 */
void
fsm_to_resigning(struct step *s)
{
	struct fsm *fsm = s->fsm;
	uint64_t returns = fsm_lease_end(fsm) - fsm_interval(fsm) / 10;

	fsm_to_leaving(s);
	fsm->returns = true;
	if (returns > fsm->timer)
		fsm->timer = returns;
}

/* The reason says who took over, or that nobody did. */
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
 * Who only resigned is all there is, and lets nothing go for a Skew_Time and
 * three intervals; who has to leave does.
 */
void
fsm_nobody_took_over(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm_reason(fsm, "nobody took over");
	if (fsm->returns && !fsm->shutdown)
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
	    s->now - fsm->heard < 3 * fsm_master_interval(fsm))
		fsm_reason(fsm, "lower priority %u heard from %s",
		    fsm->master_priority, text);
	else
		fsm_reason(fsm, "3 adverts missed from %s", text);
}

/* The timer is over, but only ipvsd can hold the addresses. */
void
fsm_wait_for_ipvsd(struct step *s)
{
	char why[FSM_REASON_LEN];

	expire_reason(s);
	snprintf(why, sizeof(why), "%s", s->fsm->reason);
	fsm_reason(s->fsm, "%s, but ipvsd is not there", why);
}

/*
 * Nothing keeps this router from being master, but ipvsd's absence: then it
 * waits with its timer expired (FSM_NEVER) until ipvsd is back.
 */
void
fsm_expire(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->timer = FSM_NEVER;
	fsm->preempt_at = FSM_NEVER;
	if (fsm->ipvsd) {
		expire_reason(s);
		to_acquiring(s);
	} else {
		fsm_wait_for_ipvsd(s);
	}
}

/* Initialize and Startup (RFC 9568 6.4.1), as soon as all is there. */
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
	} else if (!fsm->ipvsd) {
		fsm_to_backup(s, 0);
	} else {
		fsm_reason(fsm, "owner of the addresses");
		to_acquiring(s);
	}
}
