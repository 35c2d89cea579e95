/* SPDX-License-Identifier: ISC */
/* What of an old configuration goes on in a new one. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "ipvsd/running/carry.h"

static struct conf_probe
probe(uint32_t id, uint64_t key)
{
	struct conf_probe made = {.id = id, .key = key};

	return made;
}

static void
run(struct carry *carry, uint32_t objects)
{
	assert_non_null(carry);
	for (int i = 0; carry_step(carry, objects); i++)
		assert_true(i < 10000);
}

static void
test_first(void **state)
{
	struct conf_instance web = {.id = 0, .key = 1};
	struct conf new = {.instances = &web, .instance_count = 1};
	struct carry *carry = carry_new(NULL, &new);
	uint32_t count;

	(void)state;
	run(carry, 1);
	carry_instances(carry, &count);
	assert_int_equal(count, 0);
	carry_probes(carry, &count);
	assert_int_equal(count, 0);
	carry_free(carry);
}

static void
test_instances(void **state)
{
	/* Ids are positions in the whole configuration, with gaps here. */
	struct conf_instance before[] = {
	    {.id = 1, .key = 2}, {.id = 4, .key = 1}, {.id = 5, .key = 3}};
	struct conf_instance after[] = {
	    {.id = 0, .key = 4}, {.id = 2, .key = 1}, {.id = 3, .key = 2}};
	struct conf old = {.instances = before, .instance_count = 3};
	struct conf new = {.instances = after, .instance_count = 3};
	struct carry *carry = carry_new(&old, &new);
	const uint32_t *map;
	uint32_t count;

	(void)state;
	run(carry, 2);
	map = carry_instances(carry, &count);
	assert_int_equal(count, 6);
	assert_int_equal(map[0], CARRY_NONE);
	assert_int_equal(map[1], 3);
	assert_int_equal(map[4], 2);
	assert_int_equal(map[5], CARRY_NONE);
	carry_free(carry);
}

static void
test_probes(void **state)
{
	struct conf_probe before[] = {
	    probe(0, 10), probe(1, 11), probe(2, 12), probe(3, 13)};
	struct conf_probe after[] = {probe(0, 13), probe(1, 10), probe(2, 14)};
	struct conf old = {.probes = before, .probe_count = 4};
	struct conf new = {.probes = after, .probe_count = 3};
	struct carry *carry = carry_new(&old, &new);
	const uint32_t *map;
	uint32_t count;

	(void)state;
	run(carry, 3);
	map = carry_probes(carry, &count);
	assert_int_equal(count, 4);
	assert_int_equal(map[0], 1);
	assert_int_equal(map[1], CARRY_NONE);
	assert_int_equal(map[2], CARRY_NONE);
	assert_int_equal(map[3], 0);
	carry_free(carry);
}

/* A lying parser's: what has no key is new, and nothing is given twice. */
static void
test_bad_keys(void **state)
{
	struct conf_probe before[] = {probe(0, 0), probe(1, 5), probe(2, 5)};
	struct conf_probe after[] = {probe(7, 0), probe(8, 5), probe(9, 5)};
	struct conf old = {.probes = before, .probe_count = 3};
	struct conf new = {.probes = after, .probe_count = 3};
	struct carry *carry = carry_new(&old, &new);
	const uint32_t *map;
	uint32_t count;

	(void)state;
	run(carry, 1);
	map = carry_probes(carry, &count);
	assert_int_equal(map[0], CARRY_NONE);
	assert_int_equal(map[1], 8);
	assert_int_equal(map[2], CARRY_NONE);
	carry_free(carry);
}

static struct conf_service
service(struct conf_server *servers, uint32_t count)
{
	struct conf_service made = {.servers = servers, .server_count = count};

	return made;
}

static struct conf_server
server(uint32_t id, uint64_t key)
{
	struct conf_server made = {.id = id, .key = key};

	return made;
}

static void
test_servers(void **state)
{
	struct conf_server a[] = {server(0, 801), server(1, 802)};
	struct conf_server b[] = {server(4, 811), server(5, 813)};
	struct conf_server c[] = {server(0, 813), server(1, 811)};
	struct conf_server d[] = {
	    server(2, 802), server(3, 801), server(4, 809)};
	struct conf_service before[] = {service(a, 2), service(b, 2)};
	struct conf_service after[] = {service(c, 2), service(d, 3)};
	struct conf old = {.services = before, .service_count = 2};
	struct conf new = {.services = after, .service_count = 2};
	static const uint32_t wanted[] = {3, 2, CARRY_NONE, CARRY_NONE, 1, 0};
	struct carry *carry = carry_new(&old, &new);
	const uint32_t *map;
	uint32_t count;

	(void)state;
	run(carry, 1);
	map = carry_servers(carry, &count);
	assert_int_equal(count, 6);
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(map[i], wanted[i]);
	carry_free(carry);
}

static void
test_many(void **state)
{
	enum { MANY = 5000 };
	struct conf_probe *before = calloc(MANY, sizeof(*before));
	struct conf_probe *after = calloc(MANY, sizeof(*after));
	struct conf old = {.probes = before, .probe_count = MANY};
	struct conf new = {.probes = after, .probe_count = MANY};
	struct carry *carry;
	const uint32_t *map;
	uint32_t count;

	(void)state;
	assert_non_null(before);
	assert_non_null(after);
	for (uint32_t i = 0; i < MANY; i++) {
		before[i] = probe(i, i + 1);
		after[i] = probe(i, MANY - i);
	}
	carry = carry_new(&old, &new);
	run(carry, 16);
	map = carry_probes(carry, &count);
	assert_int_equal(count, MANY);
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(map[i], MANY - 1 - i);
	carry_free(carry);
	free(before);
	free(after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_first),
	    cmocka_unit_test(test_instances),
	    cmocka_unit_test(test_probes),
	    cmocka_unit_test(test_bad_keys),
	    cmocka_unit_test(test_servers),
	    cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
