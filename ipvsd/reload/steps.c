/* SPDX-License-Identifier: ISC */
/*
 * The steps of a reload. Everything long is done in slices of SLICE_NS from
 * one event, and that event alone switches generations: no message handler
 * ever sees the tables change under it.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "lease/instance.h"
#include "log_change.h"
#include "reload/reload_int.h"
#include "state.h"

#define SLICE_NS      (2 * NS_PER_MS)
#define SLICE_OBJECTS 16 /* between looks at the clock */
#define POLL_NS	      (5 * NS_PER_MS)

void
reload_step_soon(struct reload *reload)
{
	struct timeval now = {0, 0};

	evtimer_add(reload->step, &now);
}

static void
report_lint(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	struct reload *reload = arg;

	(void)lint;
	findings_add(&reload->findings, severity, text);
}

void
reload_begin(struct reload *reload, struct generation *generation)
{
	const char *why = "out of memory";

	reload->generation = generation;
	if (reload->next != NULL) { /* built while the parser worked */
		reload->next->generation = generation;
		reload->next->conf->generation = generation->id;
		reload->phase = RELOAD_MATCHING;
		reload_step_soon(reload);
		return;
	}
	reload->phase = RELOAD_DECODING;
	if (reload->decoder == NULL)
		reload->decoder = conf_decoder_new(
		    generation->fd[ROLE_IPVSD], ROLE_IPVSD, &why);
	if (reload->decoder == NULL)
		reload_fail(reload, "%s", why);
	else
		reload_step_soon(reload);
}

static bool
decoded(struct reload *reload)
{
	struct ipvsd *ipvsd = reload->ipvsd;
	unsigned errors = 0;

	reload->conf = conf_decoder_take(reload->decoder);
	if (reload->generation != NULL)
		reload->conf->generation = reload->generation->id;
	conf_decoder_free(reload->decoder);
	reload->decoder = NULL;
	if (ipvsd->running != NULL)
		errors = conf_lint_reload(
		    ipvsd->running->conf, reload->conf, report_lint, reload);
	if (errors > 0) {
		reload_fail(
		    reload, "%u error%s", errors, errors == 1 ? "" : "s");
		return false;
	}
	if (reload->stored && ipvsd->node != NULL &&
	    strcmp(ipvsd->node, reload->conf->self) != 0) {
		reload_fail(reload, "it is for node %s", reload->conf->self);
		return false;
	}
	reload->next = running_new(
	    reload->generation, reload->conf, ipvsd->running);
	if (reload->next == NULL) {
		reload_fail(reload, "out of memory");
		return false;
	}
	reload->conf = NULL;
	if (reload->phase == RELOAD_DECODING)
		reload->phase = RELOAD_MATCHING;
	return true;
}

/* Each returns true when there is more to do at once. */

/* While the parser still works: without consequences. The first can be matched
 * as well, as nothing that is in force can change meanwhile. */
static bool
step_parse(struct reload *reload)
{
	const char *why;

	if (reload->next != NULL)
		return running_step(
		    reload->next, reload->ipvsd->overrides, SLICE_OBJECTS);
	if (reload->taken)
		return reload->ipvsd->running == NULL && decoded(reload);
	if (reload->decoder == NULL)
		return false;
	switch (conf_decoder_step(reload->decoder, SLICE_OBJECTS, &why)) {
	case 1:
		return true;
	case 0:
		reload->taken = true;
		return true;
	default:
		conf_decoder_free(reload->decoder);
		reload->decoder = NULL;
		return false;
	}
}

