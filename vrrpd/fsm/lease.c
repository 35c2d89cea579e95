/* SPDX-License-Identifier: ISC */
/* The lease towards ipvsd, see lease.h. */
#include "fsm/lease.h"

#include "clock.h"
#include "fsm/state.h"
#include "fsm/times.h"
#include "packet/packet.h"

#define MUTE_MAX    (60 * NS_PER_SEC)
#define REFUSED_MAX (30 * NS_PER_SEC)

static bool
holds_term(const struct fsm *fsm)
{
	return fsm->state == FSM_STATE_MASTER ||
	    fsm->state == FSM_STATE_LEAVING;
}

/*
 * Stops being master at once. If the addresses have left the kernel already,
 * priority 0 says so, and the next master does not wait for three adverts.
 */
static void
stop_being_master(struct step *s, bool addresses_gone)
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

/* ipvsd has ended the term: the addresses are gone, and there is nothing to
 * release. */
static void
term_over(struct step *s)
{
	s->fsm->term = 0;
	stop_being_master(s, true);
}

/*
 * Stops being master because no advert goes out (most likely a firewall), so
 * no other router knows of this one. Each further try to take over from a
 * living master would make a second owner of the addresses. mute_until keeps
 * this router from trying, twice as long for each term in a row.
 */
static void
give_up(struct step *s)
{
	struct fsm *fsm = s->fsm;
	uint64_t wait = 3 * fsm_master_interval(fsm) + fsm_skew(fsm);

	for (unsigned i = 0; i <= fsm->unsent_terms && wait < MUTE_MAX; i++)
		wait *= 2;
	fsm->unsent_terms++;
	fsm->mute_until = s->now + (wait < MUTE_MAX ? wait : MUTE_MAX);
	fsm_reason(fsm, "lease ended: no advert could be sent");
	stop_being_master(s, false);
}

static void
not_held(struct step *s, const char *why)
{
	struct fsm *fsm = s->fsm;
	bool again = fsm->acquire_failed;

	fsm_release(s, 0);
	fsm_reason(fsm, "addresses not held: %s", why);
	fsm_to_backup(s, 3);
	fsm->acquire_failed = true;
	if (!again)
		fsm->failed_since = s->now;
}

void
fsm_acquire_failed(struct step *s, const char *why)
{
	fsm_send(s, VRRP_PRIORITY_LEAVE);
	not_held(s, why);
}

/*
 * ipvsd refuses for a reason that most likely lasts, so each attempt in a row
 * waits twice as long for the next one. What ends the reason, or another
 * master that was heard, ends that.
 */
static void
acquire_refused(struct step *s, const char *why)
{
	struct fsm *fsm = s->fsm;
	uint64_t wait = 3;

	for (unsigned i = 0; i < fsm->acquires_refused &&
	     2 * wait * fsm_master_interval(fsm) <= REFUSED_MAX;
	     i++)
		wait *= 2;
	fsm_acquire_failed(s, why);
	fsm_arm_down(s, wait);
	fsm->acquires_refused++;
}

/* ipvsd has told the end of our term. */
static void
take_lease_end(struct step *s)
{
	s->fsm->lease_end = s->event->end;
	s->fsm->ipvsd_silent = false;
}

/*
 * A snapshot tells a term that a former process of vrrpd opened. If the
 * snapshot began before this instance took part, it asks for another one.
 */
static void
take_up(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (fsm->fresh && !fsm->in_snapshot) {
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
	} else if (!holds_term(fsm)) {
		take_up(s);
	} else if (event->term == fsm->term) {
		fsm->term_confirmed = true;
		take_lease_end(s);
	} else {
		fsm_reason(fsm, "lease ended: ipvsd holds another term");
		fsm->term = event->term;
		stop_being_master(s, false);
	}
}

/* About a term that runs, FAILED has one meaning: LEASE_LEAVING, hand over. */
void
fsm_on_failed(struct step *s)
{
	struct fsm *fsm = s->fsm;
	enum lease_reason why = s->event->lease_reason;
	const char *text = s->event->text;

	if (text == NULL)
		text = lease_reason_name(why);
	if (fsm->state == FSM_STATE_ACQUIRING && why == LEASE_RATE) {
		fsm_acquire_failed(s, text);
	} else if (fsm->state == FSM_STATE_ACQUIRING && why == LEASE_BESIDE) {
		/* Priority 0 would be taken for that program's, which is master
		 * by the same address. */
		not_held(s, text);
	} else if (fsm->state == FSM_STATE_ACQUIRING) {
		acquire_refused(s, text);
	} else if (fsm->state == FSM_STATE_MASTER && why == LEASE_LEAVING) {
		fsm_reason(fsm, "%s", text);
		fsm_to_leaving(s);
	} else if (fsm->state == FSM_STATE_LEAVING && why == LEASE_LEAVING) {
		fsm_leave_for_good(s);
	}
}

