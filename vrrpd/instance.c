/* SPDX-License-Identifier: ISC */
/*
 * The state machine's hands: events go in, what it wants is done, and its
 * one timer is set.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vrrpd.h"

#define SEND_LOG_BURST	  3
#define SEND_LOG_INTERVAL (60 * NS_PER_SEC)

static void timer_fired(evutil_socket_t, short, void *);

struct instance *
instance_new(
    struct vrrpd *vrrpd, struct table *table, const struct conf_instance *conf)
{
	struct instance *instance = calloc(1, sizeof(*instance));

	if (instance == NULL)
		return NULL;
	instance->timer = evtimer_new(vrrpd->base, timer_fired, instance);
	if (instance->timer == NULL) {
		free(instance);
		return NULL;
	}
	instance->vrrpd = vrrpd;
	instance->conf = conf;
	instance->table = table_ref(table);
	instance->id = ID_NONE;
	instance->armed = FSM_NEVER;
	return instance;
}

/* It takes part from now on. */
void
instance_start(struct instance *instance)
{
	struct vrrpd *vrrpd = instance->vrrpd;

	LIST_INSERT_HEAD(&vrrpd->instances, instance, entry);
	instance->started = true;
	fsm_init(&instance->fsm, instance->conf, clock_monotonic());
	binding_evaluate(instance);
}

void
instance_free(struct instance *instance)
{
	struct vrrpd *vrrpd = instance->vrrpd;
	struct table *table = instance->table;
	uint32_t id = instance->conf->id;

	if (instance->started) {
		announce_cancel(instance);
		binding_undo(instance);
		if (vrrpd->scan == instance)
			vrrpd->scan = LIST_NEXT(instance, entry);
		if (vrrpd->tables.going == instance)
			vrrpd->tables.going = LIST_NEXT(instance, entry);
		LIST_REMOVE(instance, entry);
	}
	if (id < table->ids && table->by_id[id] == instance)
		table->by_id[id] = NULL;
	event_free(instance->timer);
	table_unref(table);
	free(instance);
}

static void
send_failed(struct instance *instance)
{
	char more[LOG_MORE_SIZE];
	uint32_t suppressed;

	instance->send_errors++;
	if (!log_limit(&instance->send_limit, clock_monotonic(), SEND_LOG_BURST,
		SEND_LOG_INTERVAL, &suppressed))
		return;
	log_warn("vrrp %s: advert on %s not sent%s", instance->conf->name,
	    instance->conf->interface, log_more(suppressed, more));
}

static bool
send_advert(struct instance *instance, uint8_t priority)
{
	struct vrrpd *vrrpd = instance->vrrpd;
	const struct conf_instance *conf = instance->conf;
	struct vrrp_send advert = {
	    .version = conf->version,
	    .family = conf->family,
	    .vrid = conf->vrid,
	    .priority = priority,
	    .interval = conf->interval * NS_PER_MS,
	    .checksum = conf->checksum,
	    .source = instance->source,
	    .list = vrrpd->list,
	};
	size_t len;

	advert.count = vrrp_list(conf, vrrpd->list, VRRP_ADDRESSES_MAX);
	len = vrrp_encode(vrrpd->packet, sizeof(vrrpd->packet), &advert);
	if (len == 0)
		errno = EMSGSIZE;
	if (len == 0 || !instance->up ||
	    !socket_send_advert(vrrpd->sockets, instance->ifindex,
		&instance->source, vrrpd->packet, len)) {
		send_failed(instance);
		return false;
	}
	instance->adverts_tx++;
	if (priority == VRRP_PRIORITY_LEAVE)
		instance->zero_tx++;
	return true;
}

static void
tell_transition(struct instance *instance, const struct fsm_actions *actions)
{
	const char *from = fsm_state_name(actions->from);
	const char *to = fsm_state_name(actions->to);
	char object[CONF_NAME_MAX + sizeof("vrrp ")];

	snprintf(object, sizeof(object), "vrrp %s", instance->conf->name);
	log_change(
	    object, "%s: %s -> %s, %s", object, from, to, instance->fsm.reason);
	control_event(instance->vrrpd, "instance", instance->conf->name, from,
	    to, instance->fsm.reason);
}

static void act(struct instance *, const struct fsm_actions *);

