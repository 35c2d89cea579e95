/* SPDX-License-Identifier: ISC */
/* Intervals, Skew_Time and the lease, see times.h. */
#include "fsm/times.h"

#include "clock.h"

#define HAND_OVER_MARGIN (100 * NS_PER_MS)

uint64_t
fsm_interval(const struct fsm *fsm)
{
	return fsm->conf.interval * NS_PER_MS;
}

uint64_t
fsm_master_interval(const struct fsm *fsm)
{
	return fsm->learned_interval != 0 ? fsm->learned_interval :
					    fsm_interval(fsm);
}

/*
 * Every Skew_Time is shorter than this: than the master's interval (RFC 9568
 * 6.1), in version 2 than a second whatever the interval is (RFC 3768 6.1).
 */
static uint64_t
skew_limit(const struct fsm *fsm)
{
	return fsm->conf.version == 2 ? NS_PER_SEC : fsm_master_interval(fsm);
}

uint64_t
fsm_skew(const struct fsm *fsm)
{
	return (256u - fsm->conf.priority) * skew_limit(fsm) / 256;
}

/*
 * The time after the longest Skew_Time in which a router that resigned may
 * still speak (fsm_late_skew()), and in which its advert arrives.
 */
static uint64_t
hand_over_margin(const struct fsm *fsm)
{
	uint64_t most = skew_limit(fsm) / 2;

	return most < HAND_OVER_MARGIN ? most : HAND_OVER_MARGIN;
}

uint64_t
fsm_late_skew(const struct fsm *fsm)
{
	return skew_limit(fsm) +
	    (256u - fsm->conf.priority) * (hand_over_margin(fsm) / 2) / 256;
}

uint64_t
fsm_hand_over_wait(const struct fsm *fsm)
{
	return skew_limit(fsm) + hand_over_margin(fsm);
}

uint64_t
fsm_next(const struct fsm *fsm)
{
	return fsm->timer;
}

/*
 * Three intervals less a tenth. A peer that knows the interval does not take
 * over earlier than this after it heard an advert.
 */
static uint64_t
lease_length(const struct fsm *fsm)
{
	uint64_t interval = fsm_interval(fsm);

	return 3 * interval - interval / 10;
}

uint64_t
fsm_takeover_time(const struct fsm *fsm)
{
	return fsm->sent_at + lease_length(fsm);
}

uint64_t
fsm_lease_begin(const struct fsm *fsm, uint64_t now)
{
	uint64_t length = lease_length(fsm);
	uint64_t begin = fsm->lease_end > length ? fsm->lease_end - length : 0;

	return begin < now ? begin : now;
}

/* While ipvsd is away, the lease ends when ipvsd would have said. */
uint64_t
fsm_lease_end(const struct fsm *fsm)
{
	return fsm->ipvsd_up && !fsm->ipvsd_silent ? fsm->lease_end :
						     fsm_takeover_time(fsm);
}
