/* SPDX-License-Identifier: ISC */
/* Building and reading a generation with its state; see running.h. */
#include "running/running.h"

#include <stdlib.h>

#include "running/former.h"
#include "running/health.h"
#include "running/slow_start.h"

/* The highest id of a server, plus 1: objects are sorted by id. */
static uint32_t
server_ids(const struct conf *conf)
{
	const struct conf_service *service;
	uint32_t count = 0;

	for (uint32_t i = conf->service_count; i-- > 0;) {
		service = &conf->services[i];
		if (service->server_count > 0) {
			count = service->servers[service->server_count - 1].id +
			    1;
			break;
		}
	}
	return count;
}

static uint32_t
instance_ids(const struct conf *conf)
{
	return conf->instance_count == 0 ?
	    0 :
	    conf->instances[conf->instance_count - 1].id + 1;
}

static uint32_t
probe_ids(const struct conf *conf)
{
	return conf->probe_count == 0 ?
	    0 :
	    conf->probes[conf->probe_count - 1].id + 1;
}

static bool
any_slow_start(const struct conf *conf)
{
	for (uint32_t i = 0; i < conf->service_count; i++)
		if (conf->services[i].slow_start != 0)
			return true;
	return false;
}

static void
input_init(struct running *running)
{
	struct desired_input *input = &running->input;

	input->conf = running->conf;
	input->duty = running->duty;
	input->duty_count = running->instance_count;
	input->health = running->health;
	input->health_count = running->probe_count;
	input->was = running->was;
	input->was_count = running->server_count;
	input->override = running->override;
	input->override_count = running->server_count;
	input->ramp = running->ramp;
	input->ramp_count = running->ramp == NULL ? 0 : running->server_count;
}

/* False: no memory. */
static bool
allocate(struct running *running, const struct conf *conf)
{
	bool slow_start = any_slow_start(conf);

	running->instance_count = instance_ids(conf);
	running->probe_count = probe_ids(conf);
	running->server_count = server_ids(conf);
	running->duty = calloc(running->instance_count + 1, 1);
	running->health = calloc(running->probe_count + 1, 1);
	running->was = calloc(running->server_count + 1, 1);
	running->begins = calloc(running->probe_count + 1, 1);
	running->override = calloc(running->server_count + 1, 1);
	running->verdicts = calloc(
	    running->probe_count + 1, sizeof(*running->verdicts));
	running->instances = calloc(
	    running->instance_count + 1, sizeof(struct instance *));
	if (slow_start) {
		running->ramp = calloc(
		    running->server_count + 1, sizeof(*running->ramp));
		running->servers_known = calloc(running->server_count + 1, 1);
	}
	return running->duty != NULL && running->health != NULL &&
	    running->was != NULL && running->begins != NULL &&
	    running->override != NULL && running->verdicts != NULL &&
	    running->instances != NULL &&
	    (!slow_start ||
		(running->ramp != NULL && running->servers_known != NULL));
}

struct running *
running_new(
    struct generation *generation, struct conf *conf, const struct running *old)
{
	struct running *running = calloc(1, sizeof(*running));

	if (running == NULL)
		return NULL;
	running->carry = carry_new(old == NULL ? NULL : old->conf, conf);
	if (running->carry == NULL || !allocate(running, conf)) {
		running_free(running);
		return NULL;
	}
	running->conf = conf;
	running->generation = generation;
	running->previous_id = old == NULL ? 0 : old->generation->id;
	running->former = former_new(running);
	if (running->former == NULL) {
		running_free(running);
		return NULL;
	}
	input_init(running);
	running->index = kernel_index_new(conf);
	return running;
}

const struct conf *
running_conf(const struct running *running)
{
	return running == NULL ? NULL : running->conf;
}

void
running_free(struct running *running)
{
	if (running == NULL)
		return;
	carry_free(running->carry);
	former_free(running->former);
	kernel_index_free(running->index);
	conf_free(running->conf);
	generation_free(running->generation);
	free(running->instances);
	free(running->verdicts);
	free(running->servers_known);
	free(running->ramp);
	free(running->override);
	free(running->begins);
	free(running->was);
	free(running->health);
	free(running->duty);
	free(running);
}

/* Looks up the operators' overrides of the next service's servers. */
static void
step_overrides(struct running *running, struct override_table *overrides)
{
	const struct conf_service *service;
	uint32_t at = running->overrides_looked_up++;

	service = &running->conf->services[at];
	for (uint32_t i = 0; i < service->server_count; i++)
		running->override[service->servers[i].id] = (uint8_t)
		    override_get(overrides, running->conf, service,
			&service->servers[i]);
}

/* Counts how often its probes are checked. True while there are more. */
static bool
step_checks(struct running *running, uint32_t objects)
{
	const struct conf *conf = running->conf;
	uint32_t at, interval;

	while ((at = running->probes_counted) < conf->probe_count) {
		if (objects-- == 0)
			return true;
		interval = conf->probes[at].interval;
		running->checks_per_second += 1 +
		    (interval == 0 ? 0 : 1000 / interval);
		running->probes_counted++;
	}
	return false;
}

bool
running_step(
    struct running *running, struct override_table *overrides, uint32_t objects)
{
	if (carry_step(running->carry, objects) ||
	    step_checks(running, objects))
		return true;
	if (kernel_index_step(running->index, objects))
		return true;
	if (slow_start_step(running, objects) || former_step(running, objects))
		return true;
	if (override_count(overrides) == 0)
		return false;
	while (running->overrides_looked_up < running->conf->service_count) {
		if (objects-- == 0)
			return true;
		step_overrides(running, overrides);
	}
	return false;
}

struct instance *
running_instance(
    const struct running *running, uint64_t generation, uint32_t id)
{
	const uint32_t *map;
	uint32_t count;

	if (running == NULL)
		return NULL;
	if (generation == running->previous_id &&
	    generation != running->generation->id) {
		map = carry_instances(running->carry, &count);
		id = id < count ? map[id] : CARRY_NONE;
	} else if (generation != running->generation->id) {
		return NULL;
	}
	return id < running->instance_count ? running->instances[id] : NULL;
}

uint32_t
running_probe(const struct running *running, uint64_t generation, uint32_t id)
{
	const uint32_t *map;
	uint32_t count;

	if (running == NULL)
		return CARRY_NONE;
	if (generation == running->previous_id &&
	    generation != running->generation->id) {
		map = carry_probes(running->carry, &count);
		id = id < count ? map[id] : CARRY_NONE;
	} else if (generation != running->generation->id) {
		return CARRY_NONE;
	}
	return id < running->probe_count ? id : CARRY_NONE;
}
