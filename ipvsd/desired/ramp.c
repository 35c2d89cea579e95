/* SPDX-License-Identifier: ISC */
/* The arithmetic of slow start; see ramp.h. Pure. */
#include "desired/ramp.h"

bool
ramp_see(struct ramp *ramp, enum eligible eligible)
{
	enum last_seen before = (enum last_seen)ramp->last_seen;

	switch (eligible) {
	case ELIGIBLE_NO:
		ramp->last_seen = LAST_SEEN_OUT;
		ramp->since = 0;
		return false;
	case ELIGIBLE_YES:
		ramp->last_seen = LAST_SEEN_IN;
		return before == LAST_SEEN_OUT;
	default:
		return false;
	}
}

static uint64_t
age(const struct ramp *ramp, uint64_t now)
{
	return now > ramp->since ? now - ramp->since : 0;
}

/* How many steps of the ramp are done after `ago` ns. */
static uint64_t
steps_done(uint64_t duration, uint64_t ago)
{
	if (ago >= duration)
		return RAMP_STEPS;
	return ago * RAMP_STEPS / duration;
}

uint32_t
ramp_weight(
    const struct ramp *ramp, uint32_t weight, uint64_t duration, uint64_t now)
{
	uint32_t first = weight / 10 > 1 ? weight / 10 : 1;
	uint64_t done;

	if (ramp->since == 0 || weight <= first)
		return weight;
	done = steps_done(duration, age(ramp, now));
	return first + (uint32_t)((weight - first) * done / RAMP_STEPS);
}

uint64_t
ramp_next(const struct ramp *ramp, uint64_t duration, uint64_t now)
{
	uint64_t done;

	if (ramp->since == 0)
		return UINT64_MAX;
	done = steps_done(duration, age(ramp, now));
	if (done == RAMP_STEPS)
		return UINT64_MAX;
	/* Rounded up: the step is done at the time that this gives. */
	return ramp->since +
	    (duration * (done + 1) + RAMP_STEPS - 1) / RAMP_STEPS;
}
