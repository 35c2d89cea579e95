/* SPDX-License-Identifier: ISC */
/*
 * Counts, for each instance, the services that wait for a verdict. A count goes
 * over all services, some in each turn of the loop; a look at the instances
 * follows. See may_preempt.h.
 */
#include "lease/may_preempt.h"

#include "clock.h"
#include "lease/say.h"
#include "running/event.h"
#include "running/running.h"

#define LOOK_EVERY     (200 * NS_PER_MS)
#define VERDICTS_WAIT  (30 * NS_PER_SEC)
#define SERVERS_A_TURN 4096

static bool
has_unknown(const struct running *running, const struct conf_service *service)
{
	for (uint32_t i = 0; i < service->server_count; i++)
		if (desired_health(&running->input, &service->servers[i]) ==
		    HEALTH_UNKNOWN)
			return true;
	return false;
}

static struct instance *
of_service(const struct running *running, const struct conf_service *service)
{
	if (!service->director || service->instance >= running->instance_count)
		return NULL;
	return running->instances[service->instance];
}

/* How long the service's slowest check takes to find a server up, ns: `rise`
 * successes, the last of which may take its whole timeout. */
static uint64_t
up_delay_of(const struct running *running, const struct conf_service *service)
{
	const struct conf_server *server;
	const struct conf_probe *probe;
	uint64_t longest = 0, takes;

	for (uint32_t i = 0; i < service->server_count; i++) {
		server = &service->servers[i];
		for (uint32_t j = 0; j < server->probe_count; j++) {
			probe = conf_probe(running->conf, server->probes[j]);
			if (probe == NULL)
				continue;
			takes = (uint64_t)probe->rise * probe->interval +
			    probe->timeout;
			longest = takes > longest ? takes : longest;
		}
	}
	return longest * NS_PER_MS;
}

static void
count(const struct running *running, const struct conf_service *service,
    struct instance *instance)
{
	uint64_t delay = up_delay_of(running, service);

	if (has_unknown(running, service))
		instance->services_counted++;
	if (delay > instance->up_delay_counted)
		instance->up_delay_counted = delay;
}

static void
count_from_zero(struct running *running)
{
	for (uint32_t i = 0; i < running->instance_count; i++) {
		if (running->instances[i] == NULL)
			continue;
		running->instances[i]->services_counted = 0;
		running->instances[i]->up_delay_counted = 0;
	}
}

/* Goes on with the count, of instances that may not preempt yet. True: there
 * are more services. */
static bool
count_waiting(struct running *running)
{
	const struct conf_service *service;
	struct instance *instance;
	uint32_t servers = 0;

	if (running->services_counted == 0)
		count_from_zero(running);
	while (running->services_counted < running->conf->service_count) {
		if (servers > SERVERS_A_TURN)
			return true;
		service = &running->conf->services[running->services_counted++];
		instance = of_service(running, service);
		if (instance == NULL || instance->may_preempt)
			continue;
		servers += service->server_count;
		count(running, service, instance);
	}
	running->services_counted = 0;
	return false;
}

/* How long the master may take to tell of all its connections, ns. */
static uint64_t
sync_wait(const struct conf_sync *sync, const struct conf_instance *conf)
{
	if (!sync->enabled ||
	    (sync->instance != UINT32_MAX && sync->instance != conf->id))
		return 0;
	return sync->refresh * NS_PER_MS;
}

static bool
is_fit(const struct ipvsd *ipvsd, const struct instance *instance, uint64_t now)
{
	const struct conf_sync *sync = &ipvsd->running->conf->ipvs.sync;

	if (!ipvsd->ready ||
	    now < instance->present_since + sync_wait(sync, instance->conf))
		return false;
	if (now >= instance->present_since + VERDICTS_WAIT)
		return true;
	return instance->services_waiting == 0 &&
	    (!instance->iface_returned ||
		now >= instance->present_since + instance->up_delay);
}

static void
becomes_fit(struct ipvsd *ipvsd, struct instance *instance)
{
	instance->may_preempt = true;
	event_tell(ipvsd, "instance", instance->conf->name, "", "may preempt",
	    instance->services_waiting == 0 ?
		"its checks have verdicts" :
		"its checks took too long to tell");
	if (say_is_heard(ipvsd))
		say_may_preempt(instance);
}

/* After a whole count. True: some instance may not preempt yet. */
static bool
look_at_all(struct ipvsd *ipvsd)
{
	struct running *running = ipvsd->running;
	uint64_t now = clock_monotonic();
	struct instance *instance;
	bool more = false;

	for (uint32_t i = 0; i < running->instance_count; i++) {
		instance = running->instances[i];
		if (instance == NULL || instance->may_preempt)
			continue;
		instance->services_waiting = instance->services_counted;
		instance->up_delay = instance->up_delay_counted;
		if (is_fit(ipvsd, instance, now))
			becomes_fit(ipvsd, instance);
		else
			more = true;
	}
	return more;
}

static void
look(void *arg)
{
	struct ipvsd *ipvsd = arg;

	if (count_waiting(ipvsd->running))
		timer_soon(&ipvsd->preempt_timer);
	else if (look_at_all(ipvsd))
		may_preempt_watch(ipvsd);
}

void
may_preempt_anew(struct instance *instance)
{
	instance->present_since = clock_monotonic();
	instance->iface_returned = true;
	instance->may_preempt = false;
	/* The count under way may have passed its services: begin again. */
	instance->ipvsd->running->services_counted = 0;
	may_preempt_watch(instance->ipvsd);
}

void
may_preempt_watch(struct ipvsd *ipvsd)
{
	if (!timer_pending(&ipvsd->preempt_timer))
		timer_after(&ipvsd->preempt_timer, LOOK_EVERY);
}

void
may_preempt_init(struct ipvsd *ipvsd)
{
	timer_init(&ipvsd->preempt_timer, ipvsd->base, look, ipvsd);
}
