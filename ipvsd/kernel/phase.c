/* SPDX-License-Identifier: ISC */
/* See phase.h. */
#include "kernel/phase.h"

#include <errno.h>
#include <stdlib.h>

#include "grow.h"
#include "keys.h"
#include "log.h"

struct instance_phase {
	enum phase phase;
	bool refused;	  /* the kernel refused one of its services */
	bool in_pass;	  /* the pass over addresses knows the phase */
	bool lost_told;	  /* lost() was called */
	uint32_t waiting; /* its services that are not done */
};

struct kernel_phases {
	struct kernel_turn *turn;
	struct instance_phase *instances; /* by id */
	uint8_t *duties;		  /* enum duty by id, for addresses */
	uint32_t count;
};

struct kernel_phases *
phase_new(struct kernel_turn *turn)
{
	struct kernel_phases *phases = xcalloc(1, sizeof(*phases));

	phases->turn = turn;
	return phases;
}

void
phase_free(struct kernel_phases *phases)
{
	free(phases->instances);
	free(phases->duties);
	free(phases);
}

/* An instance of the same key goes on where it was. */
static void
carry_over(struct kernel_phases *phases, const struct instance_phase *former,
    uint32_t former_count, const struct conf *old)
{
	const struct conf *new = phases->turn->input->conf;
	struct keys *keys = keys_new(old->instance_count);
	uint32_t before, now;

	if (keys == NULL)
		fatal("%u instances", old->instance_count);
	for (uint32_t i = 0; i < old->instance_count; i++)
		keys_put(keys, old->instances[i].key, old->instances[i].id);
	for (uint32_t i = 0; i < new->instance_count; i++) {
		before = keys_take(keys, new->instances[i].key);
		if (before == KEYS_NONE || before >= former_count)
			continue;
		now = new->instances[i].id;
		phases->instances[now].refused = former[before].refused;
		phase_set(phases, now, former[before].phase);
		phases->instances[now].lost_told = former[before].lost_told;
	}
	keys_free(keys);
}

void
phase_configure(struct kernel_phases *phases, const struct conf *old)
{
	const struct conf *new = phases->turn->input->conf;
	struct instance_phase *former = phases->instances;
	uint32_t former_count = phases->count, count = 0;

	for (uint32_t i = 0; i < new->instance_count; i++)
		if (new->instances[i].id >= count)
			count = new->instances[i].id + 1;
	phases->instances = xcalloc(count, sizeof(*phases->instances));
	free(phases->duties);
	phases->duties = xcalloc(count, sizeof(*phases->duties));
	phases->count = count;
	if (old != NULL)
		carry_over(phases, former, former_count, old);
	free(former);
}

uint32_t
phase_count(const struct kernel_phases *phases)
{
	return phases->count;
}

enum phase
phase_get(const struct kernel_phases *phases, uint32_t id)
{
	return id < phases->count ? phases->instances[id].phase : PHASE_IDLE;
}

void
phase_set(struct kernel_phases *phases, uint32_t id, enum phase phase)
{
	struct instance_phase *instance;

	if (id >= phases->count)
		return;
	instance = &phases->instances[id];
	instance->phase = phase;
	instance->in_pass = false;
	instance->lost_told = false;
	phases->duties[id] = phase == PHASE_GAIN_ADDRESSES ||
		phase == PHASE_HELD ?
	    DUTY_MASTER :
	    DUTY_BACKUP;
	turn_schedule(phases->turn);
}

void
phase_idle(struct kernel_phases *phases)
{
	for (uint32_t i = 0; i < phases->count; i++)
		phase_set(phases, i, PHASE_IDLE);
}

const uint8_t *
phase_duties(const struct kernel_phases *phases)
{
	return phases->duties;
}

void
phase_service_waits(struct kernel_phases *phases, uint32_t id)
{
	if (id < phases->count)
		phases->instances[id].waiting++;
}

void
phase_service_done(struct kernel_phases *phases, uint32_t id)
{
	if (id < phases->count && phases->instances[id].waiting > 0)
		phases->instances[id].waiting--;
}

bool
phase_is_waiting(const struct kernel_phases *phases, uint32_t id)
{
	return id < phases->count && phases->instances[id].waiting > 0;
}

void
phase_gain(struct kernel_phases *phases, uint32_t id)
{
	if (id < phases->count)
		phases->instances[id].refused = false;
	phase_set(phases, id, PHASE_GAIN_SERVICES);
}

/* Whether the kernel would refuse it again: it lacks what is asked for. */
static bool
is_permanent(int error)
{
	return error == ENOENT || error == EINVAL || error == EPROTONOSUPPORT ||
	    error == EAFNOSUPPORT || error == EOPNOTSUPP;
}

void
phase_service_refused(struct kernel_phases *phases, uint32_t id, int error)
{
	if (id < phases->count && !is_permanent(error))
		phases->instances[id].refused = true;
}

bool
phase_is_refused(const struct kernel_phases *phases, uint32_t id)
{
	return id < phases->count && phases->instances[id].refused;
}

void
phase_pass_begins(struct kernel_phases *phases)
{
	for (uint32_t i = 0; i < phases->count; i++)
		phases->instances[i].in_pass = true;
}

bool
phase_is_in_pass(const struct kernel_phases *phases, uint32_t id)
{
	return id < phases->count && phases->instances[id].in_pass;
}

bool
phase_tell_lost(struct kernel_phases *phases, uint32_t id)
{
	if (id >= phases->count || phases->instances[id].lost_told)
		return false;
	phases->instances[id].lost_told = true;
	return true;
}
