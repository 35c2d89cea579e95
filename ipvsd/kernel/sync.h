/* SPDX-License-Identifier: ISC */
/*
 * IPVS options, time-outs and the daemons of the kernel's connection
 * synchronisation. They follow the configuration, and go back to what was
 * found there.
 */
#ifndef IPVSD_KERNEL_SYNC_H
#define IPVSD_KERNEL_SYNC_H

#include <stdio.h>

#include "kernel/ipvs_nl.h"
#include "kernel/turn.h"

struct kernel_sync;

struct kernel_sync *sync_new(
    struct kernel_turn *, struct event_base *, struct ipvs_nl *);
void sync_free(struct kernel_sync *);

/* The daemons are to be compared; or everything is. */
void sync_touch_daemons(struct kernel_sync *);
void sync_touch(struct kernel_sync *);
/* True: it did something. */
bool sync_step(struct kernel_sync *);

/*
 * ipvsd leaves. flush: nothing is wanted any more. True: the master daemon
 * has connections to send yet; a turn comes when it is time to ask again.
 */
bool sync_leave_waits(struct kernel_sync *, bool flush);
/* Puts everything back as it was. */
void sync_leave(struct kernel_sync *);

/* "vs NAME VALUE", "timeouts TCP TCP_FIN UDP" and "daemons" lines. */
void sync_save(const struct kernel_sync *, FILE *);
/* False: the line is another's. */
bool sync_load(struct kernel_sync *, const char *line);

#endif
