/* SPDX-License-Identifier: ISC */
/* How often a sibling may say something, see pace.h. */
#include "link/pace.h"

#include "clock.h"

/*
 * Each message takes its share of a second, one behind the other. *until is
 * when the last one is through: it may be ahead of now by what a burst takes.
 */
bool
pace_keeps(uint64_t *until, enum msg_pace pace,
    const struct pace_objects *objects, size_t len, uint64_t now)
{
	uint64_t burst = PACE_FEW_BURST, rate = PACE_FEW_RATE;

	if (pace == PACE_MANY) {
		burst = PACE_MANY_BURST + 4 * (uint64_t)objects->count;
		rate = PACE_MANY_RATE + 2 * objects->per_second;
	}
	if (*until < now)
		*until = now;
	*until += (1 + len / PACE_BYTES) * NS_PER_SEC / rate;
	return *until - now <= burst * NS_PER_SEC / rate;
}
