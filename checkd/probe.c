/* SPDX-License-Identifier: ISC */
/*
 * The engine. The schedule says when a probe starts, a check type runs it, and
 * its result goes to the verdict. One timer serves the starts and time-outs of
 * all probes.
 */
#include <sys/resource.h>

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "check_socket.h"
#include "check_types.h"
#include "clock.h"
#include "event.h"
#include "generation/receiver.h"
#include "keys.h"
#include "log.h"
#include "log_change.h"
#include "probe.h"
#include "schedule.h"
#include "tell.h"

/* Starts and time-outs in a turn of the loop. */
#define TURN_MAX 64

static void
set_timer(struct checkd *checkd)
{
	timer_at(&checkd->timer, schedule_next(checkd->schedule));
}

/* --- runs --- */

static void
run_free(struct checkd *checkd, struct probe *probe)
{
	probe->run->next = checkd->free_runs;
	checkd->free_runs = probe->run;
	probe->run = NULL;
}

static void
count_result(struct checkd *checkd, struct probe *probe, enum reason reason)
{
	if (reason == REASON_OK) {
		probe->successes++;
		checkd->counters.succeeded++;
	} else if (reason == REASON_LIMIT) {
		checkd->counters.limited++;
	} else {
		probe->failures++;
		checkd->counters.failed++;
	}
}

static void
take_result(struct checkd *checkd, struct probe *probe, enum reason reason,
    uint32_t detail, uint64_t now)
{
	enum health from = probe->verdict.health;
	uint64_t took = (now - probe->item.started) / NS_PER_US;
	struct result result = {
	    .reason = reason,
	    .detail = detail,
	    .latency = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took,
	};

	count_result(checkd, probe, reason);
	probe->last = now;
	switch (verdict_take(
	    &probe->verdict, &result, probe->conf->rise, probe->conf->fall)) {
	case VERDICT_SAME:
		break;
	case VERDICT_HEALTH:
		probe->since = now;
		checkd->counters.changes++;
		event_change(checkd, probe, from);
		/* FALLTHROUGH */
	case VERDICT_REASON:
		tell_probe(checkd, probe);
		break;
	}
}

static void
run_done(struct check_run *run, enum reason reason, uint32_t detail)
{
	struct probe *probe = run->probe;
	struct checkd *checkd = probe->item.owner;
	uint64_t now = clock_monotonic();

	run_free(checkd, probe);
	schedule_done(checkd->schedule, &probe->item, now);
	take_result(checkd, probe, reason, detail, now);
	set_timer(checkd);
}

static struct check_run *
run_new(struct checkd *checkd, struct probe *probe)
{
	struct check_run *run = checkd->free_runs;

	if (run != NULL)
		checkd->free_runs = run->next;
	else if ((run = malloc(sizeof(*run))) == NULL)
		fatal("probe");
	*run = (struct check_run){
	    .base = checkd->base,
	    .done = run_done,
	    .conf = probe->conf,
	    .probe = probe,
	    .fd = -1,
	};
	probe->run = run;
	return run;
}

static void
time_out(struct checkd *checkd, struct probe *probe, uint64_t now)
{
	enum reason reason = probe->run->connected ? REASON_TIMEOUT_REPLY :
						     REASON_TIMEOUT_CONNECT;

	checkd->counters.timeouts++;
	check_type(probe->conf->type)->cancel(probe->run);
	run_free(checkd, probe);
	schedule_done(checkd->schedule, &probe->item, now);
	take_result(checkd, probe, reason, 0, now);
}

static void
start(struct checkd *checkd, struct probe *probe)
{
	checkd->counters.started++;
	check_type(probe->conf->type)->start(run_new(checkd, probe));
}

static void
on_timer(void *arg)
{
	struct checkd *checkd = arg;
	struct schedule_item *item;
	uint64_t now = clock_monotonic();
	enum schedule_action action;

	for (int i = 0; i < TURN_MAX; i++) {
		struct probe *probe;

		action = schedule_pop(checkd->schedule, now, &item);
		if (action == SCHEDULE_NOTHING)
			break;
		probe = (struct probe *)((char *)item -
		    offsetof(struct probe, item));
		if (action == SCHEDULE_START)
			start(checkd, probe);
		else
			time_out(checkd, probe, now);
		now = clock_monotonic();
	}
	set_timer(checkd);
}

/* --- generations --- */

/* Why it cannot be probed, or NULL. */
static const char *
refuse(const struct conf_probe *probe)
{
	const struct check_type *type = check_type(probe->type);

	if (type == NULL)
		return "unknown type";
	if (probe->interval == 0 || probe->timeout == 0)
		return "the interval and the timeout are not 0";
	return type->refuse(probe);
}

int
probes_judge(struct checkd *checkd, uint64_t deadline)
{
	const struct conf *next = checkd->next;
	char name[EVENT_PROBE_NAME_LEN], object[sizeof(name) + 6];
	const struct conf_probe *probe;
	const char *why;

	while (checkd->next_probe < next->probe_count) {
		if (clock_monotonic() >= deadline)
			return 1;
		probe = &next->probes[checkd->next_probe++];
		if ((why = refuse(probe)) == NULL)
			continue;
		snprintf(object, sizeof(object), "check %s",
		    event_probe_name(probe, name));
		return receiver_refuse(checkd->receiver, object, why);
	}
	return 0;
}

