/* SPDX-License-Identifier: ISC */
/* vrf.c: which of the kernel's messages is of an interface in a VRF.
 */
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "unit.h"
#include "vrf.h"

static union {
	struct nlmsghdr header;
	char bytes[512];
} message;

static struct rtattr *
put(unsigned short type, const void *data, size_t len)
{
	struct rtattr *attr = (void *)(message.bytes +
	    NLMSG_ALIGN(message.header.nlmsg_len));

	attr->rta_type = type;
	attr->rta_len = (unsigned short)RTA_LENGTH(len);
	if (data != NULL)
		memcpy(RTA_DATA(attr), data, len);
	message.header.nlmsg_len = NLMSG_ALIGN(message.header.nlmsg_len) +
	    (uint32_t)RTA_ALIGN(attr->rta_len);
	return attr;
}

/* An RTM_NEWLINK of eth0, whose master is of this kind; NULL: it has none. */
static void
make(unsigned short type, const char *kind, size_t len)
{
	struct rtattr *info;

	memset(&message, 0, sizeof(message));
	message.header.nlmsg_type = type;
	message.header.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg));
	put(IFLA_IFNAME, "eth0", sizeof("eth0"));
	info = put(IFLA_LINKINFO | NLA_F_NESTED, NULL, 0);
	put(IFLA_INFO_KIND, "vrf", sizeof("vrf"));
	if (kind != NULL)
		put(IFLA_INFO_SLAVE_KIND, kind, len);
	info->rta_len = (unsigned short)(message.bytes +
	    message.header.nlmsg_len - (char *)info);
}

static void
a_member_is_known_by_its_masters_kind(void **state)
{
	(void)state;
	make(RTM_NEWLINK, "vrf", sizeof("vrf"));
	assert_string_equal(vrf_member(&message.header), "eth0");
	make(RTM_NEWLINK, "vrf", 3); /* as it is without a NUL */
	assert_string_equal(vrf_member(&message.header), "eth0");
	make(RTM_NEWLINK, NULL, 0); /* the VRF itself */
	assert_null(vrf_member(&message.header));
	make(RTM_NEWLINK, "vrfs", sizeof("vrfs"));
	assert_null(vrf_member(&message.header));
	make(RTM_NEWLINK, "bridge", sizeof("bridge"));
	assert_null(vrf_member(&message.header));
	make(RTM_DELLINK, "vrf", sizeof("vrf"));
	assert_null(vrf_member(&message.header));
}

/* Whatever is cut off, nothing behind the message is read. */
static void
what_is_cut_short_is_none(void **state)
{
	uint32_t whole;

	(void)state;
	make(RTM_NEWLINK, "vrf", sizeof("vrf"));
	whole = message.header.nlmsg_len;
	for (uint32_t len = sizeof(struct nlmsghdr); len < whole; len++) {
		message.header.nlmsg_len = len;
		assert_null(vrf_member(&message.header));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_member_is_known_by_its_masters_kind),
	    cmocka_unit_test(what_is_cut_short_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
