/* SPDX-License-Identifier: ISC */
/*
 * The steps of a reload. One timer of reload.c takes them, for a slice of time
 * in each turn of the loop. Only that timer switches generations, so a message
 * handler never sees the tables change while it runs.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "conf/lint_reload.h"
#include "lease/instance.h"
#include "lease/instances.h"
#include "log_change.h"
#include "reload/peers.h"
#include "reload/reload_int.h"
#include "reload/switch.h"
#include "running/event.h"
#include "running/health.h"
#include "running/state.h"

#define SLICE_OBJECTS 16 /* in a step; then reload.c looks at the clock */
#define POLL_NS	      (5 * NS_PER_MS) /* while a hand-over is awaited */

/* Notes why it fails. */
static enum reload_next __attribute__((format(printf, 2, 3)))
fail(struct reload *reload, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(reload->failure, sizeof(reload->failure), fmt, args);
	va_end(args);
	return RELOAD_FAILED;
}

static void
report_lint(
    enum conf_severity severity, const char *lint, const char *text, void *arg)
{
	struct reload *reload = arg;
	char named[1024];

	snprintf(
	    named, sizeof(named), lint == NULL ? "%s" : "%s [%s]", text, lint);
	findings_add(&reload->findings, severity, named);
}

/* The configuration is decoded: begins to build `next` with it. */
static enum reload_next
decoded(struct reload *reload)
{
	struct ipvsd *ipvsd = reload->ipvsd;
	unsigned errors = 0;

	reload->conf = conf_decoder_take(reload->decoder);
	conf_decoder_free(reload->decoder);
	reload->decoder = NULL;
	if (reload->conf->generation != reload->generation->id)
		return fail(reload, "its generation is another than announced");
	if (ipvsd->running != NULL)
		errors = conf_lint_reload(
		    ipvsd->running->conf, reload->conf, report_lint, reload);
	if (errors > 0)
		return fail(
		    reload, "%u error%s", errors, errors == 1 ? "" : "s");
	if (reload->stored && ipvsd->node != NULL &&
	    strcmp(ipvsd->node, reload->conf->self) != 0)
		return fail(reload, "it is for node %s", reload->conf->self);
	override_begin(ipvsd->overrides);
	reload->next = running_new(
	    reload->generation, reload->conf, ipvsd->running);
	if (reload->next == NULL)
		return fail(reload, "out of memory");
	reload->conf = NULL;
	reload->phase = RELOAD_MATCHING;
	return RELOAD_MORE;
}

static enum reload_next
step_decode(struct reload *reload)
{
	const char *why = "not a configuration";

	switch (conf_decoder_step(reload->decoder, SLICE_OBJECTS, &why)) {
	case 1:
		return RELOAD_MORE;
	case 0:
		return decoded(reload);
	default:
		return fail(reload, "%s", why);
	}
}

/* What the kernel cannot do refuses a reload. The first configuration comes
 * into force all the same. */
static enum reload_next
matched(struct reload *reload)
{
	struct ipvsd *ipvsd = reload->ipvsd;
	char why[256];

	if (ipvsd->running != NULL &&
	    !kernel_try(ipvsd->kernel, reload->next->conf, why, sizeof(why)))
		return fail(reload, "%s", why);
	reload->phase = RELOAD_VOTING;
	return RELOAD_MORE;
}

static enum reload_next
step_match(struct reload *reload)
{
	return running_step(
		   reload->next, reload->ipvsd->overrides, SLICE_OBJECTS) ?
	    RELOAD_MORE :
	    matched(reload);
}

/* The generation is saved, or need not be. It belongs to `next` alone, and is
 * not aborted any more. */
static enum reload_next
kept(struct reload *reload)
{
	reload->generation = NULL;
	reload->phase = RELOAD_SWITCHING;
	return RELOAD_TURN;
}

/*
 * The generation could not be saved. A reload is refused then, because a
 * restart would undo it. The first configuration comes into force all the same:
 * a director that forgets is better than none.
 */
