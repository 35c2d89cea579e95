/* SPDX-License-Identifier: ISC */
/* See ipvs_nl_msg.h. */
#include "kernel/ipvs_nl_msg.h"

#include <arpa/inet.h>
#include <linux/genetlink.h>

#include <stdio.h>
#include <string.h>

struct nl_msg *
ipvs_nl_request(struct netlink *netlink, int family, uint8_t command)
{
	struct genlmsghdr head = {.cmd = command, .version = IPVS_GENL_VERSION};

	return netlink_request(netlink, family, 0, &head, sizeof(head));
}

static void
put_addr_attr(struct nl_msg *msg, int type, const struct addr *addr)
{
	/* The kernel's union nf_inet_addr: 16 bytes for both families. */
	uint8_t bytes[16] = {0};

	memcpy(bytes, addr->bytes, addr_len(addr->family));
	netlink_put(msg, type, bytes, sizeof(bytes));
}

/* The IPv4 netmask of a prefix in network order; IPv6: the prefix itself. */
static uint32_t
granularity(uint8_t family, uint8_t prefix)
{
	if (family == AF_INET6)
		return prefix;
	return prefix == 0 ? 0 : htonl(UINT32_MAX << (32 - prefix));
}

void
ipvs_nl_put_service(struct nl_msg *msg, const struct ipvs_key *key,
    const struct ipvs_sched *sched)
{
	struct nlattr *nest = netlink_nest(msg, IPVS_CMD_ATTR_SERVICE);
	struct ip_vs_flags flags = {.mask = IPVS_FLAGS};

	netlink_put_u16(msg, IPVS_SVC_ATTR_AF, key->addr.family);
	if (key->fwmark != 0) {
		netlink_put_u32(msg, IPVS_SVC_ATTR_FWMARK, key->fwmark);
	} else {
		netlink_put_u16(msg, IPVS_SVC_ATTR_PROTOCOL, key->protocol);
		put_addr_attr(msg, IPVS_SVC_ATTR_ADDR, &key->addr);
		netlink_put_u16(msg, IPVS_SVC_ATTR_PORT, htons(key->port));
	}
	if (sched != NULL) {
		flags.flags = sched->flags;
		netlink_put_string(msg, IPVS_SVC_ATTR_SCHED_NAME, sched->name);
		netlink_put(msg, IPVS_SVC_ATTR_FLAGS, &flags, sizeof(flags));
		netlink_put_u32(msg, IPVS_SVC_ATTR_TIMEOUT,
		    sched->flags & IP_VS_SVC_F_PERSISTENT ? sched->timeout : 0);
		netlink_put_u32(msg, IPVS_SVC_ATTR_NETMASK,
		    granularity(key->addr.family, sched->prefix));
	}
	nla_nest_end(msg, nest);
}

/* Not full: just what names the destination. */
static void
put_dest(struct nl_msg *msg, const struct ipvs_dest *dest, bool full)
{
	struct nlattr *nest = netlink_nest(msg, IPVS_CMD_ATTR_DEST);

	put_addr_attr(msg, IPVS_DEST_ATTR_ADDR, &dest->addr);
	netlink_put_u16(msg, IPVS_DEST_ATTR_PORT, htons(dest->port));
	netlink_put_u16(msg, IPVS_DEST_ATTR_ADDR_FAMILY, dest->addr.family);
	if (full) {
#define X(member, attribute, size, bits) \
	netlink_put_##size(msg, IPVS_DEST_ATTR_##attribute, dest->conf.member);
		IPVS_DEST_CONF(X)
#undef X
	}
	nla_nest_end(msg, nest);
}

struct nl_msg *
ipvs_nl_compose(
    struct netlink *netlink, int family, const struct ipvs_command *command)
{
	static const uint8_t commands[IPVS_OP_MAX] = {
	    [IPVS_NEW_SERVICE] = IPVS_CMD_NEW_SERVICE,
	    [IPVS_SET_SERVICE] = IPVS_CMD_SET_SERVICE,
	    [IPVS_DEL_SERVICE] = IPVS_CMD_DEL_SERVICE,
	    [IPVS_NEW_DEST] = IPVS_CMD_NEW_DEST,
	    [IPVS_SET_DEST] = IPVS_CMD_SET_DEST,
	    [IPVS_DEL_DEST] = IPVS_CMD_DEL_DEST,
	};
	struct nl_msg *msg = ipvs_nl_request(
	    netlink, family, commands[command->op]);
	const struct ipvs_sched *sched = NULL;

	if (command->op == IPVS_NEW_SERVICE || command->op == IPVS_SET_SERVICE)
		sched = &command->sched;
	ipvs_nl_put_service(msg, &command->key, sched);
	if (command->op >= IPVS_NEW_DEST)
		put_dest(msg, &command->dest, command->op != IPVS_DEL_DEST);
	return msg;
}

