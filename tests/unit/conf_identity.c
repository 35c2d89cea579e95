/* SPDX-License-Identifier: ISC */
/* The keys of objects: what keeps them, and what makes another object. */
#include "conf_fixture.h"

#include <stdio.h>

#include "conf/conf.h"

#define CHECK	"type: http, interval: 5s"
#define SERVERS "[{node: r1}, {address: 10.0.0.12}]"

/* As d1, with a check, and the servers of a service at port 80. */
static struct conf *
conf_with(const char *check, const char *servers, enum role role)
{
	char name[] = "/tmp/identity-XXXXXX";
	struct conf *conf;
	FILE *file = fdopen(mkstemp(name), "w");

	assert_non_null(file);
	fprintf(file,
	    "nodes: {d1: 10.0.0.1, d2: 10.0.0.2, r1: 10.0.0.11}\n"
	    "vrrp:\n"
	    "  web: {interface: eth0, vrid: 10, nodes: {d1: 200, d2: 100},\n"
	    "        addresses: [10.0.0.100/24]}\n"
	    "checks: {here: {%s}}\n"
	    "services:\n"
	    "  web: {address: \"10.0.0.100:80\", forward: nat, check: here,\n"
	    "        servers: %s}\n",
	    check, servers);
	fclose(file);
	conf = conf_of(name, "d1", role);
	unlink(name);
	return conf;
}

static uint64_t
probe_key(const char *check)
{
	struct conf *conf = conf_with(check, "[{node: r1}]", ROLE_CHECKD);
	uint64_t key;

	assert_int_equal(conf->probe_count, 1);
	key = conf->probes[0].key;
	assert_true(key != 0);
	conf_free(conf);
	return key;
}

/* Its times are not what a probe is; what is said again is the default. */
static void
test_probe_stays(void **state)
{
	uint64_t key = probe_key(CHECK);

	(void)state;
	assert_true(probe_key("type: http, interval: 7s, timeout: 1s") == key);
	assert_true(probe_key(CHECK ", rise: 5, fall: 1, warm_up: 1s") == key);
	assert_true(probe_key(CHECK ", method: GET, path: /") == key);
	assert_true(probe_key(CHECK ", expect: {status: 200-299}") == key);
}

/* Everything that is sent or expected is. */
static void
test_probe_changes(void **state)
{
	static const char *const others[] = {
	    "type: tcp",
	    CHECK ", method: HEAD",
	    CHECK ", host: www",
	    CHECK ", path: /x",
	    CHECK ", headers: {Accept: text}",
	    CHECK ", expect: {status: 200}",
	    CHECK ", expect: {body: fine}",
	    CHECK ", port: 81",
	};
	uint64_t keys[9] = {probe_key(CHECK)};

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		keys[i + 1] = probe_key(others[i]);
		for (size_t j = 0; j <= i; j++)
			assert_true(keys[j] != keys[i + 1]);
	}
}

static uint64_t
server_key(const struct conf *conf, const char *addr)
{
	const struct conf_service *service = &conf->services[0];
	struct addr wanted;

	assert_true(addr_parse(&wanted, addr));
	for (uint32_t i = 0; i < service->server_count; i++)
		if (addr_equal(&service->servers[i].addr, &wanted))
			return service->servers[i].key;
	fail();
	return 0;
}

/* Places, weights and names in the file say nothing. */
static void
test_server(void **state)
{
	struct conf *a = conf_with(CHECK, SERVERS, ROLE_IPVSD);
	struct conf *b = conf_with(CHECK,
	    "[{address: 10.0.0.13}, {address: 10.0.0.12, weight: 9}, "
	    "{address: 10.0.0.11, check: {type: tcp}}]",
	    ROLE_IPVSD);

	(void)state;
	assert_true(server_key(a, "10.0.0.11") == server_key(b, "10.0.0.11"));
	assert_true(server_key(a, "10.0.0.12") == server_key(b, "10.0.0.12"));
	assert_true(server_key(a, "10.0.0.12") != server_key(a, "10.0.0.11"));
	assert_true(a->instances[0].key == b->instances[0].key);
	conf_free(a);
	conf_free(b);
}

/* One key a probe in all daemons; two of one target have two. */
static void
test_alike(void **state)
{
	static const char *const servers =
	    "[{node: r1, checks: [here, {type: http, interval: 9s}]}]";
	struct conf *ours = conf_with(CHECK, servers, ROLE_IPVSD);
	struct conf *theirs = conf_with(CHECK, servers, ROLE_CHECKD);

	(void)state;
	assert_int_equal(ours->probe_count, 2);
	assert_int_equal(theirs->probe_count, 2);
	assert_true(ours->probes[0].key != ours->probes[1].key);
	for (uint32_t i = 0; i < 2; i++)
		assert_true(ours->probes[i].key == theirs->probes[i].key);
	conf_free(ours);
	conf_free(theirs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_probe_stays),
	    cmocka_unit_test(test_probe_changes),
	    cmocka_unit_test(test_server),
	    cmocka_unit_test(test_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
