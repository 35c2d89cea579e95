/* SPDX-License-Identifier: ISC */
/* How a generation comes into force, see reload.h. */
#include "reload.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "conf/codec.h"
#include "generation.h"
#include "instance.h"
#include "link/link.h"
#include "log_change.h"
#include "say.h"
#include "turn.h"
#include "vrrpd.h"

#define DECODE_STRIDE 8 /* objects between two looks at the clock */

struct reload {
	uint64_t preparing;	      /* id of the generation, 0: none */
	struct conf_decoder *decoder; /* of its configuration, until decoded */
	struct generation *next;      /* once decoded; owned */
	uint32_t match_at; /* index in next's conf: to be matched next */
	bool prepared;	   /* READY was said */
	bool commit_due;   /* COMMIT came before that */
	uint64_t rejected; /* id, if the last PREPARE was rejected, else 0 */
	uint32_t apply_at; /* index in current's conf: to be told next */
};

void
reload_init(struct vrrpd *vrrpd)
{
	vrrpd->reload = calloc(1, sizeof(*vrrpd->reload));
	if (vrrpd->reload == NULL)
		fatal("reload: calloc");
}

/* --- preparing --- */

void
reload_abort(struct vrrpd *vrrpd)
{
	struct reload *reload = vrrpd->reload;
	struct generation *next = reload->next;

	conf_decoder_free(reload->decoder);
	reload->decoder = NULL;
	reload->next = NULL;
	reload->preparing = 0;
	reload->rejected = 0;
	reload->prepared = false;
	reload->commit_due = false;
	if (next == NULL)
		return;
	/* Instances that were made for it have never taken part. */
	for (uint32_t id = 0; id < next->ids; id++) {
		if (next->by_id[id] != NULL && !next->by_id[id]->started)
			instance_free(next->by_id[id]);
	}
	generation_unref(next);
}

static void
reject(struct vrrpd *vrrpd, const char *object, const char *why)
{
	uint64_t generation = vrrpd->reload->preparing;

	log_change_warnx("rejected", "configuration %016llx: %s%s%s",
	    (unsigned long long)generation, object,
	    object[0] != '\0' ? ": " : "", why);
	say_reject(vrrpd, generation, object, why);
	reload_abort(vrrpd);
	vrrpd->reload->rejected = generation;
}

void
reload_prepare(struct vrrpd *vrrpd, uint64_t generation, int fd)
{
	struct reload *reload = vrrpd->reload;
	const char *why = "";

	reload_abort(vrrpd);
	if (vrrpd->exiting)
		return;
	reload->preparing = generation;
	if (vrrpd->current != NULL && vrrpd->current->id == generation) {
		reload->prepared = true;
		say_ready(vrrpd, generation);
		return;
	}
	reload->decoder = conf_decoder_new(fd, ROLE_VRRPD, &why);
	if (reload->decoder == NULL) {
		reject(vrrpd, "", why);
		return;
	}
	/* A small configuration is prepared before COMMIT is read. */
	if (reload_step(vrrpd, clock_monotonic() + TURN_NS))
		turn_schedule(vrrpd);
}

/* Decodes some objects. Whether more are left; *failed when it rejected. */
static bool
decode_step(struct vrrpd *vrrpd, bool *failed)
{
	struct reload *reload = vrrpd->reload;
	const char *why = "out of memory";
	struct conf *conf;
	int result;

	result = conf_decoder_step(reload->decoder, DECODE_STRIDE, &why);
	if (result == 1)
		return true;
	if (result == 0) {
		conf = conf_decoder_take(reload->decoder);
		conf_decoder_free(reload->decoder);
		reload->decoder = NULL;
		if (conf->generation != reload->preparing) {
			conf_free(conf);
			why = "its generation is another than announced";
			result = -1;
		} else if ((reload->next = generation_new(conf)) == NULL) {
			conf_free(conf);
			result = -1;
		}
		reload->match_at = 0;
	}
	*failed = result == -1;
	if (*failed)
		reject(vrrpd, "", why);
	return false;
}

static bool
same_router(const struct conf_instance *a, const struct conf_instance *b)
{
	return a->version == b->version && a->family == b->family &&
	    a->vrid == b->vrid && strcmp(a->interface, b->interface) == 0;
}

/* Finds the running instance that conf is for, or makes a new one. False when
 * it rejected. */
static bool
match(struct vrrpd *vrrpd, const struct conf_instance *conf)
{
	struct generation *next = vrrpd->reload->next;
	struct instance *instance = generation_instance_named(
	    vrrpd, conf->name);

	generation_add_virtual(next, conf);
	if (!conf->member)
		return true;
	if (vrrp_list(conf, vrrpd->list, VRRP_ADDRESSES_MAX) == 0) {
		reject(vrrpd, conf->name, "an advert lists 1 to 255 addresses");
		return false;
	}
	if (instance == NULL || !same_router(instance->conf, conf))
		instance = instance_new(vrrpd, next, conf);
	if (instance == NULL) {
		reject(vrrpd, conf->name, "out of memory");
		return false;
	}
	next->by_id[conf->id] = instance;
	return true;
}

static bool
prepare_step(struct vrrpd *vrrpd, uint64_t deadline)
{
	struct reload *reload = vrrpd->reload;
	bool failed = false;

	if (reload->preparing == 0 || reload->prepared)
		return false;
	while (reload->decoder != NULL) {
		if (clock_monotonic() >= deadline)
			return true;
		if (!decode_step(vrrpd, &failed) && failed)
			return false;
	}
	while (reload->match_at < reload->next->conf->instance_count) {
		if (clock_monotonic() >= deadline)
			return true;
		if (!match(vrrpd,
			&reload->next->conf->instances[reload->match_at++]))
			return false;
	}
	reload->prepared = true;
	say_ready(vrrpd, reload->preparing);
	return false;
}