static void
act_send(struct instance *instance, uint8_t priority)
{
	struct fsm_event event = {.time = clock_monotonic()};
	struct fsm_actions actions;

	event.type = send_advert(instance, priority) ? FSM_SENT :
						       FSM_SEND_FAILED;
	fsm_event(&instance->fsm, &event, clock_monotonic(), &actions);
	act(instance, &actions);
}

/* In the order that fsm/event.h demands. */
static void
act(struct instance *instance, const struct fsm_actions *actions)
{
	if (actions->changed)
		tell_transition(instance, actions);
	if ((actions->what & FSM_DO_DRAIN) != 0)
		work_drain(instance);
	if ((actions->what & FSM_DO_SEND) != 0)
		act_send(instance, actions->priority);
	/* An advert that could not be sent may have ended it. */
	if ((actions->what & FSM_DO_ANNOUNCE) != 0 &&
	    instance->fsm.state == FSM_STATE_MASTER)
		announce_begin(instance);
	if ((actions->what & FSM_DO_RENEW) != 0)
		dispatch_renew(instance, actions->term, actions->time);
	if ((actions->what & FSM_DO_RELEASE) != 0)
		dispatch_release(instance, actions->term);
	if ((actions->what & FSM_DO_ACQUIRE) != 0)
		dispatch_acquire(instance);
	if ((actions->what & FSM_DO_RETURNED) != 0)
		dispatch_returned(instance);
	if ((actions->what & FSM_DO_RESYNC) != 0) {
		/* One for all that are told in this turn of the loop. */
		instance->vrrpd->tables.resync = true;
		work_schedule(instance->vrrpd);
	}
	if ((actions->what & FSM_DO_DONE) != 0) {
		instance->done = true;
		work_schedule(instance->vrrpd);
	}
}

static void
arm(struct instance *instance, uint64_t now)
{
	uint64_t deadline = fsm_deadline(&instance->fsm);
	struct timeval tv;

	if (instance->done)
		deadline = FSM_NEVER;
	if (deadline == instance->armed)
		return;
	instance->armed = deadline;
	if (deadline == FSM_NEVER) {
		event_del(instance->timer);
		return;
	}
	tv = clock_until(deadline, now);
	event_add(instance->timer, &tv);
}

void
instance_event(struct instance *instance, struct fsm_event *event)
{
	struct fsm_actions actions;

	if (instance->done)
		return;
	fsm_event(&instance->fsm, event, clock_monotonic(), &actions);
	act(instance, &actions);
	arm(instance, clock_monotonic());
}

static void
timer_fired(evutil_socket_t fd, short what, void *arg)
{
	struct instance *instance = arg;
	struct fsm_event event = {.type = FSM_TIMER};

	(void)fd;
	(void)what;
	instance->armed = FSM_NEVER;
	/* After the machine slept nothing is sent before all was read. */
	if (work_slept(instance->vrrpd))
		return;
	if (clock_monotonic() < fsm_deadline(&instance->fsm))
		arm(instance, clock_monotonic());
	else
		instance_event(instance, &event);
}

void
instance_tell(struct instance *instance, enum fsm_event_type type)
{
	struct fsm_event event = {.type = type};

	instance_event(instance, &event);
}

void
instance_tell_all(struct vrrpd *vrrpd, enum fsm_event_type type)
{
	struct instance *instance;

	LIST_FOREACH(instance, &vrrpd->instances, entry)
		instance_tell(instance, type);
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
instance_configure(struct instance *instance, struct table *table,
    const struct conf_instance *conf)
{
	struct fsm_event event = {.type = FSM_CONFIG, .conf = conf};
	struct table *old = instance->table;

	event.addresses_changed = !same_addresses(instance->conf, conf);
	/* A stride of announcements must not go on in another list. */
	if (event.addresses_changed)
		announce_cancel(instance);
	instance->table = table_ref(table);
	instance->conf = conf;
	table_unref(old);
	instance_event(instance, &event);
	binding_evaluate(instance);
}

void
instance_leave(struct instance *instance, const char *why)
{
	struct fsm_event event = {.type = FSM_SHUTDOWN, .text = why};

	if (instance->leaving)
		return;
	instance->leaving = true;
	instance_event(instance, &event);
}
