/* SPDX-License-Identifier: ISC */
/* How a reload begins and ends, and what comes in while it is under way. */
#include "reload/reload_int.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ctl/ctl_server.h"
#include "lease/instance.h"
#include "lease/instances.h"
#include "lease/leave.h"
#include "reload/findings.h"
#include "reload/parse.h"
#include "reload/peers.h"
#include "running/event.h"
#include "running/health.h"
#include "running/running.h"
#include "running/state.h"

#define SLICE_NS     (2 * NS_PER_MS) /* of steps in a turn of the loop */
#define VOTE_SECONDS 10
/* The queued reload clears the findings, so the client gets this long to read
 * them. */
#define AGAIN_NS     (100 * NS_PER_MS)

/* ---- the end ---- */

static void
clear(struct reload *reload)
{
	timer_stop(&reload->step);
	timer_stop(&reload->timeout);
	if (reload->next != NULL) {
		health_follow(reload->ipvsd, NULL);
		running_free(reload->next); /* frees the generation, too */
		reload->generation = NULL;
	}
	running_free(reload->old);
	conf_decoder_free(reload->decoder);
	conf_free(reload->conf);
	generation_save_free(reload->save);
	generation_free(reload->generation);
	reload->next = NULL;
	reload->old = NULL;
	reload->decoder = NULL;
	reload->conf = NULL;
	reload->save = NULL;
	reload->generation = NULL;
	reload->phase = RELOAD_IDLE;
}

static const char *start(struct reload *);
static void failed(struct reload *);

static void __attribute__((format(printf, 2, 3)))
fail(struct reload *reload, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(reload->failure, sizeof(reload->failure), fmt, args);
	va_end(args);
	failed(reload);
}

/*
 * Nothing is in force, so there is nothing to go on with but the file. When a
 * newer version has committed what this one cannot do, the file is not that: it
 * lacks it, so somebody wrote it for this version, or it is refused as well.
 */
static void
first_failed(struct reload *reload)
{
	const char *why;

	if (reload->stored) {
		log_warnx("configuration: what was committed cannot be in "
			  "force: %s; now the file, which is not that",
		    reload->failure);
		reload->stored = false;
		if ((why = start(reload)) == NULL)
			return;
		log_warnx("configuration: the file is not read: %s", why);
	}
	leave_now(reload->ipvsd, 1);
}

/* The reload is over, failed or not. */
static void
finish(struct reload *reload)
{
	struct ipvsd *ipvsd = reload->ipvsd;
	uint64_t wait = 0;
	struct ctl_conn *conn;

	clear(reload);
	if (reload->client != 0 &&
	    (conn = ctl_find(ipvsd->ctl, reload->client)) != NULL) {
		ctl_resume(conn);
		wait = AGAIN_NS;
	}
	reload->client = 0;
	event_status(ipvsd);
	if (reload->failed && ipvsd->running == NULL) {
		first_failed(reload);
	} else if (reload->queued) {
		reload->queued = false;
		timer_after(&reload->restart, wait);
	}
}

/* The reload fails; reload->failure says why. */
static void
failed(struct reload *reload)
{
	struct ipvsd *ipvsd = reload->ipvsd;

	reload->failed = true;
	if (reload->generation != NULL)
		peers_abort(ipvsd->peers, reload->generation);
	instances_mark_going(ipvsd, NULL);
	event_tell(ipvsd, "configuration", "", "", "refused", reload->failure);
	finish(reload);
}

static void
start_again(void *arg)
{
	struct ipvsd *ipvsd = arg;

	reload_start(ipvsd, 0);
}

/* ---- what comes in ---- */

static void
answered(
    struct ipvsd *ipvsd, const char *who, const char *object, const char *why)
{
	struct reload *reload = ipvsd->reload;
	char text[1200];

	if (reload->phase == RELOAD_IDLE)
		return;
	if (why == NULL) {
		if (reload->phase == RELOAD_VOTING)
			timer_soon(&reload->step);
		return;
	}
	if (object == NULL) {
		fail(reload, "%s: %s", who, why);
		return;
	}
	snprintf(text, sizeof(text), "%s: %s: %s", who, object, why);
	findings_add(&reload->findings, SEVERITY_ERROR, text);
	fail(reload, "%s refuses it", who);
}

/* A slice of steps. */
static void
take_steps(void *arg)
{
	struct reload *reload = arg;
	uint64_t end = clock_monotonic() + SLICE_NS;
	enum reload_next next;

	do {
		next = steps_take(reload);
	} while (next == RELOAD_MORE && clock_monotonic() < end);
	switch (next) {
	case RELOAD_MORE:
	case RELOAD_TURN:
		timer_soon(&reload->step);
		break;
	case RELOAD_FAILED:
		failed(reload);
		break;
	case RELOAD_FINISHED:
		finish(reload);
		break;
	default:
		break;
	}
}

static void
begin(struct reload *reload, struct generation *generation)
{
	const char *why = "out of memory";

	reload->generation = generation;
	reload->phase = RELOAD_DECODING;
	reload->decoder = conf_decoder_new(
	    generation->fd[ROLE_IPVSD], ROLE_IPVSD, &why);
	if (reload->decoder == NULL)
		fail(reload, "%s", why);
	else
		timer_soon(&reload->step);
}

