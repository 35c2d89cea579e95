/* SPDX-License-Identifier: ISC */
/*
 * An advert on its way out of this host, whoever sends it, as a packet socket
 * shows it. Pure, as packet.h.
 */
#ifndef VRRPD_PACKET_OUTGOING_H
#define VRRPD_PACKET_OUTGOING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

struct outgoing {
	uint8_t family; /* AF_INET or AF_INET6 */
	uint8_t vrid;
	uint8_t priority;
	struct addr source;
};

/*
 * Reads a packet of any content, from its IP header on. False: it is no
 * advertisement. It need not be one that vrrp_accept() takes: a program that
 * has a password or sends to one host alone is master of its addresses, too.
 */
bool outgoing_decode(struct outgoing *, const uint8_t *packet, size_t len);

#endif
