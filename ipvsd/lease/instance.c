/* SPDX-License-Identifier: ISC */
/*
 * One instance's terms. The order is what the lease is for: the kernel holds
 * everything before HELD is said, and is told to drop it as soon as the lease
 * is over, whether vrrpd is there to hear of it or not.
 */
#include "lease/instance.h"

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "lease/say.h"
#include "lease/terms.h"
#include "log_change.h"
#include "name.h"
#include "running/event.h"
#include "running/running.h"

/* If end_timer runs this late, ipvsd itself was stopped or starved. */
#define OVERSLEPT_NS (50 * NS_PER_MS)
/* Then a living vrrpd gets this long to say what a full link did not take. */
#define GRACE_NS     (50 * NS_PER_MS)
/* From HELD until the former master has heard our advert and has stopped
 * balancing. */
#define SETTLE_NS    (50 * NS_PER_MS)

static void instance_timer(void *);
static void instance_settled(void *);

struct instance *
instance_new(struct ipvsd *ipvsd, const struct conf_instance *conf)
{
	struct instance *instance = calloc(1, sizeof(*instance));

	if (instance == NULL)
		fatal("instance %s", conf->name);
	timer_init(&instance->end_timer, ipvsd->base, instance_timer, instance);
	timer_init(
	    &instance->settle_timer, ipvsd->base, instance_settled, instance);
	instance->ipvsd = ipvsd;
	instance->conf = conf;
	instance->present_since = clock_monotonic();
	lease_init(&instance->lease, conf->interval * NS_PER_MS);
	return instance;
}

void
instance_free(struct instance *instance)
{
	if (instance == NULL)
		return;
	timer_stop(&instance->end_timer);
	timer_stop(&instance->settle_timer);
	free(instance);
}

void
instance_configure(struct instance *instance, const struct conf_instance *conf)
{
	instance->conf = conf;
	instance->going = false;
	lease_set_interval(&instance->lease, conf->interval * NS_PER_MS);
}

NAME_FUNCTION(
    instance_state_name, instance_state, INSTANCE_STATE_TABLE, "unknown")

/*
 * Whether it is part of an attempt that fails as the one before it did. vrrpd
 * tries again and again, and only what has changed is told.
 */
static bool
is_told(const struct instance *instance, enum instance_state from,
    enum instance_state to)
{
	if (instance->told == LEASE_NONE)
		return false;
	if (to == INSTANCE_ACQUIRING)
		return true;
	return instance->told == instance->reason &&
	    (from == INSTANCE_ACQUIRING || from == INSTANCE_RELEASING);
}

static void
enter(struct instance *instance, enum instance_state state, const char *why)
{
	enum instance_state from = instance->state;

	instance->state = state;
	if (is_told(instance, from, state))
		return;
	event_tell(instance->ipvsd, "lease", instance->conf->name,
	    instance_state_name(from), instance_state_name(state), why);
}

/* ---- the term ---- */

static void
arm(struct instance *instance)
{
	timer_at(&instance->end_timer, instance_expiry(instance));
}

void
instance_limit_adopted(struct instance *instance)
{
	uint64_t now = clock_monotonic(), end;

	if (instance->state != INSTANCE_ADOPTED)
		return;
	end = lease_end(now, now, instance->lease.interval);
	if (end < instance->adopted_until)
		instance->adopted_until = end;
	arm(instance);
}

/* Has the kernel half take the instance out; instance_released() goes on. */
static void
take_out(struct instance *instance, enum lease_reason reason)
{
	struct ipvsd *ipvsd = instance->ipvsd;

	timer_stop(&instance->end_timer);
	timer_stop(&instance->settle_timer);
	instance->announce = false;
	enter(instance, INSTANCE_RELEASING, lease_reason_name(reason));
	ipvsd->running->duty[instance->conf->id] = DUTY_BACKUP;
	kernel_release(
	    ipvsd->kernel, instance->conf->id, reason == LEASE_RELEASED);
	terms_changed(ipvsd);
}

static void
end_term(struct instance *instance, enum lease_reason reason)
{
	instance->released_term = instance->lease.term;
	instance->reason = reason;
	lease_close(&instance->lease);
	take_out(instance, reason);
}

static bool
is_over(const struct instance *instance, uint64_t now)
{
	return instance_expiry(instance) != 0 &&
	    now >= instance_expiry(instance);
}

