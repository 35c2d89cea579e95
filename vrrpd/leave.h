/* SPDX-License-Identifier: ISC */
/* How vrrpd ends: instances hand over, and then the loop ends. */
#ifndef VRRPD_LEAVE_H
#define VRRPD_LEAVE_H

#include <stdint.h>

struct vrrpd;

/* Comes before leave(). */
void leave_init(struct vrrpd *);
/* Leaves: instances whose three intervals are shorter than lease_ms hand over
 * first. The others keep their lease, for a vrrpd that is back soon. */
void leave(struct vrrpd *, uint64_t lease_ms);
/* Ends the loop if vrrpd leaves and no instance hands over any more. */
void leave_if_done(struct vrrpd *);

#endif
