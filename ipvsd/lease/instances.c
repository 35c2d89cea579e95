/* SPDX-License-Identifier: ISC */
/* All instances of this host together; see instances.h. */
#include "lease/instances.h"

#include <string.h>

#include "lease/instance.h"
#include "lease/say.h"
#include "lease/snapshot.h"
#include "lease/states.h"
#include "lease/terms.h"
#include "running/running.h"

/* Added to hand_over_ms(). */
#define HAND_OVER_MARGIN_MS 500
#define SHORT_MARGIN_MS	    50
/* A vrrpd that ends for a restart hands over the terms whose lease is shorter
 * than this. */
#define SHORT_LEASE_MS	    1000

/*
 * The timers of these instances end with them. They would act on ids that
 * belong to other instances in the next generation.
 */
void
instances_free(struct running *running)
{
	for (uint32_t i = 0; i < running->instance_count; i++) {
		instance_free(running->instances[i]);
		running->instances[i] = NULL;
	}
}

/* HELD, for those that wait for it. */
static void
announce(struct ipvsd *ipvsd)
{
	struct instance *instance;
	struct link *link = ipvsd->vrrpd;

	for (uint32_t i = 0; i < ipvsd->running->instance_count; i++) {
		instance = ipvsd->running->instances[i];
		if (instance == NULL || !instance->announce)
			continue;
		instance->announce = false;
		if (link_generation_out(link) == ipvsd->running->generation->id)
			say_held(instance);
	}
}

void
instances_flush(struct ipvsd *ipvsd)
{
	struct link *link = ipvsd->vrrpd;

	if (ipvsd->running == NULL)
		return;
	terms_save(ipvsd);
	say_renewals(ipvsd);
	if (ipvsd->resync_due &&
	    link_generation_out(link) == ipvsd->running->generation->id)
		snapshot_tell(ipvsd, link);
	ipvsd->resync_due = false;
	if (ipvsd->announce_due)
		announce(ipvsd);
	ipvsd->announce_due = false;
}

static void
flush(void *arg)
{
	instances_flush(arg);
}

void
instances_init(struct ipvsd *ipvsd)
{
	timer_init(&ipvsd->flush, ipvsd->base, flush, ipvsd);
	states_init(ipvsd);
	ipvsd->terms.fd = -1;
}

void
instances_hold_adopted(struct ipvsd *ipvsd)
{
	struct instance *instance;

	for (uint32_t i = 0; i < ipvsd->running->instance_count; i++) {
		instance = ipvsd->running->instances[i];
		if (instance == NULL || instance->state != INSTANCE_ADOPTED)
			continue;
		timer_after(&instance->end_timer, TERMS_ADOPTED_NS);
		kernel_hold(ipvsd->kernel, i);
	}
}

/*
 * How long the new master's first advert may take: one interval, in VRRPv2 one
 * second (RFC 3768: Skew_Time is a part of a second), and half of it more for
 * an advert that is late.
 */
static uint64_t
hand_over_ms(const struct conf_instance *conf)
{
	uint64_t wait = conf->version == 2 ? 1000 : conf->interval;

	return wait + wait / 2;
}

uint64_t
instances_hand_over(struct ipvsd *ipvsd, bool going)
{
	struct instance *instance;
	uint64_t longest = 0, wait;

	if (ipvsd->running == NULL || !say_is_heard(ipvsd))
		return 0;
	for (uint32_t i = 0; i < ipvsd->running->instance_count; i++) {
		instance = ipvsd->running->instances[i];
		if (instance == NULL || instance_expiry(instance) == 0 ||
		    (going && !instance->going))
			continue;
		say_failed(instance, LEASE_LEAVING);
		wait = hand_over_ms(instance->conf) + HAND_OVER_MARGIN_MS;
		longest = wait > longest ? wait : longest;
	}
	return longest;
}

bool
instances_any_adopted(const struct ipvsd *ipvsd)
{
	const struct instance *instance;

	for (uint32_t i = 0;
	     ipvsd->running != NULL && i < ipvsd->running->instance_count;
	     i++) {
		instance = ipvsd->running->instances[i];
		if (instance != NULL && instance->state == INSTANCE_ADOPTED)
			return true;
	}
	return false;
}

bool
instances_any_open(const struct ipvsd *ipvsd)
{
	const struct instance *instance;

	for (uint32_t i = 0;
	     ipvsd->running != NULL && i < ipvsd->running->instance_count;
	     i++) {
		instance = ipvsd->running->instances[i];
		if (instance != NULL && instance->state != INSTANCE_NONE)
			return true;
	}
	return false;
}

static bool
has_interface(const struct conf_instance *conf, const char *interface)
{
	for (uint32_t i = 0; i < conf->address_count; i++) {
		if (strcmp(conf->addresses[i].interface, interface) == 0)
			return true;
	}
	return strcmp(conf->interface, interface) == 0;
}

/* Whether the next configuration has an interface that is not there, or down,
 * in place of another one. */
static bool
loses_interface(const struct ipvsd *ipvsd, const struct conf_instance *old,
    const struct conf_instance *next)
{
	const char *interface = next->interface;

	for (uint32_t i = 0; i <= next->address_count; i++) {
		if (i > 0)
			interface = next->addresses[i - 1].interface;
		if (!has_interface(old, interface) &&
		    !kernel_iface_up(ipvsd->kernel, interface))
			return true;
	}
	return false;
}

void
instances_mark_going(struct ipvsd *ipvsd, const struct running *next)
{
	const struct conf_instance *conf;
	struct instance *instance;
	const uint32_t *map = NULL;
	uint32_t count;

	if (next != NULL)
		map = carry_instances(next->carry, &count);
	for (uint32_t i = 0;
	     ipvsd->running != NULL && i < ipvsd->running->instance_count;
	     i++) {
		instance = ipvsd->running->instances[i];
		if (instance == NULL)
			continue;
		conf = map == NULL || map[i] == CARRY_NONE ?
		    NULL :
		    conf_instance(next->conf, map[i]);
		instance->going = next != NULL &&
		    (conf == NULL || !conf->member ||
			loses_interface(ipvsd, instance->conf, conf));
	}
}

bool
instances_any_going(const struct ipvsd *ipvsd)
{
	const struct instance *instance;

	for (uint32_t i = 0;
	     ipvsd->running != NULL && i < ipvsd->running->instance_count;
	     i++) {
		instance = ipvsd->running->instances[i];
		if (instance != NULL && instance->going &&
		    instance->state != INSTANCE_NONE)
			return true;
	}
	return false;
}

uint64_t
instances_short(const struct ipvsd *ipvsd)
{
	const struct instance *instance;
	uint64_t longest = 0, wait;

	for (uint32_t i = 0;
	     ipvsd->running != NULL && i < ipvsd->running->instance_count;
	     i++) {
		instance = ipvsd->running->instances[i];
		if (instance == NULL || instance->state == INSTANCE_NONE ||
		    3 * (uint64_t)instance->conf->interval >= SHORT_LEASE_MS)
			continue;
		wait = hand_over_ms(instance->conf) + SHORT_MARGIN_MS;
		longest = wait > longest ? wait : longest;
	}
	return longest;
}

void
instances_end(struct ipvsd *ipvsd, enum lease_reason reason)
{
	struct instance *instance;

	for (uint32_t i = 0; i < ipvsd->running->instance_count; i++) {
		instance = ipvsd->running->instances[i];
		if (instance != NULL)
			instance_end(instance, reason);
	}
}
