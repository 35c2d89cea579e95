/* SPDX-License-Identifier: ISC */
/*
 * Addresses follow the configuration and the held instances, in passes: raise
 * settings, add what is missing, remove what is not wanted, put settings
 * back. What comes meanwhile makes another pass. Between passes lifetimes are
 * renewed.
 */
#ifndef IPVSD_KERNEL_ADDRESS_H
#define IPVSD_KERNEL_ADDRESS_H

#include <stdio.h>

#include "kernel/phase.h"
#include "kernel/turn.h"
#include "kernel/watch.h"

struct kernel_addresses;

/* pass_done(): what was wanted when the pass began is there, or was refused. */
struct kernel_addresses *address_new(struct kernel_turn *, struct event_base *,
    struct kernel_watch *, struct kernel_phases *, void (*pass_done)(void *),
    void *arg);
void address_free(struct kernel_addresses *);

/* A pass is to be made. */
void address_touch(struct kernel_addresses *);
bool address_pass_is_due(const struct kernel_addresses *);
/* From now on no address is wanted. */
void address_leave(struct kernel_addresses *);
/* A slice of a pass. True: it did something. */
bool address_step(struct kernel_addresses *);

/* Lifetimes are to be renewed now: not only when it is time. */
void address_renew(struct kernel_addresses *);
/* Renews some, while no pass is under way. True: it did something. */
bool address_renew_step(struct kernel_addresses *);

/* Former settings and what is ours, over a restart: lines of text. */
void address_save(const struct kernel_addresses *, FILE *);
void address_load(struct kernel_addresses *, const char *line);

#endif
