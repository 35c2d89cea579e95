/* SPDX-License-Identifier: ISC */
/*
 * The kernel's interfaces and addresses are read, in slices, and then watched
 * by notifications. When some of these were lost everything is read anew.
 */
#ifndef IPVSD_KERNEL_WATCH_H
#define IPVSD_KERNEL_WATCH_H

#include "kernel/addr_nl.h"
#include "kernel/turn.h"

struct kernel_watch;

/*
 * Opens the sockets and asks for everything; NULL with errno. changed(): the
 * copy has other addresses than before or, with ifaces, other interfaces.
 */
struct kernel_watch *watch_new(struct kernel_turn *, struct event_base *,
    void (*changed)(bool ifaces, void *), void *arg);
void watch_free(struct kernel_watch *);

/* Reads everything anew, once a dump that is under way is over. */
void watch_want(struct kernel_watch *);
/* Goes on with a dump. False: there is nothing to do. */
bool watch_step(struct kernel_watch *);
/* A dump is wanted or under way. */
bool watch_is_reading(const struct kernel_watch *);
/* The first dump has been read. */
bool watch_is_known(const struct kernel_watch *);

/* The copy; for commands, too. */
struct addr_nl *watch_copy(struct kernel_watch *);
/* Whether an address of an instance is in its place. */
bool watch_has_address(
    const struct kernel_watch *, const struct conf_address *);
/* Whether it belongs to a VRF. */
bool watch_iface_in_vrf(const struct kernel_watch *, const char *interface);
/* An interface exists and is administratively up. */
bool watch_iface_up(const struct kernel_watch *, const char *interface);

#endif
