/* SPDX-License-Identifier: ISC */
/*
 * All that ipvsd does to the kernel, behind one door. The caller keeps the
 * inputs (desired.h), says what they touch, and opens and closes instances;
 * this makes the kernel follow, in slices on the event loop, in this order:
 * addresses and services of an instance that takes over, then the rest. It
 * never blocks and never stays away for more than 5 ms.
 */
#ifndef IPVSD_KERNEL_KERNEL_H
#define IPVSD_KERNEL_KERNEL_H

#include <event2/event.h>
#include <stdio.h>

#include "desired/desired.h"
#include "desired/diff.h"
#include "desired/ipvs_table.h"
#include "kernel/index.h"
#include "kernel/kernel_handlers.h"
#include "kernel/kernel_stats.h"

struct kernel;

/*
 * Opens the sockets and asks for interfaces and addresses; needs CAP_NET_ADMIN
 * from here on. NULL, and logged.
 */
struct kernel *kernel_new(
    struct event_base *, const struct kernel_handlers *, void *arg);
/* Closes; changes nothing in the kernel. */
void kernel_free(struct kernel *);

/*
 * What an earlier run saved (former settings, addresses of ours), read
 * before kernel_configure(); and the same, written. Text lines.
 */
void kernel_load(struct kernel *, FILE *);
void kernel_save(const struct kernel *, FILE *);

/*
 * A generation, the first or the next. The input is the caller's and must
 * live until the next call or kernel_free(); the previous one (its conf
 * too) until this call returns. Open instances are matched by name: those
 * that are still there stay as they are, those that are gone are taken out.
 * Everything is compared, what differs written; idle() then. The index
 * (index.h) is taken over; what is missing of it is made now, all of it when
 * it is NULL.
 */
void kernel_configure(
    struct kernel *, const struct desired_input *, struct kernel_index *);

/*
 * Whether the kernel can do what a next configuration needs of it (trial.h).
 * False: `why' says what it cannot. Without ip_vs nothing is tried, and it is
 * true, because another node may have ip_vs. There is a configuration already.
 */
bool kernel_try(struct kernel *, const struct conf *, char *why, size_t);

/* A verdict changed input->health[probe]. */
void kernel_touch_probe(struct kernel *, uint32_t probe);
/* The duty of an instance became another; its addresses stay. */
void kernel_touch_instance(struct kernel *, uint32_t instance);
/* An override changed; index into conf->services. */
void kernel_touch_service(struct kernel *, uint32_t index);

/*
 * Gains: set input->duty[instance] to DUTY_GAINING or DUTY_MASTER, then this;
 * held() tells.
 * ARP settings, services, addresses. For a term that an earlier run left
 * too: what is there is taken over without a command.
 */
void kernel_hold(struct kernel *, uint32_t instance);
/*
 * Loses: set the duty to DUTY_BACKUP, then this; released() tells. Address
 * first (on a real server lo gets it before), then the services' weights.
 * handed_over: the new master is there already and sends what it balances, so
 * services that can be served here are not balanced any more before that.
 * Also abandons a hold that is under way (held() is not called then).
 */
void kernel_release(struct kernel *, uint32_t instance, bool handed_over);

/* Renews lifetimes now, where a term runs: not only when it is time. */
void kernel_renew(struct kernel *);

/* Compares everything with the kernel now: not only when it is time. */
void kernel_resync(struct kernel *);

/*
 * Leaves as `on_stop` says: flush takes out our services, addresses, lo
 * addresses, sync daemons, and puts settings back; keep only stops. done()
 * is called once, from the loop; nothing is done to the kernel after it.
 */
void kernel_leave(struct kernel *, void (*done)(void *), void *arg);

/*
 * A fresh dump with counters; then cb, once: read kernel_table(). Without
 * ip_vs at once. At most one dump runs, who asks meanwhile gets the next.
 */
void kernel_refresh(struct kernel *, void (*cb)(void *), void *arg);
/* The same for who takes a table of a bounded age (live_is_recent()): the dump
 * under way will do. True: the last one does, and cb is not called. */
bool kernel_recent(struct kernel *, void (*cb)(void *), void *arg);
/* The same of one service alone, which costs little; index into
 * conf->services. */
void kernel_refresh_service(
    struct kernel *, uint32_t index, void (*cb)(void *), void *arg);

/* What the kernel holds as of the last dump and the commands since. */
const struct ipvs_table *kernel_table(const struct kernel *);
const struct kernel_stats *kernel_stats(struct kernel *);
/* Whether an address of an instance is in its place. */
bool kernel_has_address(const struct kernel *, const struct conf_address *);
/* All that this host has, as of the last notification. */
const struct live_addresses *kernel_addresses(const struct kernel *);
/* The handler claimable() would now say yes where it said no. */
void kernel_claim(struct kernel *);
/* Exists and is administratively up. */
bool kernel_iface_up(const struct kernel *, const char *interface);

#endif
