/* SPDX-License-Identifier: ISC */
/* The life of an instance, see instance.h. */
#include "instance.h"

#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "announce.h"
#include "beside.h"
#include "binding.h"
#include "clock.h"
#include "generation.h"
#include "vrrpd.h"

struct instance *
instance_new(struct vrrpd *vrrpd, struct generation *generation,
    const struct conf_instance *conf)
{
	struct instance *instance = calloc(1, sizeof(*instance));

	if (instance == NULL)
		return NULL;
	instance->vrrpd = vrrpd;
	act_init(instance);
	beside_init(instance);
	instance->conf = conf;
	instance->generation = generation_ref(generation);
	instance->id = ID_NONE;
	return instance;
}

/* What an operator wants of an instance is of its name. */
static void
resign_again(struct instance *instance)
{
	struct fsm_event event = {.type = FSM_RESIGN};
	uint64_t now = clock_monotonic(), until = instance->resigned_before;

	if (until <= now)
		return;
	if (until != FSM_NEVER)
		event.duration = until - now;
	log_info("vrrp %s: resigned still", instance->conf->name);
	act_event(instance, &event);
}

void
instance_start(struct instance *instance)
{
	struct vrrpd *vrrpd = instance->vrrpd;

	LIST_INSERT_HEAD(&vrrpd->instances, instance, entry);
	instance->started = true;
	fsm_init(&instance->fsm, instance->conf, clock_monotonic());
	resign_again(instance);
	binding_evaluate(instance);
}

static bool
same_addresses(const struct conf_instance *a, const struct conf_instance *b)
{
	if (a->address_count != b->address_count)
		return false;
	for (uint32_t i = 0; i < a->address_count; i++) {
		const struct conf_address *x = &a->addresses[i];
		const struct conf_address *y = &b->addresses[i];

		if (!addr_equal(&x->addr, &y->addr) ||
		    x->advertised != y->advertised ||
		    strcmp(x->interface, y->interface) != 0)
			return false;
	}
	return true;
}

void
instance_configure(struct instance *instance, struct generation *generation,
    const struct conf_instance *conf)
{
	struct fsm_event event = {.type = FSM_CONFIG, .conf = conf};
	struct generation *old = instance->generation;

	event.addresses_changed = !same_addresses(instance->conf, conf);
	/* announce_at is an index into the old list. */
	if (event.addresses_changed)
		announce_cancel(instance);
	instance->generation = generation_ref(generation);
	instance->conf = conf;
	generation_unref(old);
	act_event(instance, &event);
	binding_evaluate(instance);
}

void
instance_leave(struct instance *instance, const char *why)
{
	struct fsm_event event = {
	    .type = FSM_SHUTDOWN, .text = why, .replaced = instance->replaced};

	if (instance->leaving)
		return;
	instance->leaving = true;
	act_event(instance, &event);
}

void
instance_free(struct instance *instance)
{
	struct vrrpd *vrrpd = instance->vrrpd;
	struct generation *generation = instance->generation;
	uint32_t id = instance->conf->id;

	if (instance->started) {
		announce_cancel(instance);
		binding_undo(instance);
		if (vrrpd->scan_next == instance)
			vrrpd->scan_next = LIST_NEXT(instance, entry);
		LIST_REMOVE(instance, entry);
	}
	if (id < generation->ids && generation->by_id[id] == instance)
		generation->by_id[id] = NULL;
	timer_stop(&instance->timer);
	beside_stop(instance);
	generation_unref(generation);
	free(instance);
}
