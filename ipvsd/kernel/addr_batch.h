/* SPDX-License-Identifier: ISC */
/* Commands on addresses and interfaces, many to one message. */
#ifndef IPVSD_KERNEL_ADDR_BATCH_H
#define IPVSD_KERNEL_ADDR_BATCH_H

#include "kernel/addr_nl.h"

/* Sends at most NETLINK_BATCH; errors[i] as in ipvs_nl_batch(). What the
 * kernel accepts is applied to the copy. */
int addr_batch_send(struct addr_nl *, const struct address_command *,
    uint32_t count, int *errors, uint64_t now);
/* Renews the lifetime of addresses that are there. errors[i]: as above. */
int addr_batch_renew(struct addr_nl *, const struct desired_address *,
    uint32_t count, int *errors, uint64_t now);
/* Sets a setting of an interface, by netlink or else by /proc. An errno. */
int addr_batch_set(
    struct addr_nl *, struct live_iface *, enum iface_setting, uint32_t value);

#endif
