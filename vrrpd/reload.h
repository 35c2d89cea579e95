/* SPDX-License-Identifier: ISC */
/*
 * How a generation comes into force. PREPARE: its configuration is decoded,
 * and its instances are matched by name to those that run, in turns of work;
 * READY or REJECT is the answer. COMMIT: ids are switched at once, and in turns
 * of work the instances that are configured no more leave, and then the others
 * are told their new configuration. The previous generation stays until ipvsd
 * has said COMMITTED, because until then ipvsd's messages mean its ids.
 */
#ifndef VRRPD_RELOAD_H
#define VRRPD_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

struct vrrpd;

/* Fatal without memory. */
void reload_init(struct vrrpd *);
/* Prepares; what was being prepared is aborted. fd stays the caller's.
 * Answers now or later. */
void reload_prepare(struct vrrpd *, uint64_t generation, int fd);
void reload_abort(struct vrrpd *);
/* READY was lost if it was said: says it once more. */
void reload_ready_again(struct vrrpd *);
/* Switches, or will do so when the generation is prepared. False: ipvsd cannot
 * honestly say so now. */
bool reload_commit(struct vrrpd *, uint64_t generation);
/* Goes on until the deadline; whether more is to do. */
bool reload_step(struct vrrpd *, uint64_t deadline);
/* Whether every instance knows its configuration of the current generation, or
 * that it is not in it. */
bool reload_applied(const struct vrrpd *);
/* ipvsd speaks the current generation, or is gone. */
void reload_forget_previous(struct vrrpd *);

#endif
