/* SPDX-License-Identifier: ISC */
/* How a generation comes into force, see reload.h. */
#include "reload.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "generation.h"
#include "generation/receiver.h"
#include "instance.h"
#include "link/link.h"
#include "log_change.h"
#include "say.h"
#include "turn.h"
#include "vrrpd.h"

struct reload {
	struct generation *next; /* being prepared, once decoded; owned */
	uint32_t match_at;	 /* index in next's conf: to be matched next */
	uint32_t apply_at;	 /* index in current's conf: to be told next */
	struct instance *leave_next; /* leaves next, if it has no id any more */
};

/* --- preparing --- */

static bool
begin(void *arg, struct conf *conf)
{
	struct vrrpd *vrrpd = arg;

	vrrpd->reload->match_at = 0;
	vrrpd->reload->next = generation_new(conf);
	return vrrpd->reload->next != NULL;
}

static void
drop(void *arg)
{
	struct vrrpd *vrrpd = arg;
	struct generation *next = vrrpd->reload->next;

	vrrpd->reload->next = NULL;
	/* Instances that were made for it have never taken part. */
	for (uint32_t id = 0; id < next->ids; id++) {
		if (next->by_id[id] != NULL && !next->by_id[id]->started)
			instance_free(next->by_id[id]);
	}
	generation_unref(next);
}

static bool
same_router(const struct conf_instance *a, const struct conf_instance *b)
{
	return a->version == b->version && a->family == b->family &&
	    a->vrid == b->vrid && strcmp(a->interface, b->interface) == 0;
}

/* Finds the running instance that conf is for, or makes a new one. Why it
 * cannot be in force, or NULL. */
static const char *
match(struct vrrpd *vrrpd, const struct conf_instance *conf)
{
	struct generation *next = vrrpd->reload->next;
	struct instance *instance = generation_instance_named(
	    vrrpd, conf->name);

	generation_add_virtual(next, conf);
	/* Two of one name would share what is running, and only one of them
	 * would forget it when it ends. */
	if (conf_instance_by_name(next->conf, conf->name) != conf)
		return "another instance has its name";
	if (!conf->member)
		return NULL;
	if (vrrp_list(conf, vrrpd->list, VRRP_ADDRESSES_MAX) == 0)
		return "an advert lists 1 to 255 addresses";
	if (instance == NULL || !same_router(instance->conf, conf))
		instance = instance_new(vrrpd, next, conf);
	if (instance == NULL)
		return "out of memory";
	next->by_id[conf->id] = instance;
	return NULL;
}

static int
judge(void *arg, uint64_t deadline)
{
	struct vrrpd *vrrpd = arg;
	struct reload *reload = vrrpd->reload;
	const struct conf *next = reload->next->conf;
	const struct conf_instance *conf;
	const char *why;

	while (reload->match_at < next->instance_count) {
		if (clock_monotonic() >= deadline)
			return 1;
		conf = &next->instances[reload->match_at++];
		if ((why = match(vrrpd, conf)) != NULL)
			return receiver_refuse(
			    vrrpd->receiver, conf->name, why);
	}
	return 0;
}

bool
reload_takes_away(const struct vrrpd *vrrpd, const struct instance *instance)
{
	const struct generation *next = vrrpd->reload->next;
	const struct conf_instance *conf;

	if (next == NULL)
		return false;
	conf = conf_instance_by_name(next->conf, instance->conf->name);
	return conf == NULL || next->by_id[conf->id] != instance;
}

/* --- switching --- */

bool
reload_applied(const struct vrrpd *vrrpd)
{
	const struct reload *reload = vrrpd->reload;

	return vrrpd->current == NULL ||
	    (reload->leave_next == NULL &&
		reload->apply_at >= vrrpd->current->conf->instance_count);
}

