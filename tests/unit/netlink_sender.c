/* SPDX-License-Identifier: ISC */
/* Who has sent a netlink datagram: only a whole address tells. And why a socket
 * could not be opened. */
#include "unit.h"

#include <sys/resource.h>

#include <errno.h>
#include <string.h>

#include "net/netlink.h"
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

/* What cannot be opened says why. */
static void
test_open(void **state)
{
	struct rlimit limit, none;
	struct netlink netlink;

	(void)state;
	assert_int_equal(netlink_open(&netlink, 4711), -1);
	assert_int_equal(errno, EPROTONOSUPPORT);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(netlink_open(&netlink, NETLINK_ROUTE), -1);
	assert_int_equal(errno, EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kernel),
	    cmocka_unit_test(test_others),
	    cmocka_unit_test(test_length),
	    cmocka_unit_test(test_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
