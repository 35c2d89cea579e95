/* SPDX-License-Identifier: ISC */
/*
 * The server of the rendezvous: makes the socketpairs of the three edges
 * (vrrpd-ipvsd, checkd-ipvsd, vrrpd-checkd) and hands out their ends. Each role
 * has a socket to itself (rendezvous_name()), where only its user may connect:
 * whoever floods his own keeps nobody else from his. A client's role is its
 * user's, by SO_PEERCRED, never what it says.
 */
#ifndef IPVSD_BROKER_H
#define IPVSD_BROKER_H

#include <sys/types.h>

#include <event2/event.h>

#include "link/msg.h"

struct broker;

/* ipvsd's own end of a new pair; the callee owns fd. pid is the peer's. */
typedef void (*broker_link_fn)(
    enum role peer, int fd, uint64_t epoch, pid_t pid, void *arg);

/*
 * Binds both sockets, before privileges are dropped. Refuses to take over one
 * where somebody listens. Fatal on failure.
 */
struct broker *broker_new(
    struct event_base *, const char *dir, broker_link_fn, void *arg);
/* Closes all and removes the sockets' names. */
void broker_free(struct broker *);

#endif