static bool
step_decode(struct reload *reload)
{
	const char *why = "not a configuration";

	if (reload->taken)
		return decoded(reload);
	switch (conf_decoder_step(reload->decoder, SLICE_OBJECTS, &why)) {
	case 1:
		return true;
	case 0:
		return decoded(reload);
	default:
		reload_fail(reload, "%s", why);
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

/* next has the generation from here on. */
static bool
kept(struct reload *reload)
{
	reload->generation = NULL;
	reload->phase = RELOAD_SWITCHING;
	reload_step_soon(reload);
	return false;
}

/*
 * A reload that a restart would undo is refused. The first configuration is
 * not: a director without a memory is better than none.
 */
static bool
not_kept(struct reload *reload)
{
	const char *why = strerror(errno);

	if (reload->ipvsd->running != NULL) {
		reload_fail(reload, "it cannot be kept for a restart: %s", why);
		return false;
	}
	log_warnx(
	    "configuration: not kept, a restart will read the file: %s", why);
	state_remove(STATE_GENERATION);
	return kept(reload);
}

/* All are ready. What goes is handed over as long as it is configured. */
static bool
step_vote(struct reload *reload)
{
	struct ipvsd *ipvsd = reload->ipvsd;
	const char *who;

	if (peers_wait(reload->peers, &who))
		return false;
	evtimer_del(reload->timeout);
	instances_mark_going(ipvsd, reload->next);
	reload->handed = clock_monotonic() +
	    instances_hand_over(ipvsd, true) * NS_PER_MS;
	reload->phase = RELOAD_HANDING;
	return true;
}

static bool
step_hand(struct reload *reload)
{
	struct timeval wait = clock_timeval(POLL_NS);
	char name[PATH_MAX];

	if (instances_any_going(reload->ipvsd) &&
	    clock_monotonic() < reload->handed) {
		evtimer_add(reload->step, &wait);
		return false;
	}
	if (reload->stored)
		return kept(reload); /* it is what the file has */
	health_follow(reload->ipvsd, reload->next);
	state_path(STATE_GENERATION, name, sizeof(name));
	reload->save = generation_save_new(reload->generation, name);
	if (reload->save == NULL)
		return not_kept(reload);
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
		return kept(reload);
	default:
		return not_kept(reload);
	}
}

/* Alone in its turn of the loop, like what follows: they are not sliced. */
static bool
step_switch(struct reload *reload)
{
	struct ipvsd *ipvsd = reload->ipvsd;
	char id[20], text[64];

	/* Its lines name objects by numbers that are others' from now on. */
	log_change_flush();
	reload->old = running_switch(ipvsd, reload->next);
	reload->next = NULL;
	reload->stored = false;
	snprintf(id, sizeof(id), "%016llx",
	    (unsigned long long)ipvsd->running->generation->id);
	snprintf(text, sizeof(text), "in force after %llu ms",
	    (unsigned long long)((clock_monotonic() - reload->started) /
		NS_PER_MS));
	control_event(ipvsd, "configuration", "", "", id, text);
	peers_commit(ipvsd, ipvsd->running->generation);
	reload->phase = RELOAD_CLEANING;
	reload_step_soon(reload);
	return false;
}

/* A part a turn, then the rest. */
static bool
step_clean(struct reload *reload)
{
	if (reload->old != NULL && generation_release(reload->old->generation))
		reload_step_soon(reload);
	else
		reload_finish(reload);
	return false;
}

void
reload_step(evutil_socket_t fd, short what, void *arg)
{
	static bool (*const steps[RELOAD_PHASE_MAX])(struct reload *) = {
	    [RELOAD_PARSING] = step_parse,
	    [RELOAD_DECODING] = step_decode,
	    [RELOAD_MATCHING] = step_match,
	    [RELOAD_VOTING] = step_vote,
	    [RELOAD_HANDING] = step_hand,
	    [RELOAD_SAVING] = step_save,
	    [RELOAD_SWITCHING] = step_switch,
	    [RELOAD_CLEANING] = step_clean,
	};
	struct reload *reload = arg;
	uint64_t end = clock_monotonic() + SLICE_NS;

	(void)fd;
	(void)what;
	while (steps[reload->phase] != NULL) {
		if (!steps[reload->phase](reload))
			return;
		if (clock_monotonic() >= end) {
			reload_step_soon(reload);
			return;
		}
	}
}
