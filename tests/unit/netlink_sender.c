/* SPDX-License-Identifier: ISC */
/* Who has sent a netlink datagram: only a whole address tells. */
#include "unit.h"

#include <string.h>

#include "net/netlink_sender.h"

static const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};

static void
test_kernel(void **state)
{
	struct sockaddr_nl from = kernel;

	(void)state;
	assert_true(netlink_sender_is_kernel(&from, sizeof(from)));
	/* The notification groups do not matter. */
	from.nl_groups = 1;
	assert_true(netlink_sender_is_kernel(&from, sizeof(from)));
}

static void
test_others(void **state)
{
	struct sockaddr_nl from = kernel;

	(void)state;
	from.nl_pid = 4711;
	assert_false(netlink_sender_is_kernel(&from, sizeof(from)));
	from = kernel;
	from.nl_family = AF_UNIX;
	assert_false(netlink_sender_is_kernel(&from, sizeof(from)));
}

/* What was in the memory before may look like the kernel's address. */
static void
test_length(void **state)
{
	struct sockaddr_nl from = kernel;

	(void)state;
	for (socklen_t len = 0; len < sizeof(from); len++)
		assert_false(netlink_sender_is_kernel(&from, len));
	assert_false(netlink_sender_is_kernel(&from, sizeof(from) + 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kernel),
	    cmocka_unit_test(test_others),
	    cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
