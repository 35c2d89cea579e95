/* SPDX-License-Identifier: ISC */
/* Membership of the VRRP groups, 224.0.0.18 and ff02::12, by interface. */
#ifndef VRRPD_GROUP_H
#define VRRPD_GROUP_H

#include <stdbool.h>
#include <stdint.h>

struct groups;

/* Fatal without memory. */
struct groups *group_new(void);
/*
 * Joins are counted. Each one that succeeded is undone by a leave with the
 * same interface, also if the interface has gone meanwhile. False with errno
 * when the kernel refuses.
 */
bool group_join(struct groups *, uint8_t family, unsigned ifindex);
void group_leave(struct groups *, uint8_t family, unsigned ifindex);

#endif
