/* SPDX-License-Identifier: ISC */
/* The file of the instances' states; see states.h. */
#include "lease/states.h"

#include <inttypes.h>
#include <stdio.h>

#include "clock.h"
#include "lease/instance.h"
#include "running/running.h"
#include "running/state.h"

#define SAVE_WAIT NS_PER_SEC /* from a change to the saved file */

static void
write_states(FILE *file, void *arg)
{
	const struct ipvsd *ipvsd = arg;
	const struct instance *instance;

	for (uint32_t i = 0; i < ipvsd->running->instance_count; i++) {
		instance = ipvsd->running->instances[i];
		if (instance != NULL && instance->vrrp.since != 0)
			fprintf(file, "%s %u %" PRIu64 "\n",
			    instance->conf->name, instance->vrrp.state,
			    instance->vrrp.since);
	}
}

void
states_save(struct ipvsd *ipvsd)
{
	if (!timer_pending(&ipvsd->save_states))
		return;
	timer_stop(&ipvsd->save_states);
	state_save(STATE_STATES, write_states, ipvsd);
}

static void
save_states(void *arg)
{
	struct ipvsd *ipvsd = arg;

	state_save(STATE_STATES, write_states, ipvsd);
}

void
states_init(struct ipvsd *ipvsd)
{
	timer_init(&ipvsd->save_states, ipvsd->base, save_states, ipvsd);
}

void
states_note(struct instance *instance, uint8_t state, uint64_t since)
{
	struct timer *save = &instance->ipvsd->save_states;

	instance->vrrp.state = state;
	instance->vrrp.since = since;
	if (!timer_pending(save))
		timer_after(save, SAVE_WAIT);
}

void
states_restore(struct ipvsd *ipvsd)
{
	char line[CONF_NAME_MAX + 64], name[CONF_NAME_MAX + 1];
	const struct conf_instance *conf;
	struct instance *instance;
	uint64_t since;
	unsigned state;
	FILE *file;

	if ((file = state_open(STATE_STATES)) == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%64s %u %" SCNu64, name, &state, &since) !=
			3 ||
		    state > UINT8_MAX || since > clock_monotonic())
			continue;
		conf = conf_instance_by_name(ipvsd->running->conf, name);
		instance = conf == NULL ? NULL :
					  ipvsd->running->instances[conf->id];
		if (instance == NULL)
			continue;
		instance->vrrp.state = (uint8_t)state;
		instance->vrrp.since = since;
	}
	fclose(file);
}
