/* SPDX-License-Identifier: ISC */
/* IPVS and rtnetlink messages: what is written is what is read. */
#include "unit.h"

#include <linux/genetlink.h>
#include <net/if.h> /* before linux/if.h, which then yields to it */

#include <linux/if_arp.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/addr_nl_msg.h"
#include "kernel/ipvs_nl_msg.h"

#define FAMILY 30 /* any number */

static struct netlink requests; /* they are not sent */

static void
test_service(void **state)
{
	struct ipvs_command command;
	struct ipvs_service *read;
	struct nlmsghdr *msg;

	(void)state;
	memset(&command, 0, sizeof(command));
	command.op = IPVS_NEW_SERVICE;
	assert_true(addr_parse(&command.key.addr, "10.0.0.100"));
	command.key.port = 8080;
	command.key.protocol = IPPROTO_UDP;
	(void)snprintf(command.sched.name, sizeof(command.sched.name), "wlc");
	command.sched.flags = IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_SCHED2;
	command.sched.timeout = 300;
	command.sched.prefix = 20;
	msg = nlmsg_hdr(ipvs_nl_compose(&requests, FAMILY, &command));
	assert_int_equal(msg->nlmsg_type, FAMILY);
	assert_true(msg->nlmsg_len <= NETLINK_REQUEST_MAX);
	read = ipvs_nl_read_service(msg);
	assert_non_null(read);
	assert_int_equal(ipvs_key_cmp(&read->key, &command.key), 0);
	assert_true(ipvs_sched_equal(&read->sched, &command.sched));
	assert_int_equal(read->sched.prefix, 20);
	ipvs_service_free(read);
	/* IPv6's granularity is the prefix itself. */
	assert_true(addr_parse(&command.key.addr, "2001:db8::1"));
	command.sched.prefix = 64;
	msg = nlmsg_hdr(ipvs_nl_compose(&requests, FAMILY, &command));
	read = ipvs_nl_read_service(msg);
	assert_int_equal(read->sched.prefix, 64);
	assert_int_equal(ipvs_key_cmp(&read->key, &command.key), 0);
	ipvs_service_free(read);
}

static void
test_dest(void **state)
{
	struct ipvs_command command;
	struct ipvs_dest dest;
	struct nlmsghdr *msg;

	(void)state;
	memset(&command, 0, sizeof(command));
	command.op = IPVS_SET_DEST;
	assert_true(addr_parse(&command.key.addr, "2001:db8::1"));
	assert_true(addr_parse(&command.dest.addr, "2001:db8::2"));
	command.dest.port = 443;
	command.dest.conf.weight = 77;
	command.dest.conf.forward = IP_VS_CONN_F_DROUTE;
	command.dest.conf.upper = 9;
	command.dest.conf.lower = 8;
	msg = nlmsg_hdr(ipvs_nl_compose(&requests, FAMILY, &command));
	assert_true(msg->nlmsg_len <= NETLINK_REQUEST_MAX);
	assert_true(ipvs_nl_read_dest(msg, AF_INET6, &dest));
	assert_int_equal(ipvs_dest_cmp(&dest, &command.dest), 0);
	assert_int_equal(dest.conf.weight, 77);
	assert_int_equal(dest.conf.forward, IP_VS_CONN_F_DROUTE);
	assert_int_equal(dest.conf.upper, 9);
	assert_int_equal(dest.conf.lower, 8);
}

static void
test_daemon(void **state)
{
	struct ipvs_daemon daemon, read;
	struct nl_msg *msg;

	(void)state;
	memset(&daemon, 0, sizeof(daemon));
	daemon.state = IP_VS_STATE_BACKUP;
	daemon.id = 17;
	daemon.port = 8849;
	(void)snprintf(daemon.interface, sizeof(daemon.interface), "eth1");
	assert_true(addr_parse(&daemon.group, "224.0.0.82"));
	msg = ipvs_nl_request(&requests, FAMILY, IPVS_CMD_NEW_DAEMON);
	ipvs_nl_put_daemon(msg, &daemon, true);
	assert_true(ipvs_nl_read_daemon(nlmsg_hdr(msg), &read));
	assert_int_equal(read.state, daemon.state);
	assert_int_equal(read.id, 17);
	assert_int_equal(read.port, 8849);
	assert_string_equal(read.interface, "eth1");
	assert_true(addr_equal(&read.group, &daemon.group));
}

