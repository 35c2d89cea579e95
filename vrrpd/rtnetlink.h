/* SPDX-License-Identifier: ISC */
/*
 * The rtnetlink socket that keeps the table of interfaces (iface.h) up to
 * date: a dump at the start and whenever notifications were lost, and
 * notifications otherwise.
 */
#ifndef VRRPD_RTNETLINK_H
#define VRRPD_RTNETLINK_H

#include <event2/event.h>
#include <stdbool.h>

struct ifaces;
struct rtnl;

/* Opens the socket, before priv_drop(). The table stays the caller's and must
 * outlive the socket. Fatal on failure. */
struct rtnl *rtnl_open(struct ifaces *);
/*
 * Asks for the first dump and reads from now on. changed(arg) is called after
 * reads that changed the table, and when the first dump is complete; never
 * before that.
 */
void rtnl_start(
    struct rtnl *, struct event_base *, void (*changed)(void *arg), void *arg);
/* Reads what waits, without going through the loop. True when more may
 * wait. */
bool rtnl_read(struct rtnl *);

#endif
