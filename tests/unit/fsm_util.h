/* SPDX-License-Identifier: ISC */
/*
 * A virtual router on a bench: time is a number, ipvsd a few answers. What
 * the state machine asks for is carried out and noted.
 */
#ifndef TESTS_FSM_UTIL_H
#define TESTS_FSM_UTIL_H

#include "unit.h"

#include "clock.h"
#include "vrrpd/fsm/fsm.h"

#define MS  NS_PER_MS
#define SEC NS_PER_SEC
#define T0  (1000 * SEC) /* when every story begins */

struct rig {
	struct fsm fsm;
	struct conf_instance conf;
	uint64_t now;
	bool held_comes;    /* ipvsd answers ACQUIRE */
	bool renewed_comes; /* and RENEW */
	bool sends_work;
	bool unfit; /* ipvsd does not say MAY_PREEMPT */
	uint64_t next_term;
	/* what was done: since seen() was asked last, and at all */
	unsigned what;
	unsigned sent, announced, renewed;
	int priority; /* of the last advert, -1: none */
	uint64_t sent_at, renew_time, released;
	bool done;
};

/* Version 3, 1 s, this priority, 10.0.0.5; ipvsd is there and answers. */
void rig_init(struct rig *, uint8_t priority);
void rig_begin(struct rig *); /* after a change of r->conf */
void up(struct rig *);	      /* the interface comes */
/* Begins as backup or as master, all notes forgotten. */
void as_backup(struct rig *, uint8_t priority);
void as_master(struct rig *, uint8_t priority);

void tell(struct rig *, enum fsm_event_type);
void tell_event(struct rig *, struct fsm_event);
/* An advert of priority from 10.0.0.last with an interval in ms. */
void hear(struct rig *, uint8_t priority, uint8_t last);
void hear_interval(struct rig *, uint8_t priority, uint8_t last, uint64_t ms);
void held(struct rig *, uint64_t term, uint64_t end);
void ended(struct rig *, uint64_t term);
void snapshot(struct rig *, uint64_t term); /* 0: empty */
void resign(struct rig *, uint64_t duration);
void reconfigure(struct rig *, bool addresses_changed);

/* Runs the timers up to a time or for a while. */
void until(struct rig *, uint64_t when);
void pass(struct rig *, uint64_t duration);
/* Time goes by without anybody running. */
void sleep_for(struct rig *, uint64_t duration);
/* FSM_DO_* since it was asked last. */
unsigned seen(struct rig *);

#define assert_state(r, name) \
	assert_string_equal(fsm_state_name((r)->fsm.state), name)
#define assert_reason(r, text) assert_string_equal((r)->fsm.reason, text)
#define assert_seen(r, flags)  assert_int_equal(seen(r), flags)

#endif
