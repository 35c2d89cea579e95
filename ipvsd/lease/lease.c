/* SPDX-License-Identifier: ISC */
/* Terms and their ends; see lease.h. Pure. */
#include "lease/lease.h"

#include <string.h>

#include "clock.h"

void
lease_init(struct lease *lease, uint64_t interval)
{
	memset(lease, 0, sizeof(*lease));
	lease->interval = interval;
}

void
lease_set_interval(struct lease *lease, uint64_t interval)
{
	lease->interval = interval;
}

/*
 * A peer waits at least three intervals after our last advert before it takes
 * over. The tenth that is left out covers the time from reading the clock to
 * sending the advert, and the time that taking the addresses out needs.
 */
uint64_t
lease_end(uint64_t time, uint64_t now, uint64_t interval)
{
	uint64_t start = time < now ? time : now, less = interval / 10;

	if (less < NS_PER_MS)
		less = NS_PER_MS;
	if (less >= 3 * interval)
		return start;
	return start + 3 * interval - less;
}

enum lease_reason
lease_acquire(struct lease *lease, uint64_t now)
{
	if (lease->term != 0 && !lease_over(lease, now))
		return LEASE_NONE;
	if (lease->any_acquire && now - lease->last_acquire < lease->interval)
		return LEASE_RATE;
	lease->any_acquire = true;
	lease->last_acquire = now;
	return LEASE_NONE;
}

void
lease_open(struct lease *lease, uint64_t term, uint64_t now)
{
	lease->term = term;
	lease->time = now;
	lease->end = lease_end(now, now, lease->interval);
}

void
lease_resume(struct lease *lease, uint64_t term, uint64_t end, uint64_t now)
{
	uint64_t latest = lease_end(now, now, lease->interval);

	lease->term = term;
	lease->time = 0;
	/* No renewal can have given a later end than this. */
	lease->end = end < latest ? end : latest;
}

enum lease_reason
lease_renew(struct lease *lease, uint64_t term, uint64_t time, uint64_t now)
{
	if (term == 0 || lease->term != term)
		return LEASE_UNKNOWN;
	if (time > now)
		time = now;
	if (lease_over(lease, time))
		return LEASE_EXPIRED;
	if (time < lease->time)
		return LEASE_NONE;
	lease->time = time;
	lease->end = lease_end(time, now, lease->interval);
	return LEASE_NONE;
}

bool
lease_over(const struct lease *lease, uint64_t now)
{
	return lease->term != 0 && now >= lease->end;
}

void
lease_close(struct lease *lease)
{
	lease->term = 0;
	lease->end = 0;
	lease->time = 0;
}
