/* SPDX-License-Identifier: ISC */
/*
 * Telling the neighbours where the addresses are: a gratuitous ARP (RFC 9568
 * 6.4.2 and erratum 7949) or an unsolicited neighbour advertisement (RFC 4861
 * 7.2.6) for each address, on the interface that holds it. fsm/announce.h
 * says when.
 */
#ifndef VRRPD_ANNOUNCE_H
#define VRRPD_ANNOUNCE_H

#include <stdbool.h>
#include <stdint.h>

struct instance;
struct vrrpd;

/* Announces each address once: some at once, the rest in turns of work. While
 * they are on their way, all follow once more, at most garp.count times. */
void announce_begin(struct instance *);
/* Drops the rest. */
void announce_cancel(struct instance *);
/* Goes on until the deadline; whether more is to do. */
bool announce_step(struct vrrpd *, uint64_t deadline);

#endif
