/* SPDX-License-Identifier: ISC */
/*
 * A generation: a configuration, and the instances by their ids in it.
 * reload.c brings generations into force; whoever hears of an instance looks
 * it up here.
 */
#ifndef VRRPD_GENERATION_H
#define VRRPD_GENERATION_H

#include <stdbool.h>
#include <stdint.h>

struct addr;
struct conf;
struct conf_instance;
struct instance;
struct vrrpd;

/* An address of an instance. */
struct virtual
{
	const struct conf_address *address; /* in conf; NULL: an empty slot */
	uint32_t instance;		    /* its id */
	bool owned; /* the interface's own (RFC 9568 1.7): the owner's */
};

struct generation {
	unsigned refs;
	uint64_t id; /* the configuration's digest */
	struct conf *conf;
	struct instance **by_id; /* NULL: not one of this host's */
	uint32_t ids;
	struct virtual *virtual; /* hash of addresses */
	uint32_t buckets;	 /* a power of two */
};

/* One reference, no instances and no virtual addresses yet. It owns conf.
 * NULL without memory: conf stays the caller's. */
struct generation *generation_new(struct conf *);
struct generation *generation_ref(struct generation *);
/* Frees it with the last reference; NULL is ignored. */
void generation_unref(struct generation *);

/* Adds an instance's addresses. */
void generation_add_virtual(struct generation *, const struct conf_instance *);
/* Whether the address is virtual, so that no advert may come from it. */
bool generation_is_virtual(const struct generation *, const struct addr *);

/* This host's instance that has the address on that interface, or NULL. */
struct instance *generation_holder(
    const struct generation *, const struct addr *, const char *interface);

/*
 * This host's instance, that runs, to which the address belongs, wherever it is
 * held; a link-local one is the instance's on that interface. NULL: none.
 */
struct instance *generation_speaker(
    const struct generation *, const struct addr *, unsigned ifindex);

/* Whether ipvsd may speak of this generation: the current or the previous. */
bool generation_known(const struct vrrpd *, uint64_t generation);
/* The instance of an id in a known generation, NULL if there is none. */
struct instance *generation_instance(
    const struct vrrpd *, uint64_t generation, uint32_t id);
/* The instance of that name in the current generation, NULL if none. */
struct instance *generation_instance_named(
    const struct vrrpd *, const char *name);

#endif
