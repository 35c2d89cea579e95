/* SPDX-License-Identifier: ISC */
/* rtnetlink's messages about links and addresses, see iface_msg.h. */
#include "iface_msg.h"

#include <net/if.h> /* before linux/if.h, which then yields to it */

#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <string.h>

#include "iface.h"

/* Copies what a link message says into an interface of the table. */
static void
set_link(
    struct iface *iface, const struct ifinfomsg *info, struct nlattr *attrs[])
{
	iface->up = (info->ifi_flags & IFF_UP) != 0;
	iface->running = (info->ifi_flags & IFF_RUNNING) != 0;
	iface->arp = (info->ifi_flags & IFF_NOARP) == 0;
	iface->ethernet = info->ifi_type == ARPHRD_ETHER &&
	    attrs[IFLA_ADDRESS] != NULL &&
	    nla_len(attrs[IFLA_ADDRESS]) == ETHER_ADDR_LEN;
	if (iface->ethernet)
		memcpy(
		    iface->mac, nla_data(attrs[IFLA_ADDRESS]), ETHER_ADDR_LEN);
	if (attrs[IFLA_MTU] != NULL)
		iface->mtu = nla_get_u32(attrs[IFLA_MTU]);
}

bool
iface_read_link(struct ifaces *ifaces, struct nlmsghdr *header)
{
	static const struct nla_policy policy[IFLA_MAX + 1] = {
	    [IFLA_IFNAME] = {.type = NLA_STRING, .maxlen = IFNAMSIZ},
	    [IFLA_MTU] = {.type = NLA_U32},
	};
	struct ifinfomsg *info = nlmsg_data(header);
	struct nlattr *attrs[IFLA_MAX + 1];
	struct iface *iface, was;

	/* A bridge's messages about its ports are of family AF_BRIDGE. */
	if (!nlmsg_valid_hdr(header, sizeof(*info)) ||
	    info->ifi_family != AF_UNSPEC)
		return false;
	if (header->nlmsg_type == RTM_DELLINK) {
		iface_remove(ifaces, (unsigned)info->ifi_index);
		return true;
	}
	if (nlmsg_parse(header, sizeof(*info), attrs, IFLA_MAX, policy) < 0 ||
	    attrs[IFLA_IFNAME] == NULL)
		return false;
	iface = iface_by_index(ifaces, (unsigned)info->ifi_index);
	memset(&was, 0, sizeof(was));
	if (iface != NULL)
		was = *iface;
	iface = iface_set(
	    ifaces, (unsigned)info->ifi_index, nla_data(attrs[IFLA_IFNAME]));
	if (iface == NULL)
		return false;
	set_link(iface, info, attrs);
	/* Many messages tell counters and the like alone. */
	return strcmp(was.name, iface->name) != 0 || was.up != iface->up ||
	    was.running != iface->running || was.mtu != iface->mtu ||
	    memcmp(was.mac, iface->mac, ETHER_ADDR_LEN) != 0;
}

bool
iface_read_address(struct ifaces *ifaces, struct nlmsghdr *header)
{
	static const struct nla_policy policy[IFA_MAX + 1] = {
	    [IFA_FLAGS] = {.type = NLA_U32},
	};
	struct ifaddrmsg *info = nlmsg_data(header);
	struct nlattr *attrs[IFA_MAX + 1], *local;
	struct addr addr;
	uint32_t flags;
	bool usable;

	if (!nlmsg_valid_hdr(header, sizeof(*info)) ||
	    nlmsg_parse(header, sizeof(*info), attrs, IFA_MAX, policy) < 0)
		return false;
	/* On a point-to-point link IFA_ADDRESS is the other end. */
	local = attrs[IFA_LOCAL] != NULL ? attrs[IFA_LOCAL] :
					   attrs[IFA_ADDRESS];
	if (local == NULL || addr_len(info->ifa_family) == 0 ||
	    (size_t)nla_len(local) != addr_len(info->ifa_family))
		return false;
	if (info->ifa_family == AF_INET)
		addr_from_in(&addr, nla_data(local));
	else
		addr_from_in6(&addr, nla_data(local));
	if (header->nlmsg_type == RTM_DELADDR)
		return iface_addr_remove(
		    ifaces, info->ifa_index, &addr, info->ifa_prefixlen);
	flags = attrs[IFA_FLAGS] != NULL ? nla_get_u32(attrs[IFA_FLAGS]) :
					   info->ifa_flags;
	usable = (flags & IFA_F_DADFAILED) == 0 &&
	    ((flags & IFA_F_TENTATIVE) == 0 || (flags & IFA_F_OPTIMISTIC) != 0);
	return iface_addr_set(
	    ifaces, info->ifa_index, &addr, info->ifa_prefixlen, usable);
}
