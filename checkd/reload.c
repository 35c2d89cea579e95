/* SPDX-License-Identifier: ISC */
/* How a generation comes into force, see reload.h. */
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
#include "reload.h"

#define STRIDE 16 /* probes between two looks at the clock */

/* --- preparing --- */

bool
reload_begin(struct checkd *checkd, struct conf *conf)
{
	struct reload *reload = &checkd->reload;

	reload->keys = keys_new(checkd->probe_count);
	reload->matched = calloc(conf->probe_count + 1, sizeof(struct probe *));
	if (reload->keys == NULL || reload->matched == NULL) {
		keys_free(reload->keys);
		free(reload->matched);
		reload->keys = NULL;
		reload->matched = NULL;
		return false;
	}
	reload->next = conf;
	reload->keyed = reload->at = reload->kept = reload->tracked = 0;
	return true;
}

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

/* The key is ipvsd's word: what has begun as one type never goes on as
 * another. */
static void
match(struct checkd *checkd, uint32_t index)
{
	struct reload *reload = &checkd->reload;
	const struct conf_probe *conf = &reload->next->probes[index];
	uint32_t at = keys_take(reload->keys, conf->key);

	reload->tracked += conf->tracked;
	if (at == KEYS_NONE || checkd->probes[at]->conf->type != conf->type) {
		reload->matched[index] = probe_new(checkd, conf);
		return;
	}
	reload->matched[index] = checkd->probes[at];
	reload->kept++;
}

int
reload_judge(struct checkd *checkd, uint64_t deadline)
{
	struct reload *reload = &checkd->reload;
	const struct conf *next = reload->next;
	char name[EVENT_PROBE_NAME_LEN], object[sizeof(name) + 6];
	const struct conf_probe *probe;
	const char *why;

	while (reload->keyed < checkd->probe_count) {
		if (reload->keyed % STRIDE == 0 &&
		    clock_monotonic() >= deadline)
			return 1;
		keys_put(reload->keys, checkd->probes[reload->keyed]->conf->key,
		    reload->keyed);
		reload->keyed++;
	}
	while (reload->at < next->probe_count) {
		if (reload->at % STRIDE == 0 && clock_monotonic() >= deadline)
			return 1;
		probe = &next->probes[reload->at];
		if ((why = refuse(probe)) == NULL) {
			match(checkd, reload->at++);
			continue;
		}
		snprintf(object, sizeof(object), "check %s",
		    event_probe_name(probe, name));
		return receiver_refuse(checkd->receiver, object, why);
	}
	return 0;
}

static void
forget_next(struct reload *reload)
{
	keys_free(reload->keys);
	reload->keys = NULL;
	reload->matched = NULL;
	reload->next = NULL;
}

void
reload_drop(struct checkd *checkd)
{
	struct reload *reload = &checkd->reload;

	for (uint32_t i = 0; i < reload->at; i++) {
		if (reload->matched[i]->round == 0)
			probe_free(checkd, reload->matched[i]);
	}
	free(reload->matched);
	conf_free(reload->next);
	forget_next(reload);
}

/* --- in force --- */

/* A probe that goes on keeps its state, its history, and its run. All is told
 * anew. */
static void
give(struct probe *probe, const struct conf_probe *conf, uint32_t round)
{
	probe->conf = conf;
	probe->round = round;
	probe->untold = 0;
	if (probe->run != NULL)
		probe->run->conf = conf;
}

/* What ipvsd has said of it, if it has said that of any. */
static void
begin_with(const struct checkd *checkd, struct probe *probe)
{
	uint32_t id = probe->conf->id;

	if (checkd->former == NULL)
		return;
	probe->verdict.former = (enum health)checkd->former[id];
	probe->former_since = checkd->former_since == NULL ?
	    0 :
	    checkd->former_since[id];
}

void
reload_commit(struct checkd *checkd)
{
	struct reload *reload = &checkd->reload;
	struct conf *conf = reload->next;

	reload->round++;
	for (uint32_t i = 0; i < conf->probe_count; i++) {
		give(reload->matched[i], &conf->probes[i], reload->round);
		begin_with(checkd, reload->matched[i]);
	}
	log_change("generation",
	    "generation %016llx: %u probes, %u kept, %u removed",
	    (unsigned long long)conf->generation, conf->probe_count,
	    reload->kept, checkd->probe_count - reload->kept);
	reload->old = checkd->conf;
	reload->leaving = checkd->probes;
	reload->leaving_count = checkd->probe_count;
	reload->scheduled = reload->freed = 0;
	checkd->conf = conf;
	checkd->probes = reload->matched;
	checkd->probe_count = conf->probe_count;
	checkd->tracked = reload->tracked;
	checkd->counters.reloads++;
	check_socket_configure(conf);
	forget_next(reload);
}

void
reload_former(struct checkd *checkd)
{
	for (uint32_t i = 0; i < checkd->probe_count; i++)
		begin_with(checkd, checkd->probes[i]);
}

/* Frees the next one of the former generation's, if it has left. */
static void
free_next(struct checkd *checkd)
{
	struct reload *reload = &checkd->reload;
	struct probe *probe = reload->leaving[reload->freed++];

	if (probe->round != reload->round)
		probe_free(checkd, probe);
}

bool
reload_step(struct checkd *checkd, uint64_t deadline)
{
	struct reload *reload = &checkd->reload;
	uint64_t now = clock_monotonic();
	bool more = false;

	for (uint32_t n = 0; !more; n++) {
		if (reload->freed < reload->leaving_count)
			free_next(checkd);
		else if (reload->scheduled < checkd->probe_count)
			probe_schedule(
			    checkd, checkd->probes[reload->scheduled++], now);
		else
			break;
		more = n % STRIDE == 0 && clock_monotonic() >= deadline;
	}
	probes_timer(checkd);
	if (more)
		return true;
	free(reload->leaving);
	conf_free(reload->old);
	reload->leaving = NULL;
	reload->leaving_count = 0;
	reload->old = NULL;
	return false;
}

void
reload_free(struct checkd *checkd)
{
	while (reload_step(checkd, UINT64_MAX))
		continue;
	for (uint32_t i = 0; i < checkd->probe_count; i++)
		probe_free(checkd, checkd->probes[i]);
	free(checkd->probes);
	conf_free(checkd->conf);
}