/* Attributes of the kernel that are too short count as absent. */
static uint32_t
attr_u32(struct nlattr *attr)
{
	return attr != NULL && nla_len(attr) >= 4 ? nla_get_u32(attr) : 0;
}

static uint16_t
attr_u16(struct nlattr *attr)
{
	return attr != NULL && nla_len(attr) >= 2 ? nla_get_u16(attr) : 0;
}

static uint64_t
attr_u64(struct nlattr *attr)
{
	return attr != NULL && nla_len(attr) >= 8 ? nla_get_u64(attr) : 0;
}

static bool
attr_addr(struct nlattr *attr, uint8_t family, struct addr *addr)
{
	size_t len = addr_len(family);

	memset(addr, 0, sizeof(*addr));
	if (attr == NULL || len == 0 || (size_t)nla_len(attr) < len)
		return false;
	addr->family = family;
	memcpy(addr->bytes, nla_data(attr), len);
	return true;
}

/* The 64-bit counters where the kernel has them (4.1 and later). */
static void
read_counters(
    struct nlattr *wide, struct nlattr *narrow, struct ipvs_counters *counters)
{
	struct nlattr *attrs[IPVS_STATS_ATTR_MAX + 1];
	struct nlattr *nest = wide != NULL ? wide : narrow;

	if (nest == NULL ||
	    nla_parse_nested(attrs, IPVS_STATS_ATTR_MAX, nest, NULL) < 0)
		return;
	counters->in_bytes = attr_u64(attrs[IPVS_STATS_ATTR_INBYTES]);
	counters->out_bytes = attr_u64(attrs[IPVS_STATS_ATTR_OUTBYTES]);
	if (wide != NULL) {
		counters->conns = attr_u64(attrs[IPVS_STATS_ATTR_CONNS]);
		counters->in_packets = attr_u64(attrs[IPVS_STATS_ATTR_INPKTS]);
		counters->out_packets = attr_u64(
		    attrs[IPVS_STATS_ATTR_OUTPKTS]);
	} else {
		counters->conns = attr_u32(attrs[IPVS_STATS_ATTR_CONNS]);
		counters->in_packets = attr_u32(attrs[IPVS_STATS_ATTR_INPKTS]);
		counters->out_packets = attr_u32(
		    attrs[IPVS_STATS_ATTR_OUTPKTS]);
	}
}

static bool
read_nest(
    const struct nlmsghdr *header, int type, struct nlattr **attrs, int max)
{
	struct nlattr *top[IPVS_CMD_ATTR_MAX + 1];

	if (header->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN) ||
	    nlmsg_parse((struct nlmsghdr *)(uintptr_t)header, GENL_HDRLEN, top,
		IPVS_CMD_ATTR_MAX, NULL) < 0 ||
	    top[type] == NULL)
		return false;
	return nla_parse_nested(attrs, max, top[type], NULL) >= 0;
}

static bool
read_key(struct nlattr **attrs, struct ipvs_key *key)
{
	uint8_t family = (uint8_t)attr_u16(attrs[IPVS_SVC_ATTR_AF]);

	memset(key, 0, sizeof(*key));
	key->fwmark = attr_u32(attrs[IPVS_SVC_ATTR_FWMARK]);
	if (key->fwmark != 0) {
		key->addr.family = family;
		return addr_len(family) != 0;
	}
	key->protocol = (uint8_t)attr_u16(attrs[IPVS_SVC_ATTR_PROTOCOL]);
	key->port = ntohs(attr_u16(attrs[IPVS_SVC_ATTR_PORT]));
	return attr_addr(attrs[IPVS_SVC_ATTR_ADDR], family, &key->addr);
}

struct ipvs_service *
ipvs_nl_read_service(const struct nlmsghdr *header)
{
	struct nlattr *attrs[IPVS_SVC_ATTR_MAX + 1], *flags;
	struct ipvs_service *service;
	struct ipvs_key key;
	uint32_t mask;

	if (!read_nest(
		header, IPVS_CMD_ATTR_SERVICE, attrs, IPVS_SVC_ATTR_MAX) ||
	    !read_key(attrs, &key))
		return NULL;
	service = ipvs_service_new(&key);
	if (attrs[IPVS_SVC_ATTR_SCHED_NAME] != NULL)
		(void)nla_strlcpy(service->sched.name,
		    attrs[IPVS_SVC_ATTR_SCHED_NAME],
		    sizeof(service->sched.name));
	flags = attrs[IPVS_SVC_ATTR_FLAGS];
	if (flags != NULL &&
	    (size_t)nla_len(flags) >= sizeof(struct ip_vs_flags))
		service->sched.flags = IPVS_FLAGS &
		    ((const struct ip_vs_flags *)nla_data(flags))->flags;
	service->sched.timeout = attr_u32(attrs[IPVS_SVC_ATTR_TIMEOUT]);
	mask = attr_u32(attrs[IPVS_SVC_ATTR_NETMASK]);
	service->sched.prefix = (uint8_t)(key.addr.family == AF_INET6 ?
		mask :
		(uint32_t)__builtin_popcount(mask));
	read_counters(attrs[IPVS_SVC_ATTR_STATS64], attrs[IPVS_SVC_ATTR_STATS],
	    &service->counters);
	return service;
}