/* Seconds that the address of a message lives. */
static uint32_t
valid(struct nlmsghdr *msg)
{
	struct nlattr *life = nlmsg_find_attr(
	    msg, sizeof(struct ifaddrmsg), IFA_CACHEINFO);

	assert_non_null(life);
	assert_true(nla_len(life) == sizeof(struct ifa_cacheinfo));
	return ((struct ifa_cacheinfo *)nla_data(life))->ifa_valid;
}

static void
test_address(void **state)
{
	struct desired_address address;
	struct netlink_address read;
	struct nlmsghdr *msg;

	(void)state;
	memset(&address, 0, sizeof(address));
	assert_true(addr_parse(&address.addr, "10.0.0.100"));
	address.prefix = 24;
	address.scope = RT_SCOPE_LINK;
	address.lifetime = true;
	(void)snprintf(address.label, sizeof(address.label), "eth0:1");
	msg = nlmsg_hdr(
	    addr_nl_compose(&requests, &address, 5, RTM_NEWADDR, NLM_F_CREATE));
	assert_true(netlink_read_address(msg, &read));
	assert_true(addr_equal(&read.addr, &address.addr));
	assert_int_equal(read.prefix, 24);
	assert_int_equal(read.scope, RT_SCOPE_LINK);
	assert_int_equal(read.ifindex, 5);
	assert_string_equal(read.label, "eth0:1");
	assert_int_equal(read.proto, ADDR_PROTO);
	assert_int_equal(valid(msg), ADDR_LIFETIME);
	address.lifetime = false;
	msg = nlmsg_hdr(
	    addr_nl_compose(&requests, &address, 5, RTM_NEWADDR, NLM_F_CREATE));
	assert_int_equal(valid(msg), UINT32_MAX);
	/* Not an address of its family: half of one, or more. */
	((struct ifaddrmsg *)nlmsg_data(msg))->ifa_family = AF_INET6;
	assert_false(netlink_read_address(msg, &read));
}

/* A setting that is written as it is read: an array, but by numbers. */
static void
test_iface(void **state)
{
	static const uint8_t mac[ETHER_ADDR_LEN] = {2, 0, 0, 0, 0, 7};
	struct ifinfomsg head = {
	    .ifi_index = 3, .ifi_flags = IFF_UP, .ifi_type = ARPHRD_ETHER};
	uint32_t conf[IPV4_DEVCONF_MAX] = {0};
	struct nl_msg *msg = netlink_request(
	    &requests, RTM_NEWLINK, 0, &head, sizeof(head));
	struct nlattr *spec, *inet;
	struct netlink_iface told;
	struct live_iface live;

	(void)state;
	netlink_put_string(msg, IFLA_IFNAME, "eth7");
	netlink_put(msg, IFLA_ADDRESS, mac, sizeof(mac));
	netlink_put_u32(msg, IFLA_MTU, 9000);
	netlink_put_u32(msg, IFLA_EVENT, IFLA_EVENT_NOTIFY_PEERS);
	assert_true(addr_nl_read_iface(nlmsg_hdr(msg), &live));
	assert_false(live.known);
	conf[IPV4_DEVCONF_ARP_ANNOUNCE - 1] = 2;
	assert_false(live.in_vrf);
	spec = netlink_nest(msg, IFLA_LINKINFO);
	netlink_put_string(msg, IFLA_INFO_KIND, "vrf"); /* it is one itself */
	nla_nest_end(msg, spec);
	assert_true(addr_nl_read_iface(nlmsg_hdr(msg), &live));
	assert_false(live.in_vrf);
	spec = netlink_nest(msg, IFLA_LINKINFO);
	netlink_put_string(msg, IFLA_INFO_KIND, "veth");
	netlink_put_string(msg, IFLA_INFO_SLAVE_KIND, "vrf");
	nla_nest_end(msg, spec);
	spec = netlink_nest(msg, IFLA_AF_SPEC);
	inet = netlink_nest(msg, AF_INET);
	netlink_put(msg, IFLA_INET_CONF, conf, sizeof(conf));
	nla_nest_end(msg, inet);
	nla_nest_end(msg, spec);
	assert_true(netlink_read_iface(nlmsg_hdr(msg), &told));
	assert_int_equal(told.index, 3);
	assert_int_equal(told.flags, IFF_UP);
	assert_string_equal(told.name, "eth7");
	assert_true(told.ethernet);
	assert_memory_equal(told.mac, mac, sizeof(mac));
	assert_int_equal(told.mtu, 9000);
	assert_int_equal(told.event, IFLA_EVENT_NOTIFY_PEERS);
	assert_true(addr_nl_read_iface(nlmsg_hdr(msg), &live));
	assert_true(live.known);
	assert_true(live.in_vrf);
	assert_int_equal(live.settings[IFACE_SETTING_ARP_ANNOUNCE], 2);
	assert_int_equal(live.settings[IFACE_SETTING_ARP_IGNORE], 0);
	/* A bridge's word on its port is not the interface's. */
	((struct ifinfomsg *)nlmsg_data(nlmsg_hdr(msg)))
	    ->ifi_family = AF_BRIDGE;
	assert_false(netlink_read_iface(nlmsg_hdr(msg), &told));
}

