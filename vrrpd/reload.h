/* SPDX-License-Identifier: ISC */
/*
 * How a generation comes into force, as the receiver
 * (common/generation/receiver.h) asks for. PREPARE: once its configuration is
 * decoded, its instances are matched by name to those that run, in turns of
 * work. COMMIT: ids are switched at once, and in turns of work the instances
 * that are configured no more leave, and then the others are told their new
 * configuration. The previous generation stays until ipvsd has said COMMITTED,
 * because until then ipvsd's messages mean its ids.
 */
#ifndef VRRPD_RELOAD_H
#define VRRPD_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

struct instance;
struct msg;
struct vrrpd;

/* Makes vrrpd->reload and vrrpd->receiver; vrrpd->ipvsd is there already. Fatal
 * without memory. */
void reload_init(struct vrrpd *);
/* PREPARE, COMMIT or ABORT. -1 and *why: an honest ipvsd does not say so. */
int reload_message(struct vrrpd *, struct msg *, const char **why);
/* Goes on until the deadline; whether more is to do. */
bool reload_step(struct vrrpd *, uint64_t deadline);
/* Whether every instance knows its configuration of the current generation, or
 * that it is not in it. */
bool reload_applied(const struct vrrpd *);
/* Whether the generation that is being prepared has not this instance. */
bool reload_takes_away(const struct vrrpd *, const struct instance *);
/* Why such an instance leaves. */
#define RELOAD_TAKES_AWAY "no longer configured so"
/* The instance is freed: it is still among vrrpd->instances. */
void reload_instance_ends(struct vrrpd *, const struct instance *);
/* ipvsd speaks the current generation, or is gone. */
void reload_forget_previous(struct vrrpd *);

#endif
