/* SPDX-License-Identifier: ISC */
/*
 * The client's side of DIR/rendezvous, where ipvsd hands out the ends of the
 * socketpairs: connects, checks that the server is ipvsd's user (or root, who
 * bound it before dropping), says HELLO, takes LINK messages with their fds.
 * It tries again with back-off for ever. The server's side is ipvsd/broker.c.
 */
#ifndef COMMON_RENDEZVOUS_H
#define COMMON_RENDEZVOUS_H

#include <sys/types.h>

#include <event2/event.h>

#include "msg.h"

struct rendezvous;

/* Called for every LINK; the callee owns fd. */
typedef void (*rendezvous_link_fn)(
    enum role peer, int fd, uint64_t epoch, pid_t pid, void *arg);

struct rendezvous *rendezvous_new(struct event_base *, const char *dir,
    enum role self, rendezvous_link_fn, void *arg);
/*
 * Says HELLO again, at most once a second: for a link that is down though
 * the rendezvous itself is up.
 */
void rendezvous_again(struct rendezvous *);
void rendezvous_free(struct rendezvous *);

#endif
