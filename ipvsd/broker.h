/* SPDX-License-Identifier: ISC */
/*
 * The server of the rendezvous. It makes the socketpairs of the three edges
 * (vrrpd-ipvsd, checkd-ipvsd, vrrpd-checkd) and hands out their ends. vrrpd and
 * checkd have a socket each (rendezvous_name()), where only the daemon's user
 * may connect, so one that floods its socket does not keep the other away. A
 * client's role follows from its socket and SO_PEERCRED, never from what it
 * says.
 */
#ifndef IPVSD_BROKER_H
#define IPVSD_BROKER_H

#include <sys/types.h>

#include <event2/event.h>

#include "link/link.h"

struct broker;

/* A client got a new pair, and this is ipvsd's end. The callee owns its fd. */
typedef void (*broker_link_fn)(const struct link_end *, void *arg);

/*
 * Binds both sockets, before privileges are dropped. Fatal on failure, and when
 * somebody listens on one already.
 */
struct broker *broker_new(
    struct event_base *, const char *dir, broker_link_fn, void *arg);
/* Whether both names are still those of its sockets. */
bool broker_is_there(const struct broker *);
/* Closes all sockets and removes their names. */
void broker_free(struct broker *);

#endif
