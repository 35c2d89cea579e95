/* SPDX-License-Identifier: ISC */
/*
 * running->verdicts has what checkd last said about each probe, and
 * running->health what ipvsd has put in force. A probe's health changes at most
 * once in its interval, so that a checkd that lies or flaps cannot churn the
 * kernel, and at most LATE_MAX probes change in LATE_GAP, so that they cannot
 * keep the loop away. A change beyond either bound waits in `late` until it is
 * due. It is dropped if checkd has gone back to the health in force by then.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "grow.h"
#include "running/event.h"
#include "running/former.h"
#include "running/health.h"
#include "running/running.h"
#include "running/since.h"
#include "running/state.h"

#define LATE_GAP  (10 * NS_PER_MS) /* least time from tick to tick */
#define LATE_MAX  256		   /* changes taken in LATE_GAP */
#define SAVE_WAIT NS_PER_SEC	   /* from a change to the saved file */

struct health_table {
	struct ipvsd *ipvsd;
	uint32_t *late; /* probes whose change waits, in no order */
	uint32_t late_count;
	uint32_t late_size;
	struct timer tick;	    /* takes the changes in `late` */
	uint64_t window_start;	    /* of the last LATE_GAP, monotonic ns */
	uint32_t changes_taken;	    /* since window_start */
	struct timer save;	    /* pending: a change is not saved */
	const struct running *next; /* health_follow(); NULL: none */
};

static uint64_t
interval_of(const struct running *running, uint32_t probe)
{
	const struct conf_probe *conf = conf_probe(running->conf, probe);

	return conf == NULL ? 0 : conf->interval * NS_PER_MS;
}

void
health_save_soon(struct ipvsd *ipvsd)
{
	if (!timer_pending(&ipvsd->health->save))
		timer_after(&ipvsd->health->save, SAVE_WAIT);
}

/* Puts what checkd last said in force. */
static void
take(struct ipvsd *ipvsd, uint32_t probe, uint64_t now)
{
	struct running *running = ipvsd->running;
	struct verdict *verdict = &running->verdicts[probe];
	const struct conf_probe *conf = conf_probe(running->conf, probe);
	uint8_t from = running->health[probe];

	ipvsd->health->changes_taken++;
	running->health[probe] = verdict->health;
	verdict->since = now;
	if (conf != NULL)
		event_probe(ipvsd, conf, (enum health)from,
		    (enum health)verdict->health,
		    reason_name((enum reason)verdict->reason));
	kernel_touch_probe(ipvsd->kernel, probe);
	health_save_soon(ipvsd);
}

/* Whether LATE_MAX leaves room for another change now. */
static bool
may_take(struct health_table *table, uint64_t now)
{
	if (now - table->window_start >= LATE_GAP) {
		table->window_start = now;
		table->changes_taken = 0;
	}
	return table->changes_taken < LATE_MAX;
}

/* HEALTH_UNKNOWN changes nothing: a checkd that has just started does not know
 * the health that a former one found. */
static bool
is_change(const struct running *running, uint32_t probe)
{
	const struct verdict *verdict = &running->verdicts[probe];

	return verdict->health != HEALTH_UNKNOWN &&
	    verdict->health != running->health[probe];
}

/* When the probe's interval since its last change is over, monotonic ns. */
static uint64_t
due(const struct running *running, uint32_t probe)
{
	const struct verdict *verdict = &running->verdicts[probe];

	return verdict->since == 0 ?
	    0 :
	    verdict->since + interval_of(running, probe);
}

/* Makes tick due at `when`, unless it is due earlier. */
static void
wait_until(struct health_table *table, uint64_t when, uint64_t now)
{
	if (when < now + LATE_GAP)
		when = now + LATE_GAP;
	timer_by(&table->tick, when);
}

static void
late_tick(void *arg)
{
	struct health_table *table = arg;
	struct running *running = table->ipvsd->running;
	uint64_t now = clock_monotonic(), next = UINT64_MAX, when;
	uint32_t kept = 0, probe;

	for (uint32_t i = 0; i < table->late_count; i++) {
		probe = table->late[i];
		when = due(running, probe);
		if (is_change(running, probe) &&
		    (when > now || !may_take(table, now))) {
			table->late[kept++] = probe;
			next = when < next ? when : next;
			continue;
		}
		running->verdicts[probe].late = false;
		if (is_change(running, probe))
			take(table->ipvsd, probe, now);
	}
	table->late_count = kept;
	if (kept > 0)
		wait_until(table, next, now);
}

static void
put_off(struct health_table *table, uint32_t probe, uint64_t now)
{
	struct running *running = table->ipvsd->running;

	if (running->verdicts[probe].late)
		return;
	table->late = grow(table->late, table->late_count, &table->late_size,
	    sizeof(*table->late));
	table->late[table->late_count++] = probe;
	running->verdicts[probe].late = true;
	wait_until(table, due(running, probe), now);
}

void
health_receive(struct ipvsd *ipvsd, uint32_t probe, const struct verdict *heard)
{
	struct running *running = ipvsd->running;
	struct verdict *verdict = &running->verdicts[probe];
	uint64_t now = clock_monotonic();

	verdict->health = heard->health;
	verdict->reported = true;
	verdict->epoch = heard->epoch;
	if (heard->health == HEALTH_UNKNOWN)
		return;
	verdict->reason = heard->reason;
	verdict->latency = heard->latency;
	verdict->detail = heard->detail;
	if (!is_change(running, probe))
		return;
	if (due(running, probe) <= now && may_take(ipvsd->health, now))
		take(ipvsd, probe, now);
	else
		put_off(ipvsd->health, probe, now);
}