/*
 * Reads what waits in the link to vrrpd before a term may end: a RENEW there
 * may be in time, because it carries the time of its advert. One reading after
 * the ends of several terms is enough for all of them.
 */
static void
drain_vrrpd(const struct instance *instance)
{
	struct ipvsd *ipvsd = instance->ipvsd;

	if (ipvsd->vrrpd_drained_at >= instance_expiry(instance))
		return;
	ipvsd->vrrpd_drained_at = clock_monotonic();
	link_drain(ipvsd->vrrpd);
}

/*
 * Whether ipvsd was away at the term's end, and not vrrpd. Then the term is
 * adopted for GRACE_NS, as after a restart: vrrpd goes on with it by a RENEW.
 * If vrrpd was away too, it says RELEASE or nothing, and the term ends.
 */
static bool
was_overslept(struct instance *instance, uint64_t now)
{
	char object[CONF_NAME_MAX + sizeof("overslept ")];

	if (instance->state != INSTANCE_HELD ||
	    !say_is_heard(instance->ipvsd) ||
	    now - instance->lease.end < OVERSLEPT_NS)
		return false;
	snprintf(object, sizeof(object), "overslept %s", instance->conf->name);
	log_change(object,
	    "lease %s: its end was overslept by %llu ms, vrrpd is heard "
	    "first",
	    instance->conf->name,
	    (unsigned long long)((now - instance->lease.end) / NS_PER_MS));
	instance->state = INSTANCE_ADOPTED;
	instance->adopted_until = now + GRACE_NS;
	return true;
}

static void
instance_timer(void *arg)
{
	struct instance *instance = arg;
	uint64_t now;

	drain_vrrpd(instance);
	now = clock_monotonic();
	if (is_over(instance, now) && !was_overslept(instance, now))
		end_term(instance, LEASE_EXPIRED);
	else if (instance_expiry(instance) != 0)
		arm(instance);
}

/* The instance is HELD or ADOPTED, because take_out() stops settle_timer. */
static void
instance_settled(void *arg)
{
	struct instance *instance = arg;
	struct ipvsd *ipvsd = instance->ipvsd;

	ipvsd->running->duty[instance->conf->id] = DUTY_MASTER;
	kernel_touch_instance(ipvsd->kernel, instance->conf->id);
}

static void
refuse(struct instance *instance, enum lease_reason reason)
{
	instance->reason = reason;
	say_failed(instance, reason);
}

static void
acquire(struct instance *instance)
{
	struct ipvsd *ipvsd = instance->ipvsd;

	enter(instance, INSTANCE_ACQUIRING, NULL);
	ipvsd->running->duty[instance->conf->id] = DUTY_GAINING;
	kernel_hold(ipvsd->kernel, instance->conf->id);
}

void
instance_acquire(struct instance *instance)
{
	enum lease_reason reason;

	if (instance->ipvsd->leaving || instance->going) {
		refuse(instance, LEASE_LEAVING);
		return;
	}
	if (instance->leftovers == LEFTOVERS_BESIDE) {
		refuse(instance, LEASE_BESIDE);
		return;
	}
	switch (instance->state) {
	case INSTANCE_HELD:
	case INSTANCE_ADOPTED:
		instance->announce = true;
		terms_announce(instance->ipvsd);
		break;
	case INSTANCE_NONE:
	case INSTANCE_RELEASING:
		reason = lease_acquire(&instance->lease, clock_monotonic());
		if (reason != LEASE_NONE)
			refuse(instance, reason);
		else if (instance->state == INSTANCE_RELEASING)
			instance->acquire_again = true;
		else
			acquire(instance);
		break;
	default: /* ACQUIRING: instance_held() answers */
		break;
	}
}

void
instance_renew(struct instance *instance, uint64_t term, uint64_t time)
{
	uint64_t now = clock_monotonic();
	enum lease_reason reason;

	if (instance->state == INSTANCE_ADOPTED &&
	    term == instance->lease.term && !is_over(instance, now)) {
		/* vrrpd lives, so the term is a lease like any other. The
		 * lifetimes of its addresses may be about to end. */
		lease_open(&instance->lease, term, now);
		instance->lease.time = 0;
		instance->state = INSTANCE_HELD;
		kernel_renew(instance->ipvsd->kernel);
	}
	if (instance->state == INSTANCE_RELEASING)
		return; /* instance_released() will say ENDED */
	reason = lease_renew(&instance->lease, term, time, now);
	if (reason == LEASE_NONE) {
		arm(instance);
		terms_renewed(instance);
		/* This RENEW was read after the end that it gives. end_timer
		 * ends the term, unless a later RENEW waits in the link. */
		if (!is_over(instance, now))
			say_renewed(instance);
	} else if (reason == LEASE_EXPIRED) {
		end_term(instance, reason);
	} else {
		say_ended(instance, term, reason);
	}
}

