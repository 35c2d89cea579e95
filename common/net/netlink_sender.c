/* SPDX-License-Identifier: ISC */
/* See netlink_sender.h. */
#include "net/netlink_sender.h"

bool
netlink_sender_is_kernel(const struct sockaddr_nl *from, socklen_t len)
{
	return len == sizeof(*from) && from->nl_family == AF_NETLINK &&
	    from->nl_pid == 0;
}
