/* SPDX-License-Identifier: ISC */
/* What a turn of work (turn.h) does. */
#ifndef VRRPD_WORK_H
#define VRRPD_WORK_H

#include <stdbool.h>
#include <stdint.h>

struct vrrpd;

/*
 * Drains sockets and links if that is due, announces addresses, prepares and
 * applies a generation, looks at interfaces, frees instances that are done.
 * Goes on until the deadline; whether more is to do.
 */
bool work(struct vrrpd *, uint64_t deadline);

#endif
