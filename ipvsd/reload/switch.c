/* SPDX-License-Identifier: ISC */
/* From one generation in force to the next; see switch.h. */
#include "reload/switch.h"

#include "lease/instance.h"
#include "lease/instances.h"
#include "lease/may_preempt.h"
#include "lease/states.h"
#include "lease/terms.h"
#include "running/former.h"
#include "running/health.h"
#include "running/slow_start.h"
#include "running/state.h"

/* Moves the instances of this host that go on, and makes those that are new. */
static void
switch_instances(struct ipvsd *ipvsd, struct running *old, struct running *next)
{
	const struct conf_instance *conf;
	const uint32_t *map;
	uint32_t count, to;

	map = carry_instances(next->carry, &count);
	for (uint32_t i = 0; i < count; i++) {
		to = map[i];
		if (to == CARRY_NONE || old->instances[i] == NULL)
			continue;
		next->instances[to] = old->instances[i];
		next->duty[to] = old->duty[i];
		old->instances[i] = NULL;
	}
	for (uint32_t i = 0; i < next->conf->instance_count; i++) {
		conf = &next->conf->instances[i];
		if (!conf->member) {
			instance_free(next->instances[conf->id]);
			next->instances[conf->id] = NULL;
			next->duty[conf->id] = DUTY_NONE;
		} else if (next->instances[conf->id] == NULL) {
			next->instances[conf->id] = instance_new(ipvsd, conf);
			next->duty[conf->id] = DUTY_BACKUP;
		} else {
			instance_configure(next->instances[conf->id], conf);
		}
	}
}

static void
switch_verdicts(struct running *old, struct running *next)
{
	const uint32_t *map;
	uint32_t count;

	map = carry_probes(next->carry, &count);
	for (uint32_t i = 0; i < count; i++) {
		if (map[i] == CARRY_NONE)
			continue;
		next->health[map[i]] = old->health[i];
		next->verdicts[map[i]] = old->verdicts[i];
		/* A DIGEST counts what checkd reports in one generation. */
		next->verdicts[map[i]].reported = false;
	}
}

/* What the siblings may say from now on. */
static void
switch_links(struct ipvsd *ipvsd, const struct running *next)
{
	link_expect(ipvsd->vrrpd, next->conf->instance_count,
	    conf_adverts_per_second(next->conf));
	link_expect(
	    ipvsd->checkd, next->conf->probe_count, next->checks_per_second);
}

struct running *
switch_to(struct ipvsd *ipvsd, struct running *next)
{
	struct running *old = ipvsd->running;
	const uint32_t *map;
	uint32_t count;

	if (old != NULL) {
		switch_verdicts(old, next);
		former_take(next, old);
		slow_start_move(next, old);
	}
	if (override_settle(ipvsd->overrides))
		(void)state_save(
		    STATE_OVERRIDES, override_save, ipvsd->overrides);
	switch_instances(ipvsd, old, next);
	if (old != NULL)
		instances_free(old);
	ipvsd->running = next;
	switch_links(ipvsd, next);
	map = carry_probes(next->carry, &count);
	health_renumber(ipvsd, map, count);
	slow_start_relist(ipvsd);
	if (old != NULL) {
		health_save_soon(ipvsd);
	} else {
		health_restore(ipvsd);
		states_restore(ipvsd);
		terms_adopt(ipvsd);
	}
	kernel_configure(ipvsd->kernel, &next->input, next->index);
	next->index = NULL;
	if (old == NULL)
		instances_hold_adopted(ipvsd);
	else
		kernel_resync(ipvsd->kernel);
	terms_changed(ipvsd);
	may_preempt_watch(ipvsd);
	return old;
}
