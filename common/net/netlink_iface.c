/* SPDX-License-Identifier: ISC */
/* See netlink_iface.h. */
#include "net/netlink_iface.h"

#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <netlink/socket.h>

#include <errno.h>
#include <string.h>

int
netlink_iface_open(struct netlink *netlink)
{
	int error;

	if (netlink_open(netlink, NETLINK_ROUTE) == -1)
		return -1;
	if (nl_socket_add_memberships(netlink->sock, RTNLGRP_LINK,
		RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0) == 0)
		return 0;
	error = errno;
	netlink_close(netlink);
	errno = error;
	return -1;
}

int
netlink_iface_dump(struct netlink *netlink, int type)
{
	struct ifinfomsg head = {.ifi_family = AF_UNSPEC};
	struct nl_msg *msg = netlink_request(
	    netlink, type, 0, &head, sizeof(head));

	if (type == RTM_GETLINK)
		netlink_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return netlink_dump(netlink);
}

/* Whether IFLA_LINKINFO says that the interface belongs to a VRF. */
static bool
is_in_vrf(struct nlattr *info)
{
	static const char kind[] = "vrf";
	struct nlattr *master = nla_find(
	    nla_data(info), nla_len(info), IFLA_INFO_SLAVE_KIND);

	return master != NULL && nla_len(master) == sizeof(kind) &&
	    memcmp(nla_data(master), kind, sizeof(kind)) == 0;
}

bool
netlink_read_iface(const struct nlmsghdr *header, struct netlink_iface *iface)
{
	static const struct nla_policy policy[IFLA_MAX + 1] = {
	    [IFLA_IFNAME] = {.type = NLA_STRING, .maxlen = IFNAMSIZ},
	    [IFLA_MTU] = {.type = NLA_U32},
	    [IFLA_EVENT] = {.type = NLA_U32},
	};
	struct nlattr *attrs[IFLA_MAX + 1], *inet = NULL, *mac;
	const struct ifinfomsg *head;

	memset(iface, 0, sizeof(*iface));
	if (nlmsg_parse((struct nlmsghdr *)(uintptr_t)header, sizeof(*head),
		attrs, IFLA_MAX, policy) < 0)
		return false;
	head = nlmsg_data(header);
	/* A bridge tells its ports with the same message. */
	if (head->ifi_family != AF_UNSPEC || attrs[IFLA_IFNAME] == NULL)
		return false;
	iface->index = (uint32_t)head->ifi_index;
	iface->flags = head->ifi_flags;
	(void)nla_strlcpy(iface->name, attrs[IFLA_IFNAME], sizeof(iface->name));
	mac = attrs[IFLA_ADDRESS];
	if (head->ifi_type == ARPHRD_ETHER && mac != NULL &&
	    nla_len(mac) == ETHER_ADDR_LEN) {
		iface->ethernet = true;
		memcpy(iface->mac, nla_data(mac), ETHER_ADDR_LEN);
	}
	if (attrs[IFLA_MTU] != NULL)
		iface->mtu = nla_get_u32(attrs[IFLA_MTU]);
	iface->in_vrf = attrs[IFLA_LINKINFO] != NULL &&
	    is_in_vrf(attrs[IFLA_LINKINFO]);
	if (attrs[IFLA_EVENT] != NULL)
		iface->event = nla_get_u32(attrs[IFLA_EVENT]);
	if (attrs[IFLA_AF_SPEC] != NULL)
		inet = nla_find(nla_data(attrs[IFLA_AF_SPEC]),
		    nla_len(attrs[IFLA_AF_SPEC]), AF_INET);
	if (inet != NULL)
		iface->inet_conf = nla_find(
		    nla_data(inet), nla_len(inet), IFLA_INET_CONF);
	return true;
}

bool
netlink_read_address(
    const struct nlmsghdr *header, struct netlink_address *address)
{
	static const struct nla_policy policy[NETLINK_IFA_PROTO + 1] = {
	    [IFA_LABEL] = {.type = NLA_STRING, .maxlen = IFNAMSIZ},
	    [IFA_FLAGS] = {.type = NLA_U32},
	    [NETLINK_IFA_PROTO] = {.type = NLA_U8},
	};
	struct nlattr *attrs[NETLINK_IFA_PROTO + 1], *from;
	const struct ifaddrmsg *head;
	size_t len;

	memset(address, 0, sizeof(*address));
	if (nlmsg_parse((struct nlmsghdr *)(uintptr_t)header, sizeof(*head),
		attrs, NETLINK_IFA_PROTO, policy) < 0)
		return false;
	head = nlmsg_data(header);
	/* On a point-to-point link IFA_ADDRESS is the other end. */
	from = attrs[IFA_LOCAL] != NULL ? attrs[IFA_LOCAL] : attrs[IFA_ADDRESS];
	len = addr_len(head->ifa_family);
	if (from == NULL || len == 0 || (size_t)nla_len(from) != len)
		return false;
	address->addr.family = head->ifa_family;
	memcpy(address->addr.bytes, nla_data(from), len);
	address->prefix = head->ifa_prefixlen;
	address->scope = head->ifa_scope;
	address->ifindex = head->ifa_index;
	address->flags = attrs[IFA_FLAGS] != NULL ?
	    nla_get_u32(attrs[IFA_FLAGS]) :
	    head->ifa_flags;
	if (attrs[IFA_LABEL] != NULL)
		(void)nla_strlcpy(
		    address->label, attrs[IFA_LABEL], sizeof(address->label));
	if (attrs[NETLINK_IFA_PROTO] != NULL)
		address->proto = nla_get_u8(attrs[NETLINK_IFA_PROTO]);
	return true;
}
