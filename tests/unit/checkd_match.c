/* SPDX-License-Identifier: ISC */
/* checkd/match.c: which probe keeps its state across a reload. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "checkd/match.h"

static struct conf_status_range ok[] = {{200, 299}};
static struct conf_status_range strict[] = {{200, 200}};

static struct conf_probe
tcp(uint32_t id, uint8_t last, uint16_t port)
{
	struct conf_probe probe = {
	    .id = id,
	    .check = "",
	    .type = CHECK_TCP,
	    .port = port,
	    .addr = {AF_INET, {10, 0, 0, last}},
	    .interval = 5000,
	    .timeout = 2000,
	    .rise = 2,
	    .fall = 3,
	    .warm_up = 1000,
	};

	return probe;
}

static struct conf_probe
http(uint32_t id, const char *path)
{
	struct conf_probe probe = tcp(id, 1, 80);

	probe.type = CHECK_HTTP;
	probe.method = "GET";
	probe.path = path;
	probe.status = ok;
	probe.status_count = 1;
	return probe;
}

/* Other ids, another order, other names: still the same probes. */
static void
test_moved(void **state)
{
	struct conf_probe a[] = {
	    tcp(0, 1, 80), tcp(1, 2, 80), http(2, "/"), http(5, "/x")};
	struct conf_probe b[] = {http(10, "/x"), tcp(11, 3, 80), tcp(12, 1, 80),
	    http(13, "/"), http(14, "/y")};
	struct conf old = {.probes = a, .probe_count = 4};
	struct conf new = {.probes = b, .probe_count = 5};
	uint32_t to[5];

	(void)state;
	b[2].check = "named now";
	b[2].warm_up = 7;
	match_probes(&old, &new, to);
	assert_int_equal(to[0], 3);
	assert_int_equal(to[1], MATCH_NONE);
	assert_int_equal(to[2], 0);
	assert_int_equal(to[3], 2);
	assert_int_equal(to[4], MATCH_NONE);
}

/* Whether b is matched with a. */
static bool
is_same(struct conf_probe *a, struct conf_probe *b)
{
	struct conf old = {.probes = a, .probe_count = 1};
	struct conf new = {.probes = b, .probe_count = 1};
	uint32_t to;

	match_probes(&old, &new, &to);
	return to == 0;
}

/* Every part of what is probed counts. */
static void
test_changed(void **state)
{
	struct conf_header agent = {"User-Agent", "x"};
	struct conf_probe a = http(0, "/"), b;

	(void)state;
	b = a;
	assert_true(is_same(&a, &b));
	assert_int_equal(match_hash(&a), match_hash(&b));
	b.port = 81;
	assert_false(is_same(&a, &b));
	b = a, b.addr.bytes[3] = 9;
	assert_false(is_same(&a, &b));
	b = a, b.type = CHECK_TCP;
	assert_false(is_same(&a, &b));
	b = a, b.host = "www";
	assert_false(is_same(&a, &b));
	b = a, b.body = "ok";
	assert_false(is_same(&a, &b));
	b = a, b.method = "HEAD";
	assert_false(is_same(&a, &b));
	b = a, b.status = strict;
	assert_false(is_same(&a, &b));
	b = a, b.headers = &agent, b.header_count = 1;
	assert_false(is_same(&a, &b));
}

/* Changed times keep the probe, but one with the same times is closer. */
static void
test_times(void **state)
{
	struct conf_probe a[] = {tcp(0, 1, 80), tcp(1, 1, 80)};
	struct conf_probe b[] = {tcp(0, 1, 80), tcp(1, 1, 80), tcp(2, 1, 80)};
	struct conf old = {.probes = a, .probe_count = 2};
	struct conf new = {.probes = b, .probe_count = 3};
	uint32_t to[3];

	(void)state;
	a[1].interval = 1000;
	b[0].interval = 1000;
	b[1].interval = 500;
	b[2].interval = 400;
	assert_false(match_times(&a[0], &b[0]));
	match_probes(&old, &new, to);
	assert_int_equal(to[0], 1);
	assert_int_equal(to[1], 0);
	assert_int_equal(to[2], MATCH_NONE);
}

static void
test_empty(void **state)
{
	struct conf_probe a[] = {tcp(0, 1, 80)};
	struct conf some = {.probes = a, .probe_count = 1};
	struct conf none = {0};
	uint32_t to[1] = {5};

	(void)state;
	match_probes(&none, &none, to);
	match_probes(&some, &none, to);
	assert_int_equal(to[0], 5);
	match_probes(&none, &some, to);
	assert_int_equal(to[0], MATCH_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_moved),
	    cmocka_unit_test(test_changed),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