/* Half a message, or one of noise, is not read beyond its end. */
static void
test_noise(void **state)
{
	struct netlink_address address;
	struct ipvs_service *service;
	struct ipvs_command command;
	struct ipvs_daemon daemon;
	struct nlmsghdr *copy;
	struct live_iface iface;
	struct ipvs_dest dest;
	uint32_t a, len;
	struct nlmsghdr *msg;

	(void)state;
	srandom(2);
	memset(&command, 0, sizeof(command));
	command.op = IPVS_NEW_DEST;
	assert_true(addr_parse(&command.key.addr, "10.0.0.100"));
	command.dest.addr = command.key.addr;
	msg = nlmsg_hdr(ipvs_nl_compose(&requests, FAMILY, &command));
	len = msg->nlmsg_len;
	for (int round = 0; round < 20000; round++) {
		a = NLMSG_HDRLEN +
		    (uint32_t)random() % (len - NLMSG_HDRLEN + 1);
		/* Exactly as much as there is: a sanitizer sees the rest. */
		copy = malloc(a);
		assert_non_null(copy);
		memcpy(copy, msg, a);
		copy->nlmsg_len = a;
		for (int i = 0; i < round % 4 && a > NLMSG_HDRLEN; i++)
			((uint8_t *)copy)[NLMSG_HDRLEN +
			    (uint32_t)random() % (a - NLMSG_HDRLEN)] = (uint8_t)
			    random();
		service = ipvs_nl_read_service(copy);
		ipvs_service_free(service);
		(void)ipvs_nl_read_dest(copy, AF_INET, &dest);
		(void)ipvs_nl_read_daemon(copy, &daemon);
		(void)addr_nl_read_iface(copy, &iface);
		(void)netlink_read_address(copy, &address);
		free(copy);
	}
}

/* What is put into a request goes there, whatever else was begun since; and a
 * request that is used again has nothing of what was in it. */