void
fsm_on_renewed(struct step *s)
{
	if (holds_term(s->fsm) && s->event->term == s->fsm->term)
		take_lease_end(s);
}

void
fsm_on_ended(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (fsm->term == 0 || s->event->term != fsm->term)
		return;
	if (holds_term(fsm) && fsm->last_send_failed &&
	    s->event->lease_reason == LEASE_EXPIRED) {
		/* ipvsd saw the end a moment before fsm_check_lease(). */
		fsm->term = 0;
		give_up(s);
	} else if (holds_term(fsm)) {
		fsm_reason(fsm, "lease ended: %s",
		    lease_reason_name(s->event->lease_reason));
		term_over(s);
	} else {
		fsm->term = 0; /* was waiting to be taken up */
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
	s->fsm->in_snapshot = true;
	s->fsm->term_confirmed = false;
	if (s->fsm->state == FSM_STATE_INITIALIZE)
		s->fsm->term = 0;
}

void
fsm_on_snapshot_end(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (!fsm->in_snapshot)
		return;
	fsm->in_snapshot = false;
	fsm->ipvsd_up = true;
	fsm->anew = false;
	if (holds_term(fsm) && !fsm->term_confirmed) {
		/* If a reload removed the instance, that is no news. */
		if (!fsm->shutdown)
			fsm_reason(fsm, "lease ended: ipvsd has no such term");
		term_over(s);
	} else if (fsm->state == FSM_STATE_MASTER) {
		/* A new ipvsd waits for a RENEW. */
		renew(s, fsm->sent_at);
	} else if (fsm->state == FSM_STATE_BACKUP && fsm->timer == FSM_NEVER) {
		fsm_expire(s);
	}
}

void
fsm_on_ipvsd_lost(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->ipvsd_up = false;
	fsm->in_snapshot = false;
	fsm->acquires_refused = 0;
	if (fsm->state == FSM_STATE_ACQUIRING) {
		fsm_reason(fsm, "addresses not held: ipvsd is gone");
		fsm_to_backup(s, 3);
	} else if (fsm->state == FSM_STATE_INITIALIZE) {
		fsm->term = 0;
	} else if (fsm->state == FSM_STATE_MASTER && !fsm->addresses_held) {
		fsm_reason(fsm, "addresses and ipvsd are gone");
		stop_being_master(s, true);
	}
}

/*
 * While ipvsd answers, it puts a lost address back. When it does not, a lost
 * address means that the lifetimes in the kernel are over.
 */
void
fsm_on_addresses(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->addresses_held = s->event->present;
	if (fsm->state == FSM_STATE_MASTER && !fsm->addresses_held &&
	    (!fsm->ipvsd_up || fsm->ipvsd_silent)) {
		fsm_reason(fsm, "addresses and ipvsd are gone");
		stop_being_master(s, true);
	}
}

void
fsm_on_sent(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (fsm->state != FSM_STATE_MASTER)
		return;
	fsm->sent_at = s->event->time;
	fsm->term_advertised = true;
	fsm->last_send_failed = false;
	fsm->unsent_terms = 0;
	fsm->mute_until = 0;
	if (fsm->ipvsd_up)
		renew(s, s->event->time);
}

/*
 * A failure is no reason to stop: the next advert may go out before the lease
 * ends. It is one if this term has sent nothing yet and another master was
 * heard a short while ago.
 */
void
fsm_on_send_failed(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->last_send_failed = true;
	if (fsm->state == FSM_STATE_MASTER && !fsm->term_advertised &&
	    fsm->heard_at != 0 &&
	    s->now - fsm->heard_at < 3 * fsm_interval(fsm))
		give_up(s);
}

/*
 * The lease has ended, and ipvsd has not said ENDED. If adverts went out
 * meanwhile, it is ipvsd that does not answer: ipvsd_silent, and this router
 * stays master as long as the kernel has the addresses. Otherwise nothing was
 * sent for so long that others take over.
 */
void
fsm_check_lease(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (!holds_term(fsm) || s->now < fsm_lease_end(fsm))
		return;
	fsm->ipvsd_silent = fsm->ipvsd_up;
	if (s->now >= fsm_takeover_time(fsm)) {
		give_up(s);
	} else if (!fsm->addresses_held) {
		fsm_reason(fsm, "addresses and ipvsd are gone");
		stop_being_master(s, true);
	}
}

/*
 * After sleep the first question is whether a peer may have taken over. If
 * not, fsm_check_lease() looks at the lease as usual.
 */
void
fsm_check_lease_awake(struct step *s, uint64_t gap)
{
	struct fsm *fsm = s->fsm;

	if (!holds_term(fsm) || s->now + gap < fsm_takeover_time(fsm))
		return;
	fsm_reason(fsm, "lease ended: overslept");
	stop_being_master(s, false);
}
