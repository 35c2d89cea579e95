/* SPDX-License-Identifier: ISC */
/* Generations and what they are made of, see generation.h. */
#include "generation.h"

#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "seed.h"
#include "vrrpd.h"

struct generation *
generation_new(struct conf *conf)
{
	struct generation *generation = calloc(1, sizeof(*generation));
	uint32_t addresses = 0;

	if (generation == NULL)
		return NULL;
	generation->refs = 1;
	for (uint32_t i = 0; i < conf->instance_count; i++) {
		addresses += conf->instances[i].address_count;
		if (conf->instances[i].id >= generation->ids)
			generation->ids = conf->instances[i].id + 1;
	}
	for (generation->buckets = 8; generation->buckets < 2 * addresses;)
		generation->buckets *= 2;
	generation->by_id = calloc(
	    generation->ids + 1, sizeof(generation->by_id[0]));
	generation->virtual = calloc(
	    generation->buckets, sizeof(generation->virtual[0]));
	if (generation->by_id == NULL || generation->virtual == NULL) {
		generation_unref(generation);
		return NULL;
	}
	generation->conf = conf;
	generation->id = conf->generation;
	return generation;
}

struct generation *
generation_ref(struct generation *generation)
{
	generation->refs++;
	return generation;
}

void
generation_unref(struct generation *generation)
{
	if (generation == NULL || --generation->refs > 0)
		return;
	conf_free(generation->conf);
	free(generation->by_id);
	free(generation->virtual);
	free(generation);
}

/* --- virtual addresses --- */

/* Where the search for an address begins. The same address may be on several
 * interfaces, if it is link-local. */
static uint32_t
slot_of(const struct generation *generation, const struct addr *addr)
{
	uint64_t hash = fnv1a64(seed(), addr->bytes, addr_len(addr->family));

	return (uint32_t)digest_mix(hash) & (generation->buckets - 1);
}

/* The first entry of the address from this slot on, or NULL; *slot is the one
 * behind it. */
static const struct virtual *
next_equal(const struct generation *generation, const struct addr *addr,
    uint32_t *slot)
{
	const struct virtual *entry;

	while ((entry = &generation->virtual[*slot])->address != NULL) {
		*slot = (*slot + 1) & (generation->buckets - 1);
		if (addr_equal(&entry->address->addr, addr))
			return entry;
	}
	return NULL;
}

void
generation_add_virtual(
    struct generation *generation, const struct conf_instance *conf)
{
	for (uint32_t i = 0; i < conf->address_count; i++) {
		const struct addr *addr = &conf->addresses[i].addr;
		uint32_t slot = slot_of(generation, addr);

		while (generation->virtual[slot].address != NULL)
			slot = (slot + 1) & (generation->buckets - 1);
		generation->virtual[slot] = (struct virtual){
		    .address = &conf->addresses[i],
		    .instance = conf->id,
		    .owned = conf->priority == VRRP_PRIORITY_OWNER,
		};
	}
}

bool
generation_is_virtual(
    const struct generation *generation, const struct addr *addr)
{
	uint32_t slot = slot_of(generation, addr);
	const struct virtual *entry;

	while ((entry = next_equal(generation, addr, &slot)) != NULL) {
		if (!entry->owned)
			return true;
	}
	return false;
}

struct instance *
generation_holder(const struct generation *generation, const struct addr *addr,
    const char *interface)
{
	uint32_t slot = slot_of(generation, addr);
	const struct virtual *entry;

	while ((entry = next_equal(generation, addr, &slot)) != NULL) {
		if (strcmp(entry->address->interface, interface) == 0)
			return generation->by_id[entry->instance];
	}
	return NULL;
}

struct instance *
generation_speaker(const struct generation *generation, const struct addr *addr,
    unsigned ifindex)
{
	uint32_t slot = slot_of(generation, addr);
	const struct virtual *entry;
	struct instance *instance;

	while ((entry = next_equal(generation, addr, &slot)) != NULL) {
		instance = generation->by_id[entry->instance];
		if (instance == NULL || !instance->started ||
		    instance->ifindex == 0)
			continue;
		if (instance->ifindex == ifindex || !addr_is_per_link(addr))
			return instance;
	}
	return NULL;
}

/* --- lookup --- */

static struct generation *
find(const struct vrrpd *vrrpd, uint64_t id)
{
	if (vrrpd->current != NULL && vrrpd->current->id == id)
		return vrrpd->current;
	if (vrrpd->previous != NULL && vrrpd->previous->id == id)
		return vrrpd->previous;
	return NULL;
}

bool
generation_known(const struct vrrpd *vrrpd, uint64_t generation)
{
	return find(vrrpd, generation) != NULL;
}

struct instance *
generation_instance(const struct vrrpd *vrrpd, uint64_t generation, uint32_t id)
{
	struct generation *found = find(vrrpd, generation);

	return found != NULL && id < found->ids ? found->by_id[id] : NULL;
}

struct instance *
generation_instance_named(const struct vrrpd *vrrpd, const char *name)
{
	const struct conf_instance *conf;

	if (vrrpd->current == NULL)
		return NULL;
	conf = conf_instance_by_name(vrrpd->current->conf, name);
	return conf != NULL ? vrrpd->current->by_id[conf->id] : NULL;
}
