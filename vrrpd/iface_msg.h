/* SPDX-License-Identifier: ISC */
/*
 * rtnetlink's messages about links and addresses, read into the table of
 * iface.h. A message of any content is safe; what cannot be read is ignored.
 */
#ifndef VRRPD_IFACE_MSG_H
#define VRRPD_IFACE_MSG_H

#include <stdbool.h>

struct ifaces;
struct nlmsghdr;

/* RTM_NEWLINK or RTM_DELLINK. True when it changed something vrrpd uses. */
bool iface_read_link(struct ifaces *, struct nlmsghdr *);
/* RTM_NEWADDR or RTM_DELADDR. True when it changed something; a renewed
 * lifetime does not. */
bool iface_read_address(struct ifaces *, struct nlmsghdr *);

#endif
