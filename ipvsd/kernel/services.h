/* SPDX-License-Identifier: ISC */
/*
 * The IPVS table follows the configuration. Services that were touched wait
 * in two queues. A turn takes as many as fit a batch, compares each with our
 * copy of the kernel's table, and sends what differs.
 */
#ifndef IPVSD_KERNEL_SERVICES_H
#define IPVSD_KERNEL_SERVICES_H

#include "kernel/index.h"
#include "kernel/live.h"
#include "kernel/phase.h"
#include "kernel/turn.h"

struct kernel_services;

struct kernel_services *services_new(
    struct kernel_turn *, struct kernel_live *, struct kernel_phases *);
void services_free(struct kernel_services *);

/* turn->input is a new one: nothing waits any more. Takes the index over. */
void services_configure(struct kernel_services *, struct kernel_index *);
/* The keys of what this host programs, sorted; they live until the next
 * services_configure(). */
const struct ipvs_key *services_keys(
    const struct kernel_services *, uint32_t *count);
/* Whether this host programs any service, or one of an instance. */
bool services_any(const struct kernel_services *);
bool services_any_of(const struct kernel_services *, uint32_t instance);
/* Whether the kernel has one of an instance's services. */
bool services_any_in(const struct kernel_services *, uint32_t instance);

/* How soon a service's turn comes. */
enum dirt { CLEAN, DIRTY, URGENT };

/* Puts services in the queue: one by its index in conf->services, those of a
 * probe or an instance by its id, all, or those of which the kernel has refused
 * something. */
void services_touch(struct kernel_services *, uint32_t index, enum dirt);
void services_touch_probe(struct kernel_services *, uint32_t probe);
void services_touch_instance(
    struct kernel_services *, uint32_t instance, enum dirt);
void services_touch_all(struct kernel_services *);
void services_touch_failed(struct kernel_services *);
/* Those of an instance that this host can serve itself: urgent. */
void services_touch_local(struct kernel_services *, uint32_t instance);

/* Sends a batch. True: it did something. */
bool services_step(struct kernel_services *, bool urgent_only);

#endif