void
instance_release(struct instance *instance, uint64_t term)
{
	instance->acquire_again = false;
	switch (instance->state) {
	case INSTANCE_ACQUIRING:
		instance->reason = LEASE_RELEASED;
		take_out(instance, LEASE_RELEASED);
		break;
	case INSTANCE_HELD:
	case INSTANCE_ADOPTED:
		/* 0: vrrpd does not know the term, HELD is on its way. */
		if (term == 0 || term == instance->lease.term)
			end_term(instance, LEASE_RELEASED);
		else
			say_ended(instance, term, LEASE_UNKNOWN);
		break;
	case INSTANCE_RELEASING:
		break;
	default:
		if (term != 0)
			say_ended(instance, term, LEASE_UNKNOWN);
		break;
	}
}

void
instance_end(struct instance *instance, enum lease_reason reason)
{
	instance->acquire_again = false;
	if (instance->state != INSTANCE_NONE &&
	    instance->state != INSTANCE_RELEASING)
		end_term(instance, reason);
}

/* ---- from the kernel half ---- */

static struct instance *
find(struct ipvsd *ipvsd, uint32_t id)
{
	return running_instance(
	    ipvsd->running, ipvsd->running->generation->id, id);
}

void
instance_held(uint32_t id, enum lease_reason reason, void *arg)
{
	struct ipvsd *ipvsd = arg;
	struct instance *instance = find(ipvsd, id);
	uint64_t now = clock_monotonic();

	if (instance == NULL)
		return;
	if (instance->state == INSTANCE_ADOPTED && reason != LEASE_NONE) {
		end_term(instance, reason);
	} else if (instance->state != INSTANCE_ACQUIRING) {
		return;
	} else if (reason != LEASE_NONE) {
		refuse(instance, reason);
		take_out(instance, reason);
	} else {
		/* The clock gives a term that no other one has had, also
		 * before a restart. */
		lease_open(&instance->lease, now, now);
		instance->reason = instance->told = LEASE_NONE;
		instance->announce = true;
		enter(instance, INSTANCE_HELD, NULL);
		arm(instance);
		timer_after(&instance->settle_timer, SETTLE_NS);
		terms_changed(ipvsd);
	}
}

void
instance_released(uint32_t id, void *arg)
{
	struct ipvsd *ipvsd = arg;
	struct instance *instance = find(ipvsd, id);

	if (instance == NULL || instance->state != INSTANCE_RELEASING)
		return;
	enter(instance, INSTANCE_NONE, lease_reason_name(instance->reason));
	instance->told = instance->released_term == 0 &&
		instance->reason != LEASE_RELEASED ?
	    instance->reason :
	    LEASE_NONE;
	if (instance->released_term != 0)
		say_ended(instance, instance->released_term, instance->reason);
	instance->released_term = 0;
	terms_changed(ipvsd);
	if (instance->acquire_again && !ipvsd->leaving && !instance->going) {
		instance->acquire_again = false;
		acquire(instance);
	}
}

void
instance_lost(uint32_t id, enum lease_reason reason, void *arg)
{
	struct ipvsd *ipvsd = arg;
	struct instance *instance = find(ipvsd, id);

	if (instance != NULL && instance_expiry(instance) != 0)
		end_term(instance, reason);
}

/*
 * Whether the kernel half may renew the lifetimes of the addresses. It may not
 * while the term is ADOPTED, because vrrpd has not shown yet that it lives: the
 * lifetime that the former ipvsd gave last goes on.
 */
bool
instance_renewable(uint32_t id, uint64_t now, void *arg)
{
	struct ipvsd *ipvsd = arg;
	struct instance *instance = find(ipvsd, id);

	if (instance != NULL && is_over(instance, now))
		drain_vrrpd(instance);
	return instance != NULL &&
	    (instance->state == INSTANCE_ACQUIRING ||
		(instance->state == INSTANCE_HELD && !is_over(instance, now)));
}