bool
ipvs_nl_read_dest(
    const struct nlmsghdr *header, uint8_t family, struct ipvs_dest *dest)
{
	struct nlattr *attrs[IPVS_DEST_ATTR_MAX + 1];

	if (!read_nest(header, IPVS_CMD_ATTR_DEST, attrs, IPVS_DEST_ATTR_MAX))
		return false;
	memset(dest, 0, sizeof(*dest));
	if (attrs[IPVS_DEST_ATTR_ADDR_FAMILY] != NULL)
		family = (uint8_t)attr_u16(attrs[IPVS_DEST_ATTR_ADDR_FAMILY]);
	if (!attr_addr(attrs[IPVS_DEST_ATTR_ADDR], family, &dest->addr))
		return false;
	dest->port = ntohs(attr_u16(attrs[IPVS_DEST_ATTR_PORT]));
#define X(member, attribute, size, bits)                                     \
	dest->conf.member = attr_##size(attrs[IPVS_DEST_ATTR_##attribute]) & \
	    bits;
	IPVS_DEST_CONF(X)
#undef X
	dest->stats.active = attr_u32(attrs[IPVS_DEST_ATTR_ACTIVE_CONNS]);
	dest->stats.inactive = attr_u32(attrs[IPVS_DEST_ATTR_INACT_CONNS]);
	dest->stats.persistent = attr_u32(attrs[IPVS_DEST_ATTR_PERSIST_CONNS]);
	read_counters(attrs[IPVS_DEST_ATTR_STATS64],
	    attrs[IPVS_DEST_ATTR_STATS], &dest->stats.counters);
	return true;
}

void
ipvs_nl_put_daemon(
    struct nl_msg *msg, const struct ipvs_daemon *daemon, bool full)
{
	struct nlattr *nest = netlink_nest(msg, IPVS_CMD_ATTR_DAEMON);

	netlink_put_u32(msg, IPVS_DAEMON_ATTR_STATE, daemon->state);
	if (full) {
		netlink_put_string(
		    msg, IPVS_DAEMON_ATTR_MCAST_IFN, daemon->interface);
		netlink_put_u32(msg, IPVS_DAEMON_ATTR_SYNC_ID, daemon->id);
		if (daemon->group.family == AF_INET)
			netlink_put(msg, IPVS_DAEMON_ATTR_MCAST_GROUP,
			    daemon->group.bytes, 4);
		else if (daemon->group.family == AF_INET6)
			netlink_put(msg, IPVS_DAEMON_ATTR_MCAST_GROUP6,
			    daemon->group.bytes, 16);
		if (daemon->port != 0)
			netlink_put_u16(
			    msg, IPVS_DAEMON_ATTR_MCAST_PORT, daemon->port);
	}
	nla_nest_end(msg, nest);
}

bool
ipvs_nl_read_daemon(const struct nlmsghdr *header, struct ipvs_daemon *daemon)
{
	struct nlattr *attrs[IPVS_DAEMON_ATTR_MAX + 1];

	if (!read_nest(
		header, IPVS_CMD_ATTR_DAEMON, attrs, IPVS_DAEMON_ATTR_MAX))
		return false;
	memset(daemon, 0, sizeof(*daemon));
	daemon->state = attr_u32(attrs[IPVS_DAEMON_ATTR_STATE]);
	if (attrs[IPVS_DAEMON_ATTR_MCAST_IFN] != NULL)
		(void)nla_strlcpy(daemon->interface,
		    attrs[IPVS_DAEMON_ATTR_MCAST_IFN],
		    sizeof(daemon->interface));
	daemon->id = attr_u32(attrs[IPVS_DAEMON_ATTR_SYNC_ID]);
	daemon->port = attr_u16(attrs[IPVS_DAEMON_ATTR_MCAST_PORT]);
	if (!attr_addr(
		attrs[IPVS_DAEMON_ATTR_MCAST_GROUP], AF_INET, &daemon->group))
		(void)attr_addr(attrs[IPVS_DAEMON_ATTR_MCAST_GROUP6], AF_INET6,
		    &daemon->group);
	return true;
}
