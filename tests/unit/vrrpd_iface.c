/* SPDX-License-Identifier: ISC */
/* vrrpd/iface.c: when neighbours have to learn anew where an interface is. */
#include "unit.h"

#include <linux/if_link.h>
#include <string.h>

#include "iface.h"
#include "net/netlink_iface.h"

static struct ifaces *ifaces;

/* What the kernel tells of an interface whose hardware address ends so. */
static bool
tell(uint32_t index, uint8_t last, uint32_t event)
{
	struct netlink_iface told = {.index = index,
	    .name = "eth0",
	    .ethernet = last != 0,
	    .mac = {2, 0, 0, 0, 0, last},
	    .event = event};

	told.name[3] = (char)('0' + index);
	return iface_told(ifaces, &told);
}

static void
test_moved(void **state)
{
	uint64_t moved;

	(void)state;
	ifaces = iface_new();
	assert_true(tell(1, 1, 0));
	assert_int_equal(iface_by_index(ifaces, 1)->moved, 0);
	assert_false(tell(1, 1, 0));
	assert_true(tell(1, 2, 0));
	moved = iface_by_index(ifaces, 1)->moved;
	assert_int_not_equal(moved, 0);
	assert_true(tell(2, 1, 0));
	assert_true(tell(2, 1, IFLA_EVENT_NOTIFY_PEERS));
	assert_true(iface_by_index(ifaces, 2)->moved > moved);
	assert_true(tell(1, 2, IFLA_EVENT_BONDING_FAILOVER));
	assert_true(iface_by_index(ifaces, 1)->moved >
	    iface_by_index(ifaces, 2)->moved);
	moved = iface_by_index(ifaces, 1)->moved;
	assert_false(tell(1, 2, IFLA_EVENT_FEATURES));
	assert_false(tell(1, 2, IFLA_EVENT_IGMP_RESEND));
	assert_int_equal(iface_by_index(ifaces, 1)->moved, moved);
	(void)tell(3, 0, 0); /* a hardware address comes: nobody knew it */
	(void)tell(3, 1, 0);
	assert_int_equal(iface_by_index(ifaces, 3)->moved, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
