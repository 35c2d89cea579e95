/* SPDX-License-Identifier: ISC */
/*
 * Where each instance stands between backup and master. State alone: hold.c
 * moves it on. An unknown id changes nothing.
 */
#ifndef IPVSD_KERNEL_PHASE_H
#define IPVSD_KERNEL_PHASE_H

#include "kernel/turn.h"

enum phase {
	PHASE_IDLE,
	PHASE_GAIN_SERVICES,
	PHASE_GAIN_ADDRESSES,
	PHASE_HELD,
	PHASE_FAILED, /* until kernel_release() */
	PHASE_LOSE_ADDRESSES,
	PHASE_LOSE_SERVICES
};

struct kernel_phases;

struct kernel_phases *phase_new(struct kernel_turn *);
void phase_free(struct kernel_phases *);

/* Instances of the new generation (turn->input) keep the phase that they had
 * in the old one, by name; old may be NULL. */
void phase_configure(struct kernel_phases *, const struct conf *old);

/* Ids are below this. */
uint32_t phase_count(const struct kernel_phases *);
enum phase phase_get(const struct kernel_phases *, uint32_t id);
void phase_set(struct kernel_phases *, uint32_t id, enum phase);
/* None is held or about to be. */
void phase_idle(struct kernel_phases *);
/* enum duty by id, for addresses: DUTY_MASTER of an instance that gains or
 * holds its own, else DUTY_BACKUP. */
const uint8_t *phase_duties(const struct kernel_phases *);

/* An instance's services that wait for their turn, or have had it. */
void phase_service_waits(struct kernel_phases *, uint32_t id);
void phase_service_done(struct kernel_phases *, uint32_t id);
bool phase_is_waiting(const struct kernel_phases *, uint32_t id);

/* Sets PHASE_GAIN_SERVICES, and forgets what the kernel refused before. */
void phase_gain(struct kernel_phases *, uint32_t id);
/* The kernel does not let one of its services in. */
void phase_service_refused(struct kernel_phases *, uint32_t id, int error);
bool phase_is_refused(const struct kernel_phases *, uint32_t id);

/* A pass over the addresses begins: all that have not changed their phase by
 * its end are in it. */
void phase_pass_begins(struct kernel_phases *);
bool phase_is_in_pass(const struct kernel_phases *, uint32_t id);

/* Whether a loss of its interface or address is to be told: true once after
 * each phase_set(). */
bool phase_tell_lost(struct kernel_phases *, uint32_t id);

#endif
