/* SPDX-License-Identifier: ISC */
/*
 * The lease towards ipvsd: who says HELD, how long it lasts, and what to do
 * when ipvsd is away.
 */
#include "clock.h"
#include "fsm/fsm_int.h"

#define MUTE_MAX (60 * NS_PER_SEC)

static bool
holds(const struct fsm *fsm)
{
	return fsm->state == FSM_STATE_MASTER ||
	    fsm->state == FSM_STATE_LEAVING;
}

/*
 * Stops being master at once. Priority 0 is right when the addresses are
 * gone already: the next one need not wait for three adverts.
 */
static void
stop(struct step *s, bool addresses_gone)
{
	if (s->fsm->state == FSM_STATE_LEAVING) {
		fsm_finish_leaving(s);
		return;
	}
	if (addresses_gone)
		fsm_send(s, VRRP_PRIORITY_LEAVE);
	if (s->fsm->term != 0)
		fsm_release(s, s->fsm->term);
	fsm_to_backup(s, 3);
}

/* The addresses went with the term: nothing is left to be released. */
static void
term_over(struct step *s)
{
	s->fsm->term = 0;
	stop(s, true);
}

/*
 * Adverts do not go out (a firewall, most likely): the others cannot know
 * that this one is master. Each try to take over from one that lives would
 * make a second owner, so they become rare.
 */
static void
give_up(struct step *s)
{
	struct fsm *fsm = s->fsm;
	uint64_t wait = 3 * fsm_master_interval(fsm) + fsm_skew(fsm);

	for (unsigned i = 0; i <= fsm->unheard && wait < MUTE_MAX; i++)
		wait *= 2;
	fsm->unheard++;
	fsm->mute_until = s->now + (wait < MUTE_MAX ? wait : MUTE_MAX);
	fsm_reason(fsm, "lease ended: no advert could be sent");
	stop(s, false);
}

void
fsm_acquire_failed(struct step *s, const char *why)
{
	fsm_send(s, VRRP_PRIORITY_LEAVE);
	fsm_release(s, 0);
	fsm_reason(s->fsm, "addresses not held: %s", why);
	fsm_to_backup(s, 3);
	s->fsm->failed = true;
}

static void
answered(struct step *s)
{
	s->fsm->lease_end = s->event->end;
	s->fsm->silent = false;
}

/*
 * A term that a former process of this vrrpd opened, told in a snapshot. When
 * that began before this instance was there, another one is asked for.
 */
static void
take_up(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (fsm->fresh && !fsm->snapshot) {
		s->out->what |= FSM_DO_RESYNC;
		return;
	}
	if (!fsm->fresh || fsm->resigned || s->now >= s->event->end) {
		fsm_release(s, s->event->term);
		return;
	}
	fsm->term = s->event->term;
	fsm->lease_end = s->event->end;
	if (fsm->state == FSM_STATE_INITIALIZE) {
		fsm_start(s);
		return;
	}
	fsm_reason(fsm, "took up its former term");
	fsm_to_master(s, fsm->term, fsm->lease_end);
}

void
fsm_on_held(struct step *s)
{
	struct fsm *fsm = s->fsm;
	const struct fsm_event *event = s->event;

	if (event->term == 0)
		return;
	if (fsm->state == FSM_STATE_ACQUIRING) {
		if (s->now < event->end)
			fsm_to_master(s, event->term, event->end);
		else
			fsm_acquire_failed(s, "the term was over at once");
	} else if (!holds(fsm)) {
		take_up(s);
	} else if (event->term == fsm->term) {
		fsm->confirmed = true;
		answered(s);
	} else {
		fsm_reason(fsm, "lease ended: ipvsd holds another term");
		fsm->term = event->term;
		stop(s, false);
	}
}

/* Of a running term ipvsd says one thing in this way: that it is to leave. */
void
fsm_on_failed(struct step *s)
{
	struct fsm *fsm = s->fsm;
	enum lease_reason why = s->event->lease_reason;

	if (fsm->state == FSM_STATE_ACQUIRING) {
		fsm_acquire_failed(s, lease_reason_name(why));
	} else if (fsm->state == FSM_STATE_MASTER && why == LEASE_LEAVING) {
		fsm_reason(fsm, "%s", lease_reason_name(why));
		fsm_to_leaving(s);
	} else if (fsm->state == FSM_STATE_LEAVING && why == LEASE_LEAVING) {
		fsm_leave_for_good(s);
	}
}

void
fsm_on_renewed(struct step *s)
{
	if (holds(s->fsm) && s->event->term == s->fsm->term)
		answered(s);
}

void
fsm_on_ended(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (fsm->term == 0 || s->event->term != fsm->term)
		return;
	if (holds(fsm) && fsm->choked &&
	    s->event->lease_reason == LEASE_EXPIRED) {
		/* Its clock was ahead of ours by a moment. */
		fsm->term = 0;
		give_up(s);
	} else if (holds(fsm)) {
		fsm_reason(fsm, "lease ended: %s",
		    lease_reason_name(s->event->lease_reason));
		term_over(s);
	} else {
		fsm->term = 0; /* was to be taken up */
	}
}