/* Instances that have no id in the current generation leave. */
static bool
leave_step(struct vrrpd *vrrpd, uint64_t deadline)
{
	struct reload *reload = vrrpd->reload;
	struct instance *instance;

	while ((instance = reload->leave_next) != NULL) {
		if (clock_monotonic() >= deadline)
			return true;
		reload->leave_next = LIST_NEXT(instance, entry);
		if (instance->id == ID_NONE)
			instance_leave(instance, RELOAD_TAKES_AWAY);
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

/* An instance that another of its name replaces hands its resignation on. If
 * that is on the same interface, it also takes up the term. */
static void
replace(struct vrrpd *vrrpd)
{
	const struct generation *next = vrrpd->reload->next;
	struct instance *instance, *former;

	for (uint32_t id = 0; id < next->ids; id++) {
		instance = next->by_id[id];
		if (instance == NULL || instance->started)
			continue;
		former = generation_instance_named(vrrpd, instance->conf->name);
		if (former == NULL)
			continue;
		if (former->fsm.resigned)
			instance->resigned_before = former->fsm.resigned_until;
		former->replaced = former->conf->family ==
			instance->conf->family &&
		    strcmp(former->conf->interface,
			instance->conf->interface) == 0;
	}
}

/* From now on ids are those of the next generation. An instance that has none
 * in it is to leave. */
static void
switch_over(struct vrrpd *vrrpd)
{
	struct reload *reload = vrrpd->reload;
	struct instance *instance;

	replace(vrrpd);
	LIST_FOREACH(instance, &vrrpd->instances, entry)
		instance->id = ID_NONE;
	generation_unref(vrrpd->previous);
	vrrpd->previous = vrrpd->current;
	vrrpd->current = reload->next;
	reload->next = NULL;
	reload->apply_at = 0;
	reload->leave_next = LIST_FIRST(&vrrpd->instances);
	link_expect(vrrpd->ipvsd, vrrpd->current->conf->instance_count,
	    conf_adverts_per_second(vrrpd->current->conf));
	for (uint32_t id = 0; id < vrrpd->current->ids; id++) {
		if (vrrpd->current->by_id[id] != NULL)
			vrrpd->current->by_id[id]->id = id;
	}
}

/* By now each instance knows the current generation: reload_step() prepares no
 * other one before. */
static void
commit(void *arg, enum receiver_commit how)
{
	struct vrrpd *vrrpd = arg;

	if (how != COMMIT_SAME) {
		switch_over(vrrpd);
		log_change("in force", "configuration %016llx is in force",
		    (unsigned long long)vrrpd->current->id);
	}
	say_committed(vrrpd);
	vrrpd->resync_due |= how == COMMIT_EARLY;
}

bool
reload_step(struct vrrpd *vrrpd, uint64_t deadline)
{
	/* The second time for a COMMIT that came before READY. */
	return apply_step(vrrpd, deadline) ||
	    receiver_step(vrrpd->receiver, deadline) ||
	    apply_step(vrrpd, deadline);
}

int
reload_message(struct vrrpd *vrrpd, struct msg *msg, const char **why)
{
	if (vrrpd->exiting)
		return 0;
	if (receiver_message(vrrpd->receiver, msg, why) == -1)
		return -1;
	/* A small configuration is prepared before COMMIT is read. */
	if (reload_step(vrrpd, clock_monotonic() + TURN_NS))
		turn_schedule(vrrpd);
	return 0;
}

void
reload_instance_ends(struct vrrpd *vrrpd, const struct instance *instance)
{
	if (vrrpd->reload->leave_next == instance)
		vrrpd->reload->leave_next = LIST_NEXT(instance, entry);
}

void
reload_forget_previous(struct vrrpd *vrrpd)
{
	generation_unref(vrrpd->previous);
	vrrpd->previous = NULL;
}

void
reload_init(struct vrrpd *vrrpd)
{
	static const struct receiver_handlers handlers = {
	    begin, judge, commit, drop};

	vrrpd->reload = calloc(1, sizeof(*vrrpd->reload));
	if (vrrpd->reload == NULL)
		fatal("reload: calloc");
	vrrpd->receiver = receiver_new(
	    vrrpd->ipvsd, ROLE_VRRPD, &handlers, vrrpd);
}