void
reload_ready_again(struct vrrpd *vrrpd)
{
	if (vrrpd->reload->prepared)
		say_ready(vrrpd, vrrpd->reload->preparing);
}

/* --- switching --- */

bool
reload_applied(const struct vrrpd *vrrpd)
{
	const struct reload *reload = vrrpd->reload;

	return vrrpd->current == NULL ||
	    (vrrpd->leave_next == NULL &&
		reload->apply_at >= vrrpd->current->conf->instance_count);
}

/* Instances that have no id in the current generation leave. */
static bool
leave_step(struct vrrpd *vrrpd, uint64_t deadline)
{
	struct instance *instance;

	while ((instance = vrrpd->leave_next) != NULL) {
		if (clock_monotonic() >= deadline)
			return true;
		vrrpd->leave_next = LIST_NEXT(instance, entry);
		if (instance->id == ID_NONE)
			instance_leave(instance, "no longer configured so");
	}
	return false;
}

/*
 * Tells the instances their configuration of the current generation. If ipvsd
 * said something meanwhile to an instance that was not started yet, RESYNC
 * asks for it again at the end.
 */
static bool
apply_step(struct vrrpd *vrrpd, uint64_t deadline)
{
	struct reload *reload = vrrpd->reload;
	struct generation *current = vrrpd->current;
	const struct conf_instance *conf;
	struct instance *instance;

	if (current == NULL)
		return false;
	/* First, because another may come in the place of one that leaves. */
	if (leave_step(vrrpd, deadline))
		return true;
	while (reload->apply_at < current->conf->instance_count) {
		if (clock_monotonic() >= deadline)
			return true;
		conf = &current->conf->instances[reload->apply_at++];
		instance = current->by_id[conf->id];
		if (instance == NULL || instance->leaving)
			continue;
		if (!instance->started)
			instance_start(instance);
		else if (instance->generation != current)
			instance_configure(instance, current, conf);
	}
	if (vrrpd->resync_due)
		say_resync(vrrpd);
	vrrpd->resync_due = false;
	return false;
}

/* From now on ids are those of the next generation. An instance that has none
 * in it is to leave. */
static void
switch_over(struct vrrpd *vrrpd)
{
	struct reload *reload = vrrpd->reload;
	struct instance *instance;

	LIST_FOREACH(instance, &vrrpd->instances, entry)
		instance->id = ID_NONE;
	generation_unref(vrrpd->previous);
	vrrpd->previous = vrrpd->current;
	vrrpd->current = reload->next;
	reload->next = NULL;
	reload->apply_at = 0;
	vrrpd->leave_next = LIST_FIRST(&vrrpd->instances);
	for (uint32_t id = 0; id < vrrpd->current->ids; id++) {
		if (vrrpd->current->by_id[id] != NULL)
			vrrpd->current->by_id[id]->id = id;
	}
	say_committed(vrrpd);
}

/*
 * Whether more is to do. Each instance was told of the current generation:
 * before that reload_step() prepares none.
 */
static bool
commit_prepared(struct vrrpd *vrrpd, uint64_t deadline)
{
	struct reload *reload = vrrpd->reload;

	reload->preparing = 0;
	reload->prepared = false;
	reload->commit_due = false;
	if (reload->next == NULL) {
		/* It is in force already, but this link does not know. */
		say_committed(vrrpd);
		return false;
	}
	switch_over(vrrpd);
	log_change("in force", "configuration %016llx is in force",
	    (unsigned long long)vrrpd->current->id);
	return apply_step(vrrpd, deadline);
}

bool
reload_step(struct vrrpd *vrrpd, uint64_t deadline)
{
	struct reload *reload = vrrpd->reload;

	if (apply_step(vrrpd, deadline) || prepare_step(vrrpd, deadline))
		return true;
	if (!reload->commit_due || !reload->prepared)
		return false;
	/* COMMIT came before READY, so the messages that followed it in the
	 * new generation were dropped. */
	vrrpd->resync_due = true;
	return commit_prepared(vrrpd, deadline);
}

/*
 * COMMIT of what is not prepared is harmless when it is in force. It is honest
 * when the last PREPARE of it was rejected: to ipvsd a READY answers the last
 * PREPARE of that generation, also one that was said to an earlier PREPARE.
 */
static bool
commit_unprepared(struct vrrpd *vrrpd, uint64_t generation)
{
	if (vrrpd->reload->rejected == generation) {
		link_count_unknown(vrrpd->ipvsd);
		return true;
	}
	return vrrpd->current != NULL && vrrpd->current->id == generation;
}

bool
reload_commit(struct vrrpd *vrrpd, uint64_t generation)
{
	struct reload *reload = vrrpd->reload;

	if (vrrpd->exiting)
		return true;
	if (reload->preparing != generation)
		return commit_unprepared(vrrpd, generation);
	if (!reload->prepared) {
		reload->commit_due = true;
		return true;
	}
	if (commit_prepared(vrrpd, clock_monotonic() + TURN_NS))
		turn_schedule(vrrpd);
	return true;
}

void
reload_forget_previous(struct vrrpd *vrrpd)
{
	generation_unref(vrrpd->previous);
	vrrpd->previous = NULL;
}