static void
renew(struct step *s, uint64_t time)
{
	s->out->what |= FSM_DO_RENEW;
	s->out->term = s->fsm->term;
	s->out->time = time;
}

void
fsm_on_snapshot_begin(struct step *s)
{
	s->fsm->snapshot = true;
	s->fsm->confirmed = false;
	if (s->fsm->state == FSM_STATE_INITIALIZE)
		s->fsm->term = 0;
}

void
fsm_on_snapshot_end(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (!fsm->snapshot)
		return;
	fsm->snapshot = false;
	fsm->ipvsd = true;
	if (holds(fsm) && !fsm->confirmed) {
		/* Of an instance that a reload removed that is no news. */
		if (!fsm->shutdown)
			fsm_reason(fsm, "lease ended: ipvsd has no such term");
		term_over(s);
	} else if (fsm->state == FSM_STATE_MASTER) {
		/* A new ipvsd waits for a word of ours. */
		renew(s, fsm->sent);
	} else if (fsm->state == FSM_STATE_BACKUP && fsm->timer == FSM_NEVER) {
		fsm_expire(s);
	}
}

void
fsm_on_ipvsd_lost(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->ipvsd = false;
	fsm->snapshot = false;
	if (fsm->state == FSM_STATE_ACQUIRING) {
		fsm_reason(fsm, "addresses not held: ipvsd is gone");
		fsm_to_backup(s, 3);
	} else if (fsm->state == FSM_STATE_INITIALIZE) {
		fsm->term = 0;
	} else if (fsm->state == FSM_STATE_MASTER && !fsm->addresses) {
		fsm_reason(fsm, "addresses and ipvsd are gone");
		stop(s, true);
	}
}

/*
 * As long as ipvsd answers it puts a lost address back; without it the
 * kernel's lifetimes are the end.
 */
void
fsm_on_addresses(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->addresses = s->event->present;
	if (fsm->state == FSM_STATE_MASTER && !fsm->addresses &&
	    (!fsm->ipvsd || fsm->silent)) {
		fsm_reason(fsm, "addresses and ipvsd are gone");
		stop(s, true);
	}
}

void
fsm_on_sent(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (fsm->state != FSM_STATE_MASTER)
		return;
	fsm->sent = s->event->time;
	fsm->spoken = true;
	fsm->choked = false;
	fsm->unheard = 0;
	fsm->mute_until = 0;
	if (fsm->ipvsd)
		renew(s, s->event->time);
}

/*
 * The next advert is tried in time, and the lease tells, but where another
 * master lives and nothing has been said yet.
 */
void
fsm_on_send_failed(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->choked = true;
	if (fsm->state == FSM_STATE_MASTER && !fsm->spoken && fsm->heard != 0 &&
	    s->now - fsm->heard < 3 * fsm_interval(fsm))
		give_up(s);
}

/*
 * Three intervals less a tenth: so long after an advert no peer that knows
 * the interval has taken over.
 */
static uint64_t
lease(const struct fsm *fsm)
{
	uint64_t interval = fsm_interval(fsm);

	return 3 * interval - interval / 10;
}

static uint64_t
peers_end(const struct fsm *fsm)
{
	return fsm->sent + lease(fsm);
}

uint64_t
fsm_lease_begin(const struct fsm *fsm, uint64_t now)
{
	uint64_t span = lease(fsm);
	uint64_t begin = fsm->lease_end > span ? fsm->lease_end - span : 0;

	return begin < now ? begin : now;
}

/* With ipvsd away it is what ipvsd would have said. */
uint64_t
fsm_lease_end(const struct fsm *fsm)
{
	return fsm->ipvsd && !fsm->silent ? fsm->lease_end : peers_end(fsm);
}

/*
 * The end has come without ipvsd having said so. When adverts went out since
 * it is ipvsd that does not answer: it counts as lost, and the addresses are
 * in the kernel until their lifetime ends. Otherwise nothing was sent for so
 * long that others take over.
 */
void
fsm_check_lease(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (!holds(fsm) || s->now < fsm_lease_end(fsm))
		return;
	fsm->silent = fsm->ipvsd;
	if (s->now >= peers_end(fsm)) {
		give_up(s);
	} else if (!fsm->addresses) {
		fsm_reason(fsm, "addresses and ipvsd are gone");
		stop(s, true);
	}
}

/*
 * After sleep the peers' view counts first. Where they cannot have taken
 * over yet, an unanswered renewal is looked at as usual.
 */
void
fsm_check_lease_awake(struct step *s, uint64_t gap)
{
	struct fsm *fsm = s->fsm;

	if (!holds(fsm) || s->now + gap < peers_end(fsm))
		return;
	fsm_reason(fsm, "lease ended: overslept");
	stop(s, false);
}
