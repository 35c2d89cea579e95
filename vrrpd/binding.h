/* SPDX-License-Identifier: ISC */
/*
 * An instance and the interface that it runs on: whether it can run there,
 * from which source it sends, whether the kernel holds its addresses; and the
 * hash by which a received packet finds its instance.
 */
#ifndef VRRPD_BINDING_H
#define VRRPD_BINDING_H

#include <stdbool.h>
#include <stdint.h>

struct instance;
struct vrrpd;

/* Looks at the interface and the addresses, and tells the fsm what changed.
 * Does nothing before the interfaces are known. */
void binding_evaluate(struct instance *);
/* Leaves the group; no packet finds the instance any more. */
void binding_undo(struct instance *);

/*
 * The instances that a packet is for; NULL: none, or no more. There are two
 * while one leaves and a new one of the same VRID comes.
 */
struct instance *binding_find(
    struct vrrpd *, unsigned ifindex, uint8_t family, uint8_t vrid);
struct instance *binding_find_next(struct instance *);
/* Whether any interface has such an instance. */
bool binding_elsewhere(struct vrrpd *, uint8_t family, uint8_t vrid);

#endif
