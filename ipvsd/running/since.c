/* SPDX-License-Identifier: ISC */
/*
 * The file has a line for a generation, its id and the number of its probes,
 * and then for each probe by id its time, in seconds of the monotonic clock and
 * in 32 bits of this machine; 0: not known. So that of 100,000 probes is
 * written in no time.
 */
#include "running/since.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "link/link.h"
#include "running/health.h"
#include "running/former.h"
#include "running/running.h"
#include "running/state.h"

#define TELL_MAX  2000 /* probes in a packet */
#define NOT_KNOWN UINT32_MAX

struct saved {
	const struct running *now;
	const struct running *next; /* NULL: none */
};

static uint32_t
seconds(const struct running *running, uint32_t probe)
{
	return (uint32_t)(running->verdicts[probe].since / NS_PER_SEC);
}

/* A line for `of`, by what is in force; map: its id of each probe there; NULL:
 * they are equal. */
static void
write_line(FILE *file, const struct running *now, const struct running *of,
    const uint32_t *map, uint32_t count)
{
	uint32_t *list = calloc(of->probe_count + 1, sizeof(*list)), to;

	if (list == NULL)
		return;
	for (uint32_t i = 0; i < count; i++) {
		to = map == NULL ? i : map[i];
		if (to != CARRY_NONE)
			list[to] = seconds(now, i);
	}
	fprintf(file, "%016" PRIx64 " %" PRIu32 "\n", of->generation->id,
	    of->probe_count);
	fwrite(list, sizeof(*list), of->probe_count, file);
	free(list);
}

static void
write_since(FILE *file, void *arg)
{
	const struct saved *saved = arg;
	const uint32_t *map;
	uint32_t count;

	write_line(file, saved->now, saved->now, NULL, saved->now->probe_count);
	if (saved->next == NULL)
		return;
	map = carry_probes(saved->next->carry, &count);
	write_line(file, saved->now, saved->next, map, count);
}

void
since_save(const struct running *running, const struct running *next)
{
	struct saved saved = {running, next};

	state_save(STATE_SINCE, write_since, &saved);
}

/* What is of a time to come is not of this boot. */
static void
restore(struct running *running, uint32_t probe, uint64_t since)
{
	since *= NS_PER_SEC;
	if (probe < running->probe_count && since <= clock_monotonic() &&
	    running->health[probe] != HEALTH_UNKNOWN)
		running->verdicts[probe].since = since;
}

void
since_restore(struct running *running)
{
	FILE *file = state_open(STATE_SINCE);
	uint64_t generation;
	uint32_t count, since;

	if (file == NULL)
		return;
	while (fscanf(file, "%" SCNx64 " %" SCNu32, &generation, &count) == 2 &&
	    getc_unlocked(file) == '\n') {
		for (uint32_t i = 0;
		     i < count && fread(&since, sizeof(since), 1, file) == 1;
		     i++)
			if (generation == running->generation->id)
				restore(running, i, since);
	}
	fclose(file);
}

/* False: there is no room in the link, or checkd is too old to know it. */
static bool
tell(const struct running *running, struct link *link, uint32_t first,
    uint32_t count)
{
	struct writer *writer = link_compose_generation(
	    link, MSG_SINCE, running->generation->id);
	uint32_t now = (uint32_t)(clock_monotonic() / NS_PER_SEC);
	bool known = false;

	put_u32(writer, first);
	for (uint32_t i = first; i < first + count; i++) {
		known |= seconds(running, i) != 0;
		put_u32(writer,
		    seconds(running, i) == 0 ? NOT_KNOWN :
					       now - seconds(running, i));
	}
	return !known || link_send(link, 0, -1);
}

void
since_tell(const struct running *running, struct link *link)
{
	former_tell_all(running, link, TELL_MAX, tell);
}
