/* SPDX-License-Identifier: ISC */
/*
 * The client's side of the rendezvous, where ipvsd hands out the ends of the
 * socketpairs: connects, checks that the server is ipvsd's user (or root, who
 * bound it before dropping), says HELLO, takes LINK messages with their fds.
 * It tries again with back-off for ever. The server's side is ipvsd/broker.c.
 */
#ifndef COMMON_LINK_RENDEZVOUS_H
#define COMMON_LINK_RENDEZVOUS_H

#include <sys/types.h>

#include <event2/event.h>

#include "link/link.h"

/*
 * The socket's name in DIR. Each role has its own, so that none can keep the
 * other from it. vrrpd's is the name that all roles once shared: a vrrpd of
 * that version must find a newer ipvsd before its leases run out.
 */
const char *rendezvous_name(enum role);

struct rendezvous;

/* Called for every LINK; the callee owns the end's fd. */
typedef void (*rendezvous_link_fn)(const struct link_end *, void *arg);

struct rendezvous *rendezvous_new(struct event_base *, const char *dir,
    enum role self, rendezvous_link_fn, void *arg);
/*
 * Says HELLO again, at most once a second. For a link that is down while the
 * rendezvous is up.
 */
void rendezvous_again(struct rendezvous *);
void rendezvous_free(struct rendezvous *);

#endif
