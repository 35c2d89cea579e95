/* SPDX-License-Identifier: ISC */
/* IPVS between generic netlink's attributes and our structs (linux/ip_vs.h). */
#ifndef IPVSD_KERNEL_IPVS_NL_MSG_H
#define IPVSD_KERNEL_IPVS_NL_MSG_H

#include "desired/diff.h"
#include "net/netlink.h"

/* The next request of the batch (netlink.h). family: the number that the kernel
 * has given to IPVS's. */
struct nl_msg *ipvs_nl_request(struct netlink *, int family, uint8_t command);
struct nl_msg *ipvs_nl_compose(
    struct netlink *, int family, const struct ipvs_command *);

/* sched NULL: just what names the service. */
void ipvs_nl_put_service(
    struct nl_msg *, const struct ipvs_key *, const struct ipvs_sched *);
/* Not full: just which of the two daemons. */
void ipvs_nl_put_daemon(struct nl_msg *, const struct ipvs_daemon *, bool full);

/* The caller frees it; NULL when the message has none. */
struct ipvs_service *ipvs_nl_read_service(const struct nlmsghdr *);
/* family: the service's, for kernels that do not tell the destination's. */
bool ipvs_nl_read_dest(
    const struct nlmsghdr *, uint8_t family, struct ipvs_dest *);
bool ipvs_nl_read_daemon(const struct nlmsghdr *, struct ipvs_daemon *);

#endif
