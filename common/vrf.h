/* SPDX-License-Identifier: ISC */
/* Which interfaces of this host belong to a VRF. */
#ifndef COMMON_VRF_H
#define COMMON_VRF_H

struct nlmsghdr;

/* Calls fn for each of them; the name is good until it returns. Without netlink
 * there are none. */
void vrf_members(void (*fn)(const char *name, void *arg), void *arg);
/* The name in an RTM_NEWLINK, which is whole and stays the message's; NULL: the
 * interface belongs to no VRF, or it is another message. */
const char *vrf_member(const struct nlmsghdr *);

#endif
