/* SPDX-License-Identifier: ISC */
/*
 * Instances are held and released. Who gains has its services in before its
 * addresses, who loses has its addresses out before its services are a
 * backup's.
 */
#ifndef IPVSD_KERNEL_HOLD_H
#define IPVSD_KERNEL_HOLD_H

#include "kernel/address.h"
#include "kernel/phase.h"
#include "kernel/services.h"
#include "kernel/sync.h"
#include "kernel/turn.h"
#include "kernel/watch.h"

/* The parts that it moves; all are the caller's. */
struct kernel_hold {
	struct kernel_turn *turn;
	struct kernel_phases *phases;
	struct kernel_services *services;
	struct kernel_watch *watch;
	struct kernel_addresses *addresses;
	struct kernel_sync *sync;
};

/* As kernel_hold() and kernel_release(). */
void hold_begin(struct kernel_hold *, uint32_t instance);
void hold_end(struct kernel_hold *, uint32_t instance, bool handed_over);
/* A new generation is in force: what was under way goes on. */
void hold_continue(struct kernel_hold *);

/* Services were programmed. True: an instance has another phase. */
bool hold_step(struct kernel_hold *);
/* A pass over the addresses is over. */
void hold_pass_done(struct kernel_hold *);
/* Interfaces came, went, or are up or down. */
void hold_ifaces_changed(struct kernel_hold *);

#endif
