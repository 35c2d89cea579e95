/* SPDX-License-Identifier: ISC */
/*
 * The engine. The schedule says when a probe starts, a check type runs it, and
 * its result goes to the verdict. One timer serves the starts and time-outs of
 * all probes.
 */
#include <sys/resource.h>

#include <stdlib.h>

#include "check.h"
#include "check_socket.h"
#include "check_types.h"
#include "clock.h"
#include "event.h"
#include "log.h"
#include "probe.h"
#include "schedule.h"
#include "tell.h"

/* Starts and time-outs in a turn of the loop. */
#define TURN_MAX 64

void
probes_timer(struct checkd *checkd)
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

/* A restart of checkd is no change of health. */
static uint64_t
began(const struct probe *probe, enum health from, uint64_t now)
{
	return from == HEALTH_UNKNOWN && probe->former_since != 0 &&
		probe->verdict.health == probe->verdict.former ?
	    probe->former_since :
	    now;
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

	/* It has left with its generation, and waits for its end. */
	if (probe->round != checkd->reload.round)
		return;
	count_result(checkd, probe, reason);
	probe->last = now;
	switch (verdict_take(
	    &probe->verdict, &result, probe->conf->rise, probe->conf->fall)) {
	case VERDICT_SAME:
		break;
	case VERDICT_HEALTH:
		probe->since = began(probe, from, now);
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
	probes_timer(checkd);
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
	probes_timer(checkd);
}

/* --- probes --- */

struct probe *
probe_new(struct checkd *checkd, const struct conf_probe *conf)
{
	struct probe *probe = calloc(1, sizeof(*probe));

	if (probe == NULL)
		fatal("probe");
	probe->conf = conf;
	probe->item.owner = checkd;
	probe->item.hash = conf->key;
	return probe;
}

void
probe_schedule(struct checkd *checkd, struct probe *probe, uint64_t now)
{
	const struct conf_probe *conf = probe->conf;
	uint64_t interval = conf->interval * NS_PER_MS;
	uint64_t timeout = conf->timeout * NS_PER_MS;

	if (probe->item.interval == interval && probe->item.timeout == timeout)
		return;
	if (probe->item.interval != 0) {
		schedule_change(
		    checkd->schedule, &probe->item, interval, timeout, now);
		return;
	}
	probe->item.interval = interval;
	probe->item.timeout = timeout;
	schedule_add(checkd->schedule, &probe->item, &conf->addr,
	    conf->warm_up * NS_PER_MS, now);
}

void
probe_free(struct checkd *checkd, struct probe *probe)
{
	if (probe->run != NULL) {
		check_type(probe->conf->type)->cancel(probe->run);
		run_free(checkd, probe);
	}
	schedule_remove(checkd->schedule, &probe->item);
	free(probe);
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

	while ((run = checkd->free_runs) != NULL) {
		checkd->free_runs = run->next;
		free(run);
	}
	schedule_free(checkd->schedule);
	timer_stop(&checkd->timer);
}
