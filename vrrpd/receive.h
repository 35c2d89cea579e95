/* SPDX-License-Identifier: ISC */
/* From a received packet to the instance that it concerns, or a counter. */
#ifndef VRRPD_RECEIVE_H
#define VRRPD_RECEIVE_H

struct received;

/* A socket_receive_fn: one packet of protocol 112, of any content. */
void receive_packet(const struct received *, void *vrrpd);
/* The same for ARP and neighbour advertisements: somebody else may have an
 * address that is held here. */
void receive_neighbour(const struct received *, void *vrrpd);

#endif
