/* SPDX-License-Identifier: ISC */
/* vrrpd hears of links and addresses from the kernel alone: recvmsg(2) and
 * what would be done with a message are the test's. */
#include "unit.h"

#include <sys/socket.h>

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "iface.h"
#include "net/netlink_iface.h"
#include "rtnetlink.h"

ssize_t __wrap_recvmsg(int, struct msghdr *, int);

static struct {
	struct sockaddr_nl from;
	socklen_t from_len; /* what the kernel says of it */
	bool waits;
	bool flood; /* another one waits at once */
} datagram;
static struct rtnl *rtnl; /* has no end */
static unsigned heard, received;

ssize_t
__wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
		struct rtattr name;
		char text[8];
	} link = {
	    .header = {.nlmsg_len = sizeof(link), .nlmsg_type = RTM_NEWLINK},
	    .info = {.ifi_index = 2},
	    .name = {.rta_type = IFLA_IFNAME,
		.rta_len = RTA_LENGTH(sizeof(link.text))},
	    .text = "eth0",
	};

	(void)fd;
	(void)flags;
	if (!datagram.waits) {
		errno = EAGAIN;
		return -1;
	}
	datagram.waits = datagram.flood;
	assert_true(++received < 1000);
	assert_true(msg->msg_namelen == sizeof(datagram.from));
	memcpy(msg->msg_name, &datagram.from, sizeof(datagram.from));
	msg->msg_namelen = datagram.from_len;
	memcpy(msg->msg_iov[0].iov_base, &link, sizeof(link));
	return sizeof(link);
}

bool
iface_told(struct ifaces *ifaces, const struct netlink_iface *told)
{
	(void)ifaces;
	assert_int_equal(told->index, 2);
	assert_string_equal(told->name, "eth0");
	heard++;
	return false;
}

void
iface_gone(struct ifaces *ifaces, unsigned index)
{
	(void)ifaces;
	(void)index;
}

bool
iface_address_told(struct ifaces *ifaces, const struct netlink_address *told)
{
	(void)ifaces;
	(void)told;
	return false;
}

bool
iface_address_gone(struct ifaces *ifaces, const struct netlink_address *told)
{
	(void)ifaces;
	(void)told;
	return false;
}

bool
iface_known(const struct ifaces *ifaces)
{
	(void)ifaces;
	return true;
}

void
iface_mark(struct ifaces *ifaces)
{
	(void)ifaces;
}

bool
iface_sweep(struct ifaces *ifaces)
{
	(void)ifaces;
	return false;
}

static unsigned
told(uint32_t port, socklen_t from_len)
{
	heard = 0;
	datagram.from = (struct sockaddr_nl){
	    .nl_family = AF_NETLINK, .nl_pid = port};
	datagram.from_len = from_len;
	datagram.waits = true;
	assert_false(rtnl_read(rtnl));
	assert_false(datagram.waits);
	return heard;
}

static void
test_sender(void **state)
{
	(void)state;
	rtnl = rtnl_open(NULL);
	assert_int_equal(told(0, sizeof(datagram.from)), 1);
	assert_int_equal(told(4711, sizeof(datagram.from)), 0);
	/* The zeros were there before. */
	assert_int_equal(told(0, 0), 0);
	assert_int_equal(told(0, sizeof(datagram.from) - 1), 0);
}

/* A taken-over ipvsd, which may send to us, does not keep us. */
static void
test_flood(void **state)
{
	(void)state;
	heard = received = 0;
	datagram.from = (struct sockaddr_nl){
	    .nl_family = AF_NETLINK, .nl_pid = 4711};
	datagram.from_len = sizeof(datagram.from);
	datagram.waits = datagram.flood = true;
	assert_true(rtnl_read(rtnl));
	assert_in_range(received, 1, 10);
	assert_int_equal(heard, 0);
	datagram.waits = datagram.flood = false;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sender),
	    cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
