/* SPDX-License-Identifier: ISC */
/* Interfaces and addresses between rtnetlink's attributes and our structs. */
#ifndef IPVSD_KERNEL_ADDR_NL_MSG_H
#define IPVSD_KERNEL_ADDR_NL_MSG_H

#include <net/if.h>

#include "desired/diff.h"
#include "net/netlink_iface.h"

/* What marks an address as ours where the kernel knows IFA_PROTO (5.18). */
#define ADDR_PROTO    84
/* Seconds that a held address lives on without us. */
#define ADDR_LIFETIME 10

/* Settings of an interface; only raised, put back when not needed. */
#define IFACE_SETTING_TABLE(X)                                                 \
	X(ARP_IGNORE, "arp_ignore", IPV4_DEVCONF_ARP_IGNORE, 1)                \
	X(ARP_ANNOUNCE, "arp_announce", IPV4_DEVCONF_ARP_ANNOUNCE, 2)          \
	X(PROMOTE, "promote_secondaries", IPV4_DEVCONF_PROMOTE_SECONDARIES, 1) \
	X(ACCEPT_LOCAL, "accept_local", IPV4_DEVCONF_ACCEPT_LOCAL, 1)

enum iface_setting {
#define X(id, name, devconf, value) IFACE_SETTING_##id,
	IFACE_SETTING_TABLE(X)
#undef X
	    IFACE_SETTING_MAX
};
const char *iface_setting_name(enum iface_setting);
/* What it is raised to. */
uint32_t iface_setting_value(enum iface_setting);

struct live_iface {
	uint32_t index;
	uint32_t flags; /* IFF_* */
	char name[IFNAMSIZ];
	uint32_t settings[IFACE_SETTING_MAX];
	bool in_vrf;
	bool known; /* settings have been read */
};

/* The next request of the batch (netlink.h): RTM_NEWADDR or RTM_DELADDR, with
 * flags NLM_F_*. */
struct nl_msg *addr_nl_compose(struct netlink *, const struct desired_address *,
    uint32_t ifindex, int type, int flags);
/* The same, for a setting of an interface: RTM_SETLINK. */
void addr_nl_compose_iface(
    struct netlink *, uint32_t ifindex, enum iface_setting, uint32_t value);

/* An interface and its settings. False: as netlink_read_iface(). */
bool addr_nl_read_iface(const struct nlmsghdr *, struct live_iface *);

#endif
