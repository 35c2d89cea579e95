/* SPDX-License-Identifier: ISC */
/* IPVS and rtnetlink messages: what is written is what is read. */
#include "unit.h"

#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/addr_nl_msg.h"
#include "kernel/ipvs_nl_msg.h"

#define FAMILY 30 /* any number */

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
	msg = ipvs_nl_compose(FAMILY, &command);
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
	msg = ipvs_nl_compose(FAMILY, &command);
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
	msg = ipvs_nl_compose(FAMILY, &command);
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
	struct nlmsghdr *msg;

	(void)state;
	memset(&daemon, 0, sizeof(daemon));
	daemon.state = IP_VS_STATE_BACKUP;
	daemon.id = 17;
	daemon.port = 8849;
	(void)snprintf(daemon.interface, sizeof(daemon.interface), "eth1");
	assert_true(addr_parse(&daemon.group, "224.0.0.82"));
	msg = ipvs_nl_request(FAMILY, IPVS_CMD_NEW_DAEMON);
	ipvs_nl_put_daemon(msg, &daemon, true);
	assert_true(ipvs_nl_read_daemon(msg, &read));
	assert_int_equal(read.state, daemon.state);
	assert_int_equal(read.id, 17);
	assert_int_equal(read.port, 8849);
	assert_string_equal(read.interface, "eth1");
	assert_true(addr_equal(&read.group, &daemon.group));
}

static void
test_address(void **state)
{
	struct desired_address address;
	struct live_address read;
	struct nlmsghdr *msg;
	uint32_t proto, valid;

	(void)state;
	memset(&address, 0, sizeof(address));
	assert_true(addr_parse(&address.addr, "10.0.0.100"));
	address.prefix = 24;
	address.scope = RT_SCOPE_LINK;
	address.lifetime = true;
	(void)snprintf(address.label, sizeof(address.label), "eth0:1");
	msg = addr_nl_compose(&address, 5, RTM_NEWADDR, NLM_F_CREATE);
	assert_true(addr_nl_read_address(msg, &read, &proto, &valid));
	assert_true(addr_equal(&read.addr, &address.addr));
	assert_int_equal(read.prefix, 24);
	assert_int_equal(read.scope, RT_SCOPE_LINK);
	assert_int_equal(read.ifindex, 5);
	assert_string_equal(read.label, "eth0:1");
	assert_int_equal(proto, ADDR_PROTO);
	assert_int_equal(valid, ADDR_LIFETIME);
	address.lifetime = false;
	msg = addr_nl_compose(&address, 5, RTM_NEWADDR, NLM_F_CREATE);
	assert_true(addr_nl_read_address(msg, &read, &proto, &valid));
	assert_int_equal(valid, UINT32_MAX);
}

/* Half a message, or one of noise, is not read beyond its end. */
static void
test_noise(void **state)
{
	struct live_address address;
	struct ipvs_service *service;
	struct ipvs_command command;
	struct ipvs_daemon daemon;
	struct nlmsghdr *copy;
	struct live_iface iface;
	struct ipvs_dest dest;
	uint32_t a, b, len;
	struct nlmsghdr *msg;

	(void)state;
	srandom(2);
	memset(&command, 0, sizeof(command));
	command.op = IPVS_NEW_DEST;
	assert_true(addr_parse(&command.key.addr, "10.0.0.100"));
	command.dest.addr = command.key.addr;
	msg = ipvs_nl_compose(FAMILY, &command);
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
		(void)addr_nl_read_address(copy, &address, &a, &b);
		free(copy);
	}
}

/* What is put into a request goes there, whatever else was begun since. */
static void
test_requests(void **state)
{
	union {
		struct nlmsghdr header;
		uint8_t bytes[NETLINK_REQUEST_MAX];
	} first;
	struct genlmsghdr head = {.cmd = 1};
	struct nlmsghdr *second;
	struct nlattr *nest;

	(void)state;
	second = netlink_request(30, 0, &head, sizeof(head));
	memset(&first, 0, sizeof(first));
	memcpy(&first, second, second->nlmsg_len);
	nest = netlink_nest(&first.header, 1);
	netlink_put_u16(&first.header, 2, 80);
	netlink_put_string(&first.header, 3, "wlc");
	netlink_nest_end(&first.header, nest);
	assert_int_equal(second->nlmsg_len, NLMSG_LENGTH(sizeof(head)));
	nest = nlmsg_find_attr(&first.header, sizeof(head), 1);
	assert_non_null(nest);
	assert_int_equal(nla_len(nest), 16);
	assert_int_equal(nla_get_u16(nla_data(nest)), 80);
	nest = nla_find(nla_data(nest), nla_len(nest), 3);
	assert_non_null(nest);
	assert_string_equal(nla_get_string(nest), "wlc");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_service),
	    cmocka_unit_test(test_dest),
	    cmocka_unit_test(test_daemon),
	    cmocka_unit_test(test_address),
	    cmocka_unit_test(test_noise),
	    cmocka_unit_test(test_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