bool
health_stale(const struct ipvsd *ipvsd, uint32_t probe)
{
	const struct verdict *verdict = &ipvsd->running->verdicts[probe];

	return link_state(ipvsd->checkd) != LINK_UP ||
	    verdict->epoch != link_stats(ipvsd->checkd)->epoch ||
	    verdict->health == HEALTH_UNKNOWN;
}

void
health_forget_reports(struct ipvsd *ipvsd)
{
	for (uint32_t i = 0; i < ipvsd->running->probe_count; i++)
		ipvsd->running->verdicts[i].reported = false;
}

bool
health_agrees(const struct ipvsd *ipvsd, uint32_t count, uint64_t digest)
{
	const struct running *running = ipvsd->running;
	uint64_t mine = 0;
	uint32_t reported = 0;

	for (uint32_t i = 0; i < running->probe_count; i++) {
		if (!running->verdicts[i].reported)
			continue;
		reported++;
		mine ^= health_digest(
		    i, (enum health)running->verdicts[i].health);
	}
	return reported == count && mine == digest;
}

void
health_renumber(struct ipvsd *ipvsd, const uint32_t *map, uint32_t count)
{
	struct health_table *table = ipvsd->health;
	uint32_t kept = 0, probe;

	table->next = NULL;
	for (uint32_t i = 0; i < table->late_count; i++) {
		probe = table->late[i];
		if (probe < count && map[probe] != CARRY_NONE)
			table->late[kept++] = map[probe];
	}
	table->late_count = kept;
}

/* ---- across a restart ---- */

static void
write_digits(FILE *file, const uint8_t *health, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		putc_unlocked('0' + health[i], file);
}

/*
 * A line is a generation's id and a digit, enum health, for each probe by id;
 * if one has none, then what its servers were, a digit for each by id. The next
 * ipvsd finds the same probes and servers by these ids in that generation.
 */
static void
write_line(FILE *file, const struct running *running, const uint8_t *health)
{
	uint32_t n = running->probe_count;

	fprintf(file, "%016" PRIx64 " ", running->generation->id);
	write_digits(file, health, n);
	if (memchr(health, HEALTH_UNKNOWN, n) != NULL) {
		fputc(' ', file);
		write_digits(file, running->was, running->server_count);
	}
	fputc('\n', file);
}

/* A line for the next generation: the health of the probes that go on. */
static void
write_next(FILE *file, const struct running *now, const struct running *next)
{
	uint8_t *health = calloc(next->probe_count + 1, sizeof(*health));
	const uint32_t *map;
	uint32_t count;

	if (health == NULL)
		return;
	map = carry_probes(next->carry, &count);
	for (uint32_t i = 0; i < count; i++) {
		if (map[i] != CARRY_NONE)
			health[map[i]] = now->health[i];
	}
	write_line(file, next, health);
	free(health);
}

static void
write_health(FILE *file, void *arg)
{
	const struct health_table *table = arg;
	const struct running *now = table->ipvsd->running;

	write_line(file, now, now->health);
	if (table->next != NULL)
		write_next(file, now, table->next);
}

void
health_save_now(struct ipvsd *ipvsd)
{
	if (ipvsd->running == NULL)
		return;
	state_save(STATE_HEALTH, write_health, ipvsd->health);
	since_save(ipvsd->running, ipvsd->health->next);
}

void
health_follow(struct ipvsd *ipvsd, const struct running *next)
{
	ipvsd->health->next = next;
	if (next != NULL)
		health_save_now(ipvsd);
}

static void
save_tick(void *arg)
{
	struct health_table *table = arg;

	health_save_now(table->ipvsd);
}

/* Returns what stands behind the digits. */
static int
read_digits(FILE *file, uint8_t *health, uint32_t n)
{
	int c = getc_unlocked(file);

	for (uint32_t i = 0; c >= '0' && c < '0' + HEALTH_MAX; i++) {
		if (i < n)
			health[i] = (uint8_t)(c - '0');
		c = getc_unlocked(file);
	}
	return c;
}

void
health_restore(struct ipvsd *ipvsd)
{
	struct running *running = ipvsd->running;
	uint64_t generation;
	FILE *file = state_open(STATE_HEALTH);
	bool ours;
	int c = '\n';

	if (file == NULL)
		return;
	while (c == '\n' && fscanf(file, "%" SCNx64 " ", &generation) == 1) {
		ours = generation == running->generation->id;
		c = read_digits(
		    file, running->health, ours ? running->probe_count : 0);
		if (c == ' ')
			c = read_digits(file, running->was,
			    ours ? running->server_count : 0);
	}
	fclose(file);
	former_restored(running);
	since_restore(running);
}

struct health_table *
health_new(struct ipvsd *ipvsd)
{
	struct health_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		fatal("health");
	table->ipvsd = ipvsd;
	timer_init(&table->tick, ipvsd->base, late_tick, table);
	timer_init(&table->save, ipvsd->base, save_tick, table);
	return table;
}

void
health_free(struct health_table *table)
{
	if (table == NULL)
		return;
	timer_stop(&table->tick);
	timer_stop(&table->save);
	free(table->late);
	free(table);
}