static void
vote_timeout(void *arg)
{
	struct reload *reload = arg;
	const char *who;

	if (peers_wait(reload->ipvsd->peers, &who))
		fail(reload, "%s did not answer within %d seconds", who,
		    VOTE_SECONDS);
}

void
reload_report(enum conf_severity severity, const char *text, void *arg)
{
	struct ipvsd *ipvsd = arg;

	findings_add(&ipvsd->reload->findings, severity, text);
}

void
reload_parsed(struct generation *generation, uint32_t errors, uint32_t warnings,
    void *arg)
{
	struct ipvsd *ipvsd = arg;
	struct reload *reload = ipvsd->reload;

	(void)warnings;
	if (generation == NULL) {
		fail(reload, "%u error%s", errors, errors == 1 ? "" : "s");
	} else if (ipvsd->running == NULL) {
		/* No vote: peers join the first generation later. */
		begin(reload, generation);
	} else if (ipvsd->running->generation->id == generation->id) {
		generation_free(generation);
		log_info("configuration: unchanged");
		ipvsd->loaded = reload->read_at;
		kernel_resync(ipvsd->kernel);
		finish(reload);
	} else {
		peers_prepare(ipvsd->peers, generation);
		timer_after(&reload->timeout, VOTE_SECONDS * NS_PER_SEC);
		begin(reload, generation);
	}
}

/* ---- the beginning ---- */

static const char *
start(struct reload *reload)
{
	struct ipvsd *ipvsd = reload->ipvsd;
	const char *why;

	findings_clear(&reload->findings);
	reload->failed = false;
	reload->started = clock_monotonic();
	reload->read_at = clock_realtime() / NS_PER_MS;
	why = parse_start(
	    ipvsd->parse, ipvsd->file, ipvsd->node, ipvsd->running == NULL);
	if (why == NULL)
		reload->phase = RELOAD_PARSING;
	return why;
}

const char *
reload_start(struct ipvsd *ipvsd, uint64_t client)
{
	struct reload *reload = ipvsd->reload;
	const char *why;

	if (reload->phase != RELOAD_IDLE) {
		reload->queued = true;
		return NULL;
	}
	if (ipvsd->leaving)
		return "ipvsd is leaving";
	why = start(reload);
	if (why != NULL)
		log_warnx("configuration: not read again: %s", why);
	else
		reload->client = client;
	return why;
}

void
reload_leave(struct ipvsd *ipvsd)
{
	struct reload *reload = ipvsd->reload;

	reload->queued = false;
	if (ipvsd->running != NULL && reload->phase != RELOAD_IDLE &&
	    reload->phase < RELOAD_SAVING)
		fail(reload, "ipvsd is leaving");
}

void
reload_first(struct ipvsd *ipvsd)
{
	struct reload *reload = ipvsd->reload;
	struct generation *generation;
	char name[PATH_MAX];
	const char *why;

	state_path(STATE_GENERATION, name, sizeof(name));
	reload->started = ipvsd->started;
	if ((generation = generation_load(name)) != NULL) {
		log_info("configuration: the committed generation of the "
			 "former ipvsd");
		reload->stored = true;
		reload->read_at = state_written(STATE_GENERATION);
		begin(reload, generation);
		return;
	}
	peers_hold(ipvsd->peers);
	if ((why = start(reload)) != NULL)
		fail(reload, "%s", why);
}

const char *
reload_waits_for(const struct reload *reload)
{
	const char *who;

	if (reload->phase == RELOAD_IDLE && reload->ipvsd->running != NULL)
		return NULL;
	if (reload->phase == RELOAD_PARSING)
		return "the parser";
	return peers_wait(reload->ipvsd->peers, &who) ? who : "ipvsd";
}

const char *
reload_bars(const struct reload *reload)
{
	if (reload->phase == RELOAD_PARSING && reload->ipvsd->running != NULL)
		return NULL;
	return reload_waits_for(reload);
}

const struct findings *
reload_findings(const struct reload *reload)
{
	return &reload->findings;
}

const char *
reload_failure(const struct reload *reload)
{
	return reload->failed ? reload->failure : NULL;
}

struct reload *
reload_new(struct ipvsd *ipvsd)
{
	static const struct peers_handlers handlers = {.answered = answered};
	struct reload *reload = calloc(1, sizeof(*reload));

	if (reload == NULL)
		fatal("reload");
	reload->ipvsd = ipvsd;
	ipvsd->peers = peers_new(ipvsd, &handlers);
	timer_init(&reload->step, ipvsd->base, take_steps, reload);
	timer_init(&reload->timeout, ipvsd->base, vote_timeout, reload);
	timer_init(&reload->restart, ipvsd->base, start_again, ipvsd);
	return reload;
}

void
reload_free(struct reload *reload)
{
	if (reload == NULL)
		return;
	clear(reload);
	findings_clear(&reload->findings);
	timer_stop(&reload->restart);
	peers_free(reload->ipvsd->peers);
	free(reload);
}
