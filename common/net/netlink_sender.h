/* SPDX-License-Identifier: ISC */
/*
 * Who has sent a netlink datagram. Another process may send to our socket as
 * well, and what it says is not the kernel's word.
 */
#ifndef COMMON_NET_NETLINK_SENDER_H
#define COMMON_NET_NETLINK_SENDER_H

#include <sys/socket.h>

#include <linux/netlink.h>
#include <stdbool.h>

/*
 * Whether it is the kernel, whose port is 0 (netlink(7)). len is what
 * recvfrom(2) or recvmsg(2) has set: what from has beyond it says nothing.
 */
bool netlink_sender_is_kernel(const struct sockaddr_nl *from, socklen_t len);

#endif
