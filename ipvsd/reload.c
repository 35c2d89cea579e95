/* SPDX-License-Identifier: ISC */
/*
 * The course of a reload. Everything long is done in slices of SLICE_NS from
 * one event, and that event alone switches generations: no message handler
 * ever sees the tables change under it.
 */
#include "reload.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "findings.h"
#include "instance.h"
#include "parse.h"
#include "running.h"
#include "state.h"

#define SLICE_NS      (2 * NS_PER_MS)
#define SLICE_OBJECTS 16 /* between looks at the clock */
#define VOTE_SECONDS  10

struct reload {
	struct ipvsd *ipvsd;
	struct peers *peers;
	struct findings findings;
	enum reload_phase phase;
	struct event *step;
	struct event *timeout; /* for READY */
	struct generation *generation;
	struct conf_decoder *decoder;
	struct conf *conf;
	struct running *next;
	struct generation_save *save;
	uint64_t started;
	uint64_t client; /* ctl_id of who waits, 0: nobody */
	bool again;	 /* asked for meanwhile */
	bool stored;	 /* the generation is a former ipvsd's */
	bool failed;
	char failure[512];
};

static void
step_soon(struct reload *reload)
{
	struct timeval now = {0, 0};

	evtimer_add(reload->step, &now);
}

/* ---- the end ---- */

static void
clear(struct reload *reload)
{
	evtimer_del(reload->step);
	evtimer_del(reload->timeout);
	if (reload->next != NULL) {
		running_free(reload->next); /* and the generation */
		reload->generation = NULL;
	}
	conf_decoder_free(reload->decoder);
	conf_free(reload->conf);
	generation_save_free(reload->save);
	generation_free(reload->generation);
	reload->next = NULL;
	reload->decoder = NULL;
	reload->conf = NULL;
	reload->save = NULL;
	reload->generation = NULL;
	reload->phase = RELOAD_IDLE;
}

static const char *start(struct reload *);

/* Nothing is in force, so there is nothing to go on with. */
static void
first_failed(struct reload *reload)
{
	if (reload->stored) {
		log_info("configuration: the file instead");
		reload->stored = false;
		if (start(reload) == NULL)
			return;
	}
	ipvsd_exit(reload->ipvsd, 1);
}

static void
finish(struct reload *reload)
{
	struct ipvsd *ipvsd = reload->ipvsd;
	struct ctl_conn *conn;

	clear(reload);
	if (reload->client != 0 &&
	    (conn = ctl_find(ipvsd->ctl, reload->client)) != NULL)
		ctl_resume(conn);
	reload->client = 0;
	control_status(ipvsd);
	if (reload->failed && ipvsd->running == NULL) {
		first_failed(reload);
	} else if (reload->again) {
		reload->again = false;
		reload_start(ipvsd, 0, false);
	}
}

static void __attribute__((format(printf, 2, 3)))
fail(struct reload *reload, const char *fmt, ...)
{
	struct ipvsd *ipvsd = reload->ipvsd;
	va_list args;

	va_start(args, fmt);
	vsnprintf(reload->failure, sizeof(reload->failure), fmt, args);
	va_end(args);
	reload->failed = true;
	if (reload->generation != NULL)
		peers_abort(ipvsd, reload->generation);
	control_event(
	    ipvsd, "configuration", "", "", "refused", reload->failure);
	finish(reload);
}

static void
switch_over(struct reload *reload)
{
	struct ipvsd *ipvsd = reload->ipvsd;
	char id[20], text[64];

	running_switch(ipvsd, reload->next);
	reload->next = NULL;
	reload->stored = false;
	snprintf(id, sizeof(id), "%016llx",
	    (unsigned long long)ipvsd->running->generation->id);
	snprintf(text, sizeof(text), "in force after %llu ms",
	    (unsigned long long)((clock_monotonic() - reload->started) /
		NS_PER_MS));
	control_event(ipvsd, "configuration", "", "", id, text);
	peers_commit(ipvsd, ipvsd->running->generation);
	finish(reload);
}

/* ---- slices ---- */

static void
report_lint(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	struct reload *reload = arg;

	(void)lint;
	findings_add(&reload->findings, severity, text);
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
		step_soon(reload);
}

static bool
decoded(struct reload *reload)
{
	struct ipvsd *ipvsd = reload->ipvsd;
	unsigned errors = 0;

	reload->conf = conf_decoder_take(reload->decoder);
	conf_decoder_free(reload->decoder);
	reload->decoder = NULL;
	if (ipvsd->running != NULL)
		errors = conf_lint_reload(
		    ipvsd->running->conf, reload->conf, report_lint, reload);
	if (errors > 0) {
		fail(reload, "%u error%s", errors, errors == 1 ? "" : "s");
		return false;
	}
	if (reload->stored && ipvsd->node != NULL &&
	    strcmp(ipvsd->node, reload->conf->self) != 0) {
		fail(reload, "it is for node %s", reload->conf->self);
		return false;
	}
	reload->next = running_new(
	    reload->generation, reload->conf, ipvsd->running);
	if (reload->next == NULL) {
		fail(reload, "out of memory");
		return false;
	}
	reload->conf = NULL;
	reload->phase = RELOAD_MATCHING;
	return true;
}

