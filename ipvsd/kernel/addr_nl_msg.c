/* SPDX-License-Identifier: ISC */
/* See addr_nl_msg.h. */
#include "kernel/addr_nl_msg.h"

#include <linux/if_addr.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>

#include <string.h>

#define FOREVER UINT32_MAX

#define X(id, name, devconf, value) \
	[IFACE_SETTING_##id] = {name, devconf, value},
static const struct {
	const char *name;
	uint16_t devconf;
	uint32_t value;
} iface_settings[] = {IFACE_SETTING_TABLE(X)};
#undef X

const char *
iface_setting_name(enum iface_setting setting)
{
	return iface_settings[setting].name;
}

uint32_t
iface_setting_value(enum iface_setting setting)
{
	return iface_settings[setting].value;
}

static void
put_lifetime(struct nl_msg *msg, const struct desired_address *address)
{
	struct ifa_cacheinfo life = {
	    .ifa_valid = address->lifetime ? ADDR_LIFETIME : FOREVER,
	    .ifa_prefered = address->lifetime ? ADDR_LIFETIME : FOREVER,
	};

	/* The host does not send from a deprecated address by itself. */
	if (address->addr.family == AF_INET6)
		life.ifa_prefered = 0;
	netlink_put(msg, IFA_CACHEINFO, &life, sizeof(life));
}

struct nl_msg *
addr_nl_compose(struct netlink *netlink, const struct desired_address *address,
    uint32_t ifindex, int type, int flags)
{
	struct ifaddrmsg head = {
	    .ifa_family = address->addr.family,
	    .ifa_prefixlen = address->prefix,
	    .ifa_scope = address->scope,
	    .ifa_index = ifindex,
	};
	struct nl_msg *msg = netlink_request(
	    netlink, type, flags, &head, sizeof(head));
	size_t len = addr_len(address->addr.family);
	const uint8_t proto = ADDR_PROTO;

	netlink_put(msg, IFA_LOCAL, address->addr.bytes, len);
	if (type == RTM_DELADDR)
		return msg;
	netlink_put(msg, IFA_ADDRESS, address->addr.bytes, len);
	if (address->label[0] != '\0')
		netlink_put_string(msg, IFA_LABEL, address->label);
	if (address->addr.family == AF_INET6)
		netlink_put_u32(msg, IFA_FLAGS, IFA_F_NODAD);
	put_lifetime(msg, address);
	netlink_put(msg, NETLINK_IFA_PROTO, &proto, sizeof(proto));
	return msg;
}

void
addr_nl_compose_iface(struct netlink *netlink, uint32_t ifindex,
    enum iface_setting setting, uint32_t value)
{
	struct ifinfomsg head = {.ifi_index = (int)ifindex};
	struct nl_msg *msg = netlink_request(
	    netlink, RTM_SETLINK, 0, &head, sizeof(head));
	struct nlattr *spec, *inet, *conf;

	spec = netlink_nest(msg, IFLA_AF_SPEC);
	inet = netlink_nest(msg, AF_INET);
	conf = netlink_nest(msg, IFLA_INET_CONF);
	netlink_put_u32(msg, iface_settings[setting].devconf, value);
	nla_nest_end(msg, conf);
	nla_nest_end(msg, inet);
	nla_nest_end(msg, spec);
}

/* IFLA_INET_CONF is an array that begins with setting 1. */
static bool
read_settings(const struct nlattr *conf, struct live_iface *iface)
{
	uint32_t place;

	for (int i = 0; i < IFACE_SETTING_MAX; i++) {
		place = iface_settings[i].devconf - 1u;
		if ((size_t)nla_len(conf) < (place + 1) * sizeof(uint32_t))
			return false;
		memcpy(&iface->settings[i],
		    (const uint8_t *)nla_data(conf) + place * sizeof(uint32_t),
		    sizeof(uint32_t));
	}
	return true;
}

bool
addr_nl_read_iface(const struct nlmsghdr *header, struct live_iface *iface)
{
	struct netlink_iface told;

	memset(iface, 0, sizeof(*iface));
	if (!netlink_read_iface(header, &told))
		return false;
	iface->index = told.index;
	iface->flags = told.flags;
	iface->in_vrf = told.in_vrf;
	memcpy(iface->name, told.name, sizeof(iface->name));
	iface->known = told.inet_conf != NULL &&
	    read_settings(told.inet_conf, iface);
	return true;
}
