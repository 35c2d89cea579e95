/* SPDX-License-Identifier: ISC */
/* See addr_nl_msg.h. */
#include "kernel/addr_nl_msg.h"

#include <linux/if_addr.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>

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

/* Attribute numbers that older headers do not have. */
#define ATTR_IFA_PROTO 11

static void
put_lifetime(struct nlmsghdr *msg, const struct desired_address *address)
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

struct nlmsghdr *
addr_nl_compose(const struct desired_address *address, uint32_t ifindex,
    int type, int flags)
{
	struct ifaddrmsg head = {
	    .ifa_family = address->addr.family,
	    .ifa_prefixlen = address->prefix,
	    .ifa_scope = address->scope,
	    .ifa_index = ifindex,
	};
	struct nlmsghdr *msg = netlink_request(
	    type, flags, &head, sizeof(head));
	size_t len = addr_len(address->addr.family);

	netlink_put(msg, IFA_LOCAL, address->addr.bytes, len);
	if (type == RTM_DELADDR)
		return msg;
	netlink_put(msg, IFA_ADDRESS, address->addr.bytes, len);
	if (address->label[0] != '\0')
		netlink_put_string(msg, IFA_LABEL, address->label);
	if (address->addr.family == AF_INET6)
		netlink_put_u32(msg, IFA_FLAGS, IFA_F_NODAD);
	put_lifetime(msg, address);
	netlink_put_u8(msg, ATTR_IFA_PROTO, ADDR_PROTO);
	return msg;
}

struct nlmsghdr *
addr_nl_compose_iface(
    uint32_t ifindex, enum iface_setting setting, uint32_t value)
{
	struct ifinfomsg head = {.ifi_index = (int)ifindex};
	struct nlmsghdr *msg = netlink_request(
	    RTM_SETLINK, 0, &head, sizeof(head));
	struct nlattr *spec, *inet, *conf;

	spec = netlink_nest(msg, IFLA_AF_SPEC);
	inet = netlink_nest(msg, AF_INET);
	conf = netlink_nest(msg, IFLA_INET_CONF);
	netlink_put_u32(msg, iface_settings[setting].devconf, value);
	netlink_nest_end(msg, conf);
	netlink_nest_end(msg, inet);
	netlink_nest_end(msg, spec);
	return msg;
}

static void
read_settings(struct nlattr *spec, struct live_iface *iface)
{
	struct nlattr *inet, *conf;
	uint32_t place;

	inet = nla_find(nla_data(spec), nla_len(spec), AF_INET);
	if (inet == NULL)
		return;
	conf = nla_find(nla_data(inet), nla_len(inet), IFLA_INET_CONF);
	if (conf == NULL)
		return;
	/* An array that begins with setting 1. */
	for (int i = 0; i < IFACE_SETTING_MAX; i++) {
		place = iface_settings[i].devconf - 1u;
		if ((size_t)nla_len(conf) < (place + 1) * sizeof(uint32_t))
			return;
		memcpy(&iface->settings[i],
		    (const uint8_t *)nla_data(conf) + place * sizeof(uint32_t),
		    sizeof(uint32_t));
	}
	iface->known = true;
}

bool
addr_nl_read_iface(const struct nlmsghdr *header, struct live_iface *iface)
{
	struct nlattr *attrs[IFLA_MAX + 1];
	const struct ifinfomsg *head;

	memset(iface, 0, sizeof(*iface));
	if (nlmsg_parse((struct nlmsghdr *)(uintptr_t)header, sizeof(*head),
		attrs, IFLA_MAX, NULL) < 0)
		return false;
	head = nlmsg_data(header);
	/* A bridge tells its ports with the same message. */
	if (head->ifi_family != AF_UNSPEC || attrs[IFLA_IFNAME] == NULL)
		return false;
	iface->index = (uint32_t)head->ifi_index;
	iface->flags = head->ifi_flags;
	(void)nla_strlcpy(iface->name, attrs[IFLA_IFNAME], sizeof(iface->name));
	if (attrs[IFLA_AF_SPEC] != NULL)
		read_settings(attrs[IFLA_AF_SPEC], iface);
	return true;
}

bool
addr_nl_read_address(const struct nlmsghdr *header,
    struct live_address *address, uint32_t *proto, uint32_t *valid)
{
	struct nlattr *attrs[ATTR_IFA_PROTO + 1], *from;
	const struct ifa_cacheinfo *life;
	const struct ifaddrmsg *head;
	size_t len;

	memset(address, 0, sizeof(*address));
	if (nlmsg_parse((struct nlmsghdr *)(uintptr_t)header, sizeof(*head),
		attrs, ATTR_IFA_PROTO, NULL) < 0)
		return false;
	head = nlmsg_data(header);
	from = attrs[IFA_LOCAL] != NULL ? attrs[IFA_LOCAL] : attrs[IFA_ADDRESS];
	len = addr_len(head->ifa_family);
	if (from == NULL || len == 0 || (size_t)nla_len(from) < len)
		return false;
	address->addr.family = head->ifa_family;
	memcpy(address->addr.bytes, nla_data(from), len);
	address->prefix = head->ifa_prefixlen;
	address->scope = head->ifa_scope;
	address->ifindex = head->ifa_index;
	if (attrs[IFA_LABEL] != NULL)
		(void)nla_strlcpy(
		    address->label, attrs[IFA_LABEL], sizeof(address->label));
	*proto = 0;
	if (attrs[ATTR_IFA_PROTO] != NULL &&
	    nla_len(attrs[ATTR_IFA_PROTO]) >= 1)
		*proto = nla_get_u8(attrs[ATTR_IFA_PROTO]);
	*valid = FOREVER;
	if (attrs[IFA_CACHEINFO] != NULL &&
	    (size_t)nla_len(attrs[IFA_CACHEINFO]) >= sizeof(*life)) {
		life = nla_data(attrs[IFA_CACHEINFO]);
		*valid = life->ifa_valid;
	}
	return true;
}