static enum reload_next
not_kept(struct reload *reload)
{
	const char *why = strerror(errno);

	if (reload->ipvsd->running != NULL)
		return fail(reload, "it cannot be kept for a restart: %s", why);
	log_warnx(
	    "configuration: not kept, a restart will read the file: %s", why);
	state_remove(STATE_GENERATION);
	return kept(reload);
}

/* Once all are READY vrrpd is asked to hand over the instances that are going,
 * while they are still configured. */
static enum reload_next
step_vote(struct reload *reload)
{
	struct ipvsd *ipvsd = reload->ipvsd;
	const char *who;

	if (peers_wait(ipvsd->peers, &who))
		return RELOAD_WAIT;
	timer_stop(&reload->timeout);
	instances_mark_going(ipvsd, reload->next);
	reload->hand_over_end = clock_monotonic() +
	    instances_hand_over(ipvsd, true) * NS_PER_MS;
	reload->phase = RELOAD_HANDING;
	return RELOAD_MORE;
}

static enum reload_next
step_hand(struct reload *reload)
{
	char name[PATH_MAX];

	if (instances_any_going(reload->ipvsd) &&
	    clock_monotonic() < reload->hand_over_end) {
		timer_after(&reload->step, POLL_NS);
		return RELOAD_WAIT;
	}
	if (reload->stored)
		return kept(reload); /* it came from that file */
	health_follow(reload->ipvsd, reload->next);
	state_path(STATE_GENERATION, name, sizeof(name));
	reload->save = generation_save_new(reload->generation, name);
	if (reload->save == NULL)
		return not_kept(reload);
	reload->phase = RELOAD_SAVING;
	return RELOAD_MORE;
}

/* From the rename on a restart would run the new generation. */
static enum reload_next
step_save(struct reload *reload)
{
	switch (generation_save_step(reload->save)) {
	case 1:
		return RELOAD_MORE;
	case 0:
		return kept(reload);
	default:
		return not_kept(reload);
	}
}

/* Has a turn of the loop to itself, because it cannot be sliced. */
static enum reload_next
step_switch(struct reload *reload)
{
	struct ipvsd *ipvsd = reload->ipvsd;
	char id[20], text[64];

	/* Held lines name objects by ids, which belong to others from now on.
	 */
	log_change_flush();
	reload->old = switch_to(ipvsd, reload->next);
	reload->next = NULL;
	ipvsd->loaded = reload->read_at;
	reload->stored = false;
	snprintf(id, sizeof(id), "%016llx",
	    (unsigned long long)ipvsd->running->generation->id);
	snprintf(text, sizeof(text), "in force after %llu ms",
	    (unsigned long long)((clock_monotonic() - reload->started) /
		NS_PER_MS));
	event_tell(ipvsd, "configuration", "", "", id, text);
	peers_commit(ipvsd->peers, ipvsd->running->generation);
	reload->phase = RELOAD_CLEANING;
	return RELOAD_TURN;
}

/* Frees one part of the old generation in each turn; finish() frees the rest.
 */
static enum reload_next
step_clean(struct reload *reload)
{
	return reload->old != NULL &&
		generation_release(reload->old->generation) ?
	    RELOAD_TURN :
	    RELOAD_FINISHED;
}

enum reload_next
steps_take(struct reload *reload)
{
	static enum reload_next (*const steps[RELOAD_PHASE_MAX])(
	    struct reload *) = {
	    [RELOAD_DECODING] = step_decode,
	    [RELOAD_MATCHING] = step_match,
	    [RELOAD_VOTING] = step_vote,
	    [RELOAD_HANDING] = step_hand,
	    [RELOAD_SAVING] = step_save,
	    [RELOAD_SWITCHING] = step_switch,
	    [RELOAD_CLEANING] = step_clean,
	};

	return steps[reload->phase] == NULL ? RELOAD_WAIT :
					      steps[reload->phase](reload);
}
