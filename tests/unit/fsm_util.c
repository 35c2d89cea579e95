/* SPDX-License-Identifier: ISC */
/* A virtual router on a bench, see fsm_util.h. */
#include <string.h>

#include "fsm_util.h"

static struct addr
peer(uint8_t last)
{
	return (struct addr){AF_INET, {10, 0, 0, last}};
}

/* ipvsd's arithmetic: three intervals less a tenth. */
static uint64_t
lease_end(const struct rig *r, uint64_t time)
{
	return time + r->conf.interval * MS * 29 / 10;
}

static void
carry_out(struct rig *r, const struct fsm_actions *actions)
{
	r->what |= actions->what;
	if (actions->what & FSM_DO_SEND) {
		r->sent++;
		r->priority = actions->priority;
		r->sent_at = r->now;
		tell_event(r,
		    (struct fsm_event){.time = r->now,
			.type = r->sends_work ? FSM_SENT : FSM_SEND_FAILED});
	}
	if (actions->what & FSM_DO_ANNOUNCE && r->fsm.state == FSM_STATE_MASTER)
		r->announced++;
	if (actions->what & FSM_DO_RENEW) {
		r->renewed++;
		r->renew_time = actions->time;
		if (r->renewed_comes)
			tell_event(r,
			    (struct fsm_event){.type = FSM_RENEWED,
				.term = actions->term,
				.end = lease_end(r, actions->time)});
	}
	if (actions->what & FSM_DO_RELEASE)
		r->released = actions->term;
	if ((actions->what & FSM_DO_ACQUIRE) && r->held_comes) {
		r->next_term++;
		held(r, r->next_term, lease_end(r, r->now));
	}
	if (actions->what & FSM_DO_RETURNED && !r->unfit)
		tell(r, FSM_MAY_PREEMPT);
	if (actions->what & FSM_DO_DONE)
		r->done = true;
}

void
tell_event(struct rig *r, struct fsm_event event)
{
	enum fsm_state before = r->fsm.state;
	struct fsm_actions actions;

	fsm_event(&r->fsm, &event, r->now, &actions);
	assert_int_equal(actions.changed, r->fsm.state != before);
	if (actions.changed) {
		assert_int_equal(actions.from, before);
		assert_int_equal(actions.to, r->fsm.state);
		if (r->fsm.former_since == 0)
			assert_int_equal(r->fsm.since, r->now);
	}
	carry_out(r, &actions);
}

void
tell(struct rig *r, enum fsm_event_type type)
{
	tell_event(r,
	    (struct fsm_event){.type = type,
		.text = type == FSM_SHUTDOWN ? "shutdown" : NULL});
}

void
hear_interval(struct rig *r, uint8_t priority, uint8_t last, uint64_t ms)
{
	struct vrrp_advert advert = {
	    .version = r->conf.version,
	    .vrid = 1,
	    .priority = priority,
	    .family = AF_INET,
	    .interval = ms * MS,
	    .source = peer(last),
	};

	tell_event(
	    r, (struct fsm_event){.type = FSM_ADVERT, .advert = &advert});
}

void
hear(struct rig *r, uint8_t priority, uint8_t last)
{
	hear_interval(r, priority, last, r->conf.interval);
}

void
held(struct rig *r, uint64_t term, uint64_t end)
{
	tell_event(
	    r, (struct fsm_event){.type = FSM_HELD, .term = term, .end = end});
}

void
ended(struct rig *r, uint64_t term)
{
	tell_event(r,
	    (struct fsm_event){.type = FSM_ENDED,
		.term = term,
		.lease_reason = LEASE_EXPIRED});
}

void
snapshot(struct rig *r, uint64_t term)
{
	tell(r, FSM_SNAPSHOT_BEGIN);
	if (!r->unfit)
		tell(r, FSM_MAY_PREEMPT);
	if (term != 0)
		held(r, term, lease_end(r, r->now));
	tell(r, FSM_SNAPSHOT_END);
}

void
resign(struct rig *r, uint64_t duration)
{
	tell_event(
	    r, (struct fsm_event){.type = FSM_RESIGN, .duration = duration});
}

void
reconfigure(struct rig *r, bool addresses_changed)
{
	tell_event(r,
	    (struct fsm_event){.type = FSM_CONFIG,
		.conf = &r->conf,
		.addresses_changed = addresses_changed});
}

void
until(struct rig *r, uint64_t when)
{
	uint64_t deadline;
	unsigned events = 0;

	while ((deadline = fsm_deadline(&r->fsm)) <= when) {
		assert_true(++events < 100000);
		if (deadline > r->now)
			r->now = deadline;
		tell(r, FSM_TIMER);
	}
	r->now = when;
}

void
pass(struct rig *r, uint64_t duration)
{
	until(r, r->now + duration);
}

void
sleep_for(struct rig *r, uint64_t duration)
{
	r->now += duration;
}

unsigned
seen(struct rig *r)
{
	unsigned what = r->what;

	r->what = 0;
	return what;
}

void
rig_init(struct rig *r, uint8_t priority)
{
	memset(r, 0, sizeof(*r));
	r->conf = (struct conf_instance){
	    .member = true,
	    .family = AF_INET,
	    .vrid = 1,
	    .version = 3,
	    .interval = 1000,
	    .priority = priority,
	    .preempt = true,
	    .garp = {5, 0, 5000, 0},
	};
	r->now = T0;
	r->priority = -1;
	r->held_comes = r->renewed_comes = r->sends_work = true;
}

void
rig_begin(struct rig *r)
{
	fsm_init(&r->fsm, &r->conf, r->now);
	snapshot(r, 0);
}

void
up(struct rig *r)
{
	tell_event(r, (struct fsm_event){.type = FSM_UP, .source = peer(5)});
}

void
as_backup(struct rig *r, uint8_t priority)
{
	rig_init(r, priority);
	rig_begin(r);
	up(r);
	assert_state(r, "backup");
	(void)seen(r);
}

void
as_master(struct rig *r, uint8_t priority)
{
	as_backup(r, priority);
	until(r, r->fsm.timer);
	assert_state(r, "master");
	r->sent = r->announced = r->renewed = 0;
	(void)seen(r);
}