/* Each returns true when there is more to do at once. */
static bool
step_decode(struct reload *reload)
{
	const char *why = "not a configuration";

	switch (conf_decoder_step(reload->decoder, SLICE_OBJECTS, &why)) {
	case 1:
		return true;
	case 0:
		return decoded(reload);
	default:
		fail(reload, "%s", why);
		return false;
	}
}

static bool
step_match(struct reload *reload)
{
	if (!running_step(
		reload->next, reload->ipvsd->overrides, SLICE_OBJECTS))
		reload->phase = RELOAD_VOTING;
	return true;
}

static bool
step_vote(struct reload *reload)
{
	char name[PATH_MAX];
	const char *who;

	if (peers_wait(reload->peers, &who))
		return false;
	evtimer_del(reload->timeout);
	state_path(STATE_GENERATION, name, sizeof(name));
	reload->save = generation_save_new(reload->generation, name);
	if (reload->save == NULL) {
		fail(reload, "it cannot be kept for a restart");
		return false;
	}
	reload->phase = RELOAD_SAVING;
	return true;
}

/* From the moment that the file has its name a restart would run it. */
static bool
step_save(struct reload *reload)
{
	switch (generation_save_step(reload->save)) {
	case 1:
		return true;
	case 0:
		reload->generation = NULL; /* next has it */
		switch_over(reload);
		return false;
	default:
		fail(reload, "it cannot be kept for a restart");
		return false;
	}
}

static void
step(evutil_socket_t fd, short what, void *arg)
{
	static bool (*const steps[RELOAD_PHASE_MAX])(struct reload *) = {
	    [RELOAD_DECODING] = step_decode,
	    [RELOAD_MATCHING] = step_match,
	    [RELOAD_VOTING] = step_vote,
	    [RELOAD_SAVING] = step_save,
	};
	struct reload *reload = arg;
	uint64_t end = clock_monotonic() + SLICE_NS;

	(void)fd;
	(void)what;
	while (steps[reload->phase] != NULL) {
		if (!steps[reload->phase](reload))
			return;
		if (clock_monotonic() >= end) {
			step_soon(reload);
			return;
		}
	}
}

/* ---- what comes in ---- */

void
reload_answer(
    struct ipvsd *ipvsd, const char *who, const char *object, const char *why)
{
	struct reload *reload = ipvsd->reload;
	char text[1200];

	if (reload->phase == RELOAD_IDLE)
		return;
	if (why == NULL) {
		if (reload->phase == RELOAD_VOTING)
			step_soon(reload);
		return;
	}
	snprintf(text, sizeof(text), "%s: %s: %s", who, object, why);
	findings_add(&reload->findings, SEVERITY_ERROR, text);
	fail(reload, "%s refuses it", who);
}

static void
vote_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct reload *reload = arg;
	const char *who;

	(void)fd;
	(void)what;
	if (peers_wait(reload->peers, &who))
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
	struct timeval wait = {.tv_sec = VOTE_SECONDS};

	(void)warnings;
	if (generation == NULL) {
		fail(reload, "%u error%s", errors, errors == 1 ? "" : "s");
	} else if (ipvsd->running == NULL) {
		/* Nobody is in any generation: they join this one. */
		begin(reload, generation);
	} else if (ipvsd->running->generation->id == generation->id) {
		generation_free(generation);
		log_info("configuration: unchanged");
		finish(reload);
	} else {
		peers_prepare(ipvsd, generation);
		evtimer_add(reload->timeout, &wait);
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
	why = parse_start(ipvsd->parse, ipvsd->file, ipvsd->node);
	if (why == NULL)
		reload->phase = RELOAD_PARSING;
	return why;
}

const char *
reload_start(struct ipvsd *ipvsd, uint64_t client, bool queue)
{
	struct reload *reload = ipvsd->reload;
	const char *why;

	if (reload->phase != RELOAD_IDLE) {
		reload->again = reload->again || queue;
		return queue ? NULL : "another reload is going on";
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
reload_first(struct ipvsd *ipvsd)
{
	struct reload *reload = ipvsd->reload;
	struct generation *generation;
	char name[PATH_MAX];
	const char *why;

	state_path(STATE_GENERATION, name, sizeof(name));
	reload->started = clock_monotonic();
	if ((generation = generation_load(name)) != NULL) {
		log_info("configuration: the committed generation of the "
			 "former ipvsd");
		reload->stored = true;
		begin(reload, generation);
		return;
	}
	if ((why = start(reload)) != NULL)
		fail(reload, "%s", why);
}

enum reload_phase
reload_phase(const struct reload *reload)
{
	return reload->phase;
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

struct peers *
reload_peers(struct reload *reload)
{
	return reload->peers;
}

struct reload *
reload_new(struct ipvsd *ipvsd)
{
	struct reload *reload = calloc(1, sizeof(*reload));

	if (reload == NULL)
		fatal("reload");
	reload->ipvsd = ipvsd;
	reload->peers = peers_new(ipvsd);
	reload->step = evtimer_new(ipvsd->base, step, reload);
	reload->timeout = evtimer_new(ipvsd->base, vote_timeout, reload);
	if (reload->step == NULL || reload->timeout == NULL)
		fatalx("reload: out of memory");
	return reload;
}

void
reload_free(struct reload *reload)
{
	if (reload == NULL)
		return;
	clear(reload);
	findings_clear(&reload->findings);
	event_free(reload->step);
	event_free(reload->timeout);
	peers_free(reload->peers);
	free(reload);
}
