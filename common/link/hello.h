/* SPDX-License-Identifier: ISC */
/*
 * What is said at the rendezvous: HELLO by a client, which tells the protocol
 * levels that it speaks, and LINK by ipvsd, which tells those of siblings. How
 * they are sent is rendezvous.c's and the broker's.
 */
#ifndef COMMON_LINK_HELLO_H
#define COMMON_LINK_HELLO_H

#include "link/link.h"

/* Both compose into a buffer of MSG_MAX and give the packet's length. */
size_t hello_compose(void *buf);
/* To a client of this level, of the other end of a pair; the fd goes beside. */
size_t hello_compose_link(void *buf, uint16_t level, const struct link_end *);

/* From a HELLO the level that it speaks. NULL, or what is wrong with it: text
 * until the next call. */
const char *hello_take(struct msg *, uint16_t *level);
/* From a LINK the peer, the epoch and the level. False: it has impossible
 * content. */
bool hello_take_link(struct msg *, struct link_end *);

#endif