static void
test_requests(void **state)
{
	struct genlmsghdr head = {.cmd = 1};
	struct nl_msg *first, *second;
	struct netlink batch = {.seq = 7};
	struct nlattr *nest;

	(void)state;
	first = netlink_request(&batch, FAMILY, 0, &head, sizeof(head));
	second = netlink_request(&batch, FAMILY, 0, &head, sizeof(head));
	assert_int_equal(nlmsg_hdr(first)->nlmsg_seq, 8);
	assert_int_equal(nlmsg_hdr(second)->nlmsg_seq, 9);
	nest = netlink_nest(first, 1);
	netlink_put_u16(first, 2, 80);
	netlink_put_string(first, 3, "wlc");
	nla_nest_end(first, nest);
	assert_int_equal(
	    nlmsg_hdr(second)->nlmsg_len, NLMSG_LENGTH(sizeof(head)));
	nest = nlmsg_find_attr(nlmsg_hdr(first), sizeof(head), 1);
	assert_non_null(nest);
	assert_int_equal(nla_len(nest), 16);
	assert_int_equal(nla_get_u16(nla_data(nest)), 80);
	nest = nla_find(nla_data(nest), nla_len(nest), 3);
	assert_non_null(nest);
	assert_string_equal(nla_get_string(nest), "wlc");
	batch.count = 0;
	assert_ptr_equal(
	    netlink_request(&batch, FAMILY, 0, &head, sizeof(head)), first);
	assert_int_equal(nlmsg_hdr(first)->nlmsg_seq, 10);
	assert_int_equal(
	    nlmsg_hdr(first)->nlmsg_len, NLMSG_LENGTH(sizeof(head)));
	assert_int_equal(nlmsg_hdr(first)->nlmsg_flags, NLM_F_REQUEST);
	netlink_close(&batch);
}

/* What ends a dump, and whether it was whole then. */
static void
test_parts(void **state)
{
	struct {
		struct nlmsghdr header;
		int code;
	} msg = {.header = {.nlmsg_len = sizeof(msg),
		     .nlmsg_seq = 5,
		     .nlmsg_type = RTM_NEWLINK}};
	struct netlink netlink = {.seq = 5};

	(void)state;
	/* No dump was asked for, or it is another's. */
	assert_int_equal(
	    netlink_part(&netlink, &msg.header), NETLINK_PART_NONE);
	netlink.reading = true;
	msg.header.nlmsg_seq = 4;
	assert_int_equal(
	    netlink_part(&netlink, &msg.header), NETLINK_PART_NONE);
	msg.header.nlmsg_seq = 5;
	assert_int_equal(
	    netlink_part(&netlink, &msg.header), NETLINK_PART_MESSAGE);
	msg.header.nlmsg_type = NLMSG_DONE;
	assert_int_equal(netlink_part(&netlink, &msg.header), NETLINK_PART_END);
	assert_false(netlink.reading);
	assert_int_equal(netlink.error, 0);
	/* It changed meanwhile: that is so until the end. */
	netlink.reading = true;
	msg.header.nlmsg_type = RTM_NEWLINK;
	msg.header.nlmsg_flags = NLM_F_DUMP_INTR;
	assert_int_equal(
	    netlink_part(&netlink, &msg.header), NETLINK_PART_MESSAGE);
	msg.header.nlmsg_type = NLMSG_DONE;
	msg.header.nlmsg_flags = 0;
	assert_int_equal(netlink_part(&netlink, &msg.header), NETLINK_PART_END);
	assert_int_equal(netlink.error, EINTR);
	/* The kernel gave up, in either form. */
	for (int i = 0; i < 2; i++) {
		netlink.error = 0;
		netlink.reading = true;
		msg.header.nlmsg_type = i == 0 ? NLMSG_DONE : NLMSG_ERROR;
		msg.code = -EMSGSIZE;
		assert_int_equal(
		    netlink_part(&netlink, &msg.header), NETLINK_PART_END);
		assert_int_equal(netlink.error, EMSGSIZE);
	}
	/* An end without a number, and a mere acknowledgement. */
	netlink.error = 0;
	netlink.reading = true;
	msg.code = 0;
	assert_int_equal(
	    netlink_part(&netlink, &msg.header), NETLINK_PART_NONE);
	msg.header.nlmsg_type = NLMSG_DONE;
	msg.header.nlmsg_len = sizeof(msg.header);
	assert_int_equal(netlink_part(&netlink, &msg.header), NETLINK_PART_END);
	assert_int_equal(netlink.error, 0);
}

static int
forget_requests(void **state)
{
	(void)state;
	netlink_close(&requests);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_service),
	    cmocka_unit_test(test_dest),
	    cmocka_unit_test(test_daemon),
	    cmocka_unit_test(test_address),
	    cmocka_unit_test(test_iface),
	    cmocka_unit_test(test_noise),
	    cmocka_unit_test(test_requests),
	    cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests(tests, NULL, forget_requests);
}