static struct probe *
probe_new(struct checkd *checkd, const struct conf_probe *conf, uint64_t now)
{
	struct probe *probe = calloc(1, sizeof(*probe));

	if (probe == NULL)
		fatal("probe");
	probe->conf = conf;
	probe->item.owner = checkd;
	probe->item.hash = conf->key;
	probe->item.interval = conf->interval * NS_PER_MS;
	probe->item.timeout = conf->timeout * NS_PER_MS;
	schedule_add(checkd->schedule, &probe->item, &conf->addr,
	    conf->warm_up * NS_PER_MS, now);
	return probe;
}

static void
probe_free(struct checkd *checkd, struct probe *probe)
{
	if (probe->run != NULL) {
		check_type(probe->conf->type)->cancel(probe->run);
		run_free(checkd, probe);
	}
	schedule_remove(checkd->schedule, &probe->item);
	free(probe);
}

static bool
same_times(const struct conf_probe *a, const struct conf_probe *b)
{
	return a->interval == b->interval && a->timeout == b->timeout &&
	    a->rise == b->rise && a->fall == b->fall;
}

/* Gives a probe its new configuration; its state and its history stay. */
static struct probe *
probe_keep(struct checkd *checkd, struct probe *probe,
    const struct conf_probe *conf, uint64_t now)
{
	if (!same_times(probe->conf, conf))
		schedule_change(checkd->schedule, &probe->item,
		    conf->interval * NS_PER_MS, conf->timeout * NS_PER_MS, now);
	probe->conf = conf;
	if (probe->run != NULL)
		probe->run->conf = conf;
	return probe;
}

/* Fills probes with the old ones whose key is in conf. Returns how many. The
 * key is ipvsd's word: what has begun as one type never goes on as another. */
static uint32_t
keep_probes(struct checkd *checkd, const struct conf *conf,
    struct probe **probes, uint64_t now)
{
	struct keys *keys = keys_new(checkd->probe_count);
	uint32_t at, kept = 0;

	if (keys == NULL)
		fatal("%u probes", checkd->probe_count);
	for (uint32_t i = 0; i < checkd->probe_count; i++)
		keys_put(keys, checkd->probes[i]->conf->key, i);
	for (uint32_t i = 0; i < conf->probe_count; i++) {
		at = keys_take(keys, conf->probes[i].key);
		if (at == KEYS_NONE ||
		    checkd->probes[at]->conf->type != conf->probes[i].type)
			continue;
		probes[i] = probe_keep(
		    checkd, checkd->probes[at], &conf->probes[i], now);
		checkd->probes[at] = NULL;
		kept++;
	}
	keys_free(keys);
	return kept;
}

void
probes_commit(struct checkd *checkd, struct conf *conf)
{
	uint32_t count = conf->probe_count, kept;
	struct probe **probes = calloc(count + 1, sizeof(struct probe *));
	uint64_t now = clock_monotonic();

	if (probes == NULL)
		fatal("%u probes", count);
	kept = keep_probes(checkd, conf, probes, now);
	for (uint32_t i = 0; i < checkd->probe_count; i++) {
		if (checkd->probes[i] != NULL)
			probe_free(checkd, checkd->probes[i]);
	}
	for (uint32_t i = 0; i < count; i++) {
		if (probes[i] == NULL)
			probes[i] = probe_new(checkd, &conf->probes[i], now);
	}
	log_change("generation",
	    "generation %016llx: %u probes, %u kept, %u removed",
	    (unsigned long long)conf->generation, count, kept,
	    checkd->probe_count - kept);
	free(checkd->probes);
	conf_free(checkd->conf);
	checkd->conf = conf;
	check_socket_configure(conf);
	checkd->probes = probes;
	checkd->probe_count = count;
	checkd->counters.reloads++;
	set_timer(checkd);
}

void
probes_begin(struct checkd *checkd, const uint8_t *former)
{
	for (uint32_t i = 0; i < checkd->probe_count; i++)
		checkd->probes[i]->verdict.former = (enum health)
		    former[checkd->probes[i]->conf->id];
}

/* How many probes may be open: each has a descriptor, and priv_limit() bounds
 * the descriptors. */
static uint32_t
open_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		fatal("getrlimit");
	if (limit.rlim_cur <= CHECKD_RESERVED_FDS)
		return 1;
	return (uint32_t)(limit.rlim_cur - CHECKD_RESERVED_FDS);
}

void
probes_init(struct checkd *checkd)
{
	checkd->open_max = open_limit();
	checkd->schedule = schedule_new(checkd->open_max, CHECKD_ADDRESS_MAX);
	timer_init(&checkd->timer, checkd->base, on_timer, checkd);
}

void
probes_free(struct checkd *checkd)
{
	struct check_run *run;

	for (uint32_t i = 0; i < checkd->probe_count; i++)
		probe_free(checkd, checkd->probes[i]);
	free(checkd->probes);
	conf_free(checkd->conf);
	while ((run = checkd->free_runs) != NULL) {
		checkd->free_runs = run->next;
		free(run);
	}
	schedule_free(checkd->schedule);
	timer_stop(&checkd->timer);
}
