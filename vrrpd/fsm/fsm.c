/* SPDX-License-Identifier: ISC */
/*
 * The virtual router's state machine: events in, actions out; see fsm.h.
 * Here are the timers, the table of events, and the rule that a process that
 * overslept sends nothing before it has read what it missed.
 */
#include "fsm/fsm.h"

#include <string.h>

#include "clock.h"
#include "fsm/advert.h"
#include "fsm/announce.h"
#include "fsm/fault.h"
#include "fsm/lease.h"
#include "fsm/links.h"
#include "fsm/operator.h"
#include "fsm/state.h"
#include "packet/packet.h"

/* The most that a timer may be late, if a quarter interval is longer. */
#define SLACK_MAX (250 * NS_PER_MS)
/* Adverts are due at multiples of this, if a fiftieth of the interval is more.
 */
#define GRID_MAX  (2 * NS_PER_MS)

static const char *const states[FSM_STATE_MAX] = {
#define X(id, name) [FSM_STATE_##id] = name,
    FSM_STATE_TABLE(X)
#undef X
};

const char *
fsm_state_name(enum fsm_state state)
{
	return (unsigned)state < FSM_STATE_MAX ? states[state] : "unknown";
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void
fsm_init(struct fsm *fsm, const struct conf_instance *conf, uint64_t now)
{
	*fsm = (struct fsm){
	    .state = FSM_STATE_INITIALIZE,
	    .since = now,
	    .resigned_until = FSM_NEVER,
	    .anew = true,
	    .fresh = true,
	    .start_at = now + conf->start_delay * NS_PER_MS,
	    .timer = FSM_NEVER,
	    .preempt_at = FSM_NEVER,
	};
	fsm_keep_scalars(fsm, conf);
	fsm_announce_stop(fsm);
	fsm_reason(fsm, "just configured");
}

uint64_t
fsm_deadline(const struct fsm *fsm)
{
	uint64_t deadline = fsm->timer;

	deadline = earlier(deadline, fsm->preempt_at);
	if (fsm->resigned)
		deadline = earlier(deadline, fsm->resigned_until);
	deadline = earlier(deadline, fsm_announce_deadline(fsm));
	deadline = earlier(deadline, fsm_fault_deadline(fsm));
	if (fsm->state == FSM_STATE_MASTER || fsm->state == FSM_STATE_LEAVING)
		deadline = earlier(deadline, fsm_lease_end(fsm));
	return deadline;
}

/*
 * Whether the timer is so late that this process cannot have run meanwhile:
 * adverts of others may wait in the sockets.
 */
static bool
timer_is_late(const struct fsm *fsm, uint64_t now)
{
	uint64_t deadline = fsm_deadline(fsm);

	return fsm->state != FSM_STATE_INITIALIZE && now > deadline &&
	    now - deadline > earlier(fsm_interval(fsm) / 4, SLACK_MAX);
}

/*
 * When the next advert is due, after one that was due then: an interval later,
 * whatever made that one late. Once in a term it is up to a fiftieth of an
 * interval more. So those of many instances are due at the same moments, and go
 * out in one turn of the loop.
 */
static uint64_t
next_advert(const struct fsm *fsm, uint64_t due)
{
	uint64_t next = due + fsm_interval(fsm);
	uint64_t grid = earlier(fsm_interval(fsm) / 50, GRID_MAX);

	return (next + grid - 1) / grid * grid;
}

/* The state's own timer. */
static void
timer_due(struct step *s)
{
	struct fsm *fsm = s->fsm;
	uint64_t due = fsm->timer;

	switch (fsm->state) {
	case FSM_STATE_INITIALIZE:
		fsm_start(s);
		break;
	case FSM_STATE_BACKUP:
		fsm_expire(s);
		break;
	case FSM_STATE_ACQUIRING:
		fsm->acquires_unanswered++;
		fsm_acquire_failed(s, "no answer in time");
		break;
	case FSM_STATE_MASTER:
		fsm_send_own(s);
		if (next_advert(fsm, due) > s->now)
			fsm->timer = next_advert(fsm, due);
		break;
	case FSM_STATE_LEAVING:
		fsm_nobody_took_over(s);
		break;
	case FSM_STATE_MAX:
		break;
	}
}

static void
preempt_due(struct step *s)
{
	s->fsm->preempt_delay_over = true;
	s->fsm->preempt_at = FSM_NEVER;
	if (s->fsm->may_preempt && !fsm_has_fault(s->fsm))
		fsm_expire(s);
}

/* Handles all timers that are due; a transition sets them anew. */
static void
run_due(struct step *s)
{
	struct fsm *fsm = s->fsm;

	if (fsm->resigned && s->now >= fsm->resigned_until)
		fsm_on_enable(s);
	fsm_check_lease(s);
	fsm_fault_due(s);
	if (s->now >= fsm->timer)
		timer_due(s);
	if (fsm->state == FSM_STATE_BACKUP && s->now >= fsm->preempt_at)
		preempt_due(s);
}

static void
on_timer(struct step *s)
{
	if (!s->fsm->asleep)
		run_due(s);
}

static void
on_up(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->source = s->event->source;
	if (fsm->interface_away)
		fsm_returned(s);
	fsm->interface_away = false;
	if (fsm->state == FSM_STATE_INITIALIZE)
		fsm_start(s);
	else if (fsm->state == FSM_STATE_MASTER)
		fsm->master = fsm->source;
}

static void
on_down(struct step *s)
{
	struct fsm *fsm = s->fsm;

	fsm->source.family = AF_UNSPEC;
	fsm->interface_away = true;
	fsm_reason(fsm, "%s", s->event->text);
	fsm->timer = FSM_NEVER;
	if (fsm->state == FSM_STATE_INITIALIZE)
		return;
	if (fsm->state == FSM_STATE_LEAVING && fsm->shutdown) {
		fsm_finish_leaving(s);
		return;
	}
	if (fsm->state == FSM_STATE_MASTER && s->event->linked)
		fsm_send(s, VRRP_PRIORITY_LEAVE);
	if (fsm->state == FSM_STATE_ACQUIRING || fsm->term != 0)
		fsm_release(s, fsm->term);
	fsm_to_initialize(s);
}

/* All that was missed has been read. An advert that was kept back goes out if
 * the state still asks for it. */
static void
on_wake(struct step *s)
{
	struct fsm *fsm = s->fsm;
	unsigned held_back = fsm->held_back;

	fsm->asleep = false;
	fsm->held_back = 0;
	fsm_check_lease_awake(s, s->event->gap);
	if (held_back & FSM_DO_SEND) {
		if (fsm->state == FSM_STATE_MASTER)
			fsm_send_own(s);
		else if (fsm->state == FSM_STATE_LEAVING)
			fsm_send(s, VRRP_PRIORITY_LEAVE);
	}
	run_due(s);
}

static void (*const handlers[FSM_EVENT_MAX])(struct step *) = {
    [FSM_UP] = on_up,
    [FSM_DOWN] = on_down,
    [FSM_ADVERT] = fsm_on_advert,
    [FSM_TIMER] = on_timer,
    [FSM_HELD] = fsm_on_held,
    [FSM_FAILED] = fsm_on_failed,
    [FSM_RENEWED] = fsm_on_renewed,
    [FSM_ENDED] = fsm_on_ended,
    [FSM_FORMER] = fsm_on_former,
    [FSM_MAY_PREEMPT] = fsm_on_may_preempt,
    [FSM_SNAPSHOT_BEGIN] = fsm_on_snapshot_begin,
    [FSM_SNAPSHOT_END] = fsm_on_snapshot_end,
    [FSM_IPVSD_LOST] = fsm_on_ipvsd_lost,
    [FSM_ADDRESSES] = fsm_on_addresses,
    [FSM_LINKS] = fsm_on_links,
    [FSM_MOVED] = fsm_on_moved,
    [FSM_SENT] = fsm_on_sent,
    [FSM_SEND_FAILED] = fsm_on_send_failed,
    [FSM_WAKE] = on_wake,
    [FSM_RESIGN] = fsm_on_resign,
    [FSM_ENABLE] = fsm_on_enable,
    [FSM_SHUTDOWN] = fsm_on_shutdown,
    [FSM_CONFIG] = fsm_on_config,
};

/* Keeps adverts back until WAKE, and asks for WAKE. */
static void
keep_back(struct step *s)
{
	s->fsm->held_back |= s->out->what & FSM_DO_SEND;
	s->out->what &= ~(unsigned)FSM_DO_SEND;
	s->out->what |= FSM_DO_DRAIN;
}

void
fsm_event(struct fsm *fsm, const struct fsm_event *event, uint64_t now,
    struct fsm_actions *actions)
{
	struct step s = {
	    .fsm = fsm,
	    .event = event,
	    .now = now,
	    .out = actions,
	};

	memset(actions, 0, sizeof(*actions));
	if (event->type != FSM_WAKE && timer_is_late(fsm, now))
		fsm->asleep = true;
	handlers[event->type](&s);
	if (actions->from == actions->to)
		actions->changed = false;
	if (fsm->asleep)
		keep_back(&s);
	else if (fsm->state == FSM_STATE_MASTER && fsm_announce_due(fsm, now))
		actions->what |= FSM_DO_ANNOUNCE;
}
