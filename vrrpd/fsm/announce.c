/* SPDX-License-Identifier: ISC */
/* When a master announces its addresses, see announce.h. */
#include "fsm/announce.h"

#include "clock.h"

static uint64_t
after(uint64_t now, uint32_t ms)
{
	return ms == 0 ? FSM_NEVER : now + ms * NS_PER_MS;
}

static void
burst(struct fsm *fsm, uint64_t now)
{
	fsm->announce.left = fsm->conf.garp.count;
	fsm->announce.next = fsm->announce.left > 0 ? now : FSM_NEVER;
}

void
fsm_announce_stop(struct fsm *fsm)
{
	fsm->announce.left = 0;
	fsm->announce.next = FSM_NEVER;
	fsm->announce.second = FSM_NEVER;
	fsm->announce.refresh = FSM_NEVER;
}

void
fsm_announce_start(struct fsm *fsm, uint64_t now)
{
	burst(fsm, now);
	fsm->announce.second = after(now, fsm->conf.garp.repeat_after);
	fsm->announce.refresh = after(now, fsm->conf.garp.refresh);
}

uint64_t
fsm_announce_deadline(const struct fsm *fsm)
{
	uint64_t deadline = fsm->announce.next;

	if (fsm->announce.second < deadline)
		deadline = fsm->announce.second;
	if (fsm->announce.refresh < deadline)
		deadline = fsm->announce.refresh;
	return deadline;
}

bool
fsm_announce_due(struct fsm *fsm, uint64_t now)
{
	struct fsm_announce *announce = &fsm->announce;

	if (announce->second <= now) {
		announce->second = FSM_NEVER;
		burst(fsm, now);
	}
	if (announce->refresh <= now) {
		announce->refresh = after(now, fsm->conf.garp.refresh);
		if (announce->next == FSM_NEVER)
			burst(fsm, now);
	}
	if (announce->next > now)
		return false;
	announce->left--;
	announce->next = announce->left == 0 ?
	    FSM_NEVER :
	    now + fsm->conf.garp.interval * NS_PER_MS;
	return true;
}
