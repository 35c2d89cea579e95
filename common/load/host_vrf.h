/* SPDX-License-Identifier: ISC */
/* Which interfaces of this host belong to a VRF. */
#ifndef COMMON_LOAD_HOST_VRF_H
#define COMMON_LOAD_HOST_VRF_H

#include "load/source.h"

struct nlmsghdr;

/* Puts their names into s->host.in_vrf. Without netlink there are none. */
void host_vrf_read(struct conf_source *);
/* The name in an RTM_NEWLINK, which is whole and stays the message's; NULL: the
 * interface belongs to no VRF, or it is another message. */
const char *host_vrf_member(const struct nlmsghdr *);

#endif
