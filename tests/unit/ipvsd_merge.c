/* SPDX-License-Identifier: ISC */
/* What was read of the kernel's table becomes our copy, and what others did. */
#include "unit.h"

#include <event2/event.h>
#include <netinet/in.h>

#include <stdio.h>
#include <string.h>

#include "kernel/merge.h"

#define READ_AT 5 /* the number of the last command before the reading */

static struct ipvs_table copy, fresh, gone;
static struct kernel_turn turn;
static struct kernel_repairs repairs;
static char told[512];
static struct event_base *base;

static void
on_repaired(const char *name, const char *from, const char *to, void *arg)
{
	size_t used = strlen(told);

	(void)arg;
	snprintf(told + used, sizeof(told) - used, "%s%s: %s -> %s",
	    used == 0 ? "" : "; ", name, from, to);
}

static struct ipvs_service *
add(struct ipvs_table *table, uint16_t port, uint32_t weight)
{
	struct ipvs_key key = {.port = port, .protocol = IPPROTO_TCP};
	struct ipvs_service *service;
	struct ipvs_dest *dest;

	assert_true(addr_parse(&key.addr, "10.0.0.1"));
	service = ipvs_service_new(&key);
	strcpy(service->sched.name, "rr");
	service->ours = table == &copy;
	dest = ipvs_service_add(service);
	assert_true(addr_parse(&dest->addr, "10.0.0.2"));
	dest->port = port;
	dest->conf.weight = weight;
	dest->conf.forward = IP_VS_CONN_F_DROUTE;
	ipvs_table_insert(table, service);
	return service;
}

static uint32_t
merge(bool list, bool known)
{
	struct merge merge = {.table = &copy,
	    .fresh = &fresh,
	    .gone = &gone,
	    .number = READ_AT,
	    .begun = 77,
	    .known = known,
	    .list = list,
	    .repairs = &repairs};

	return merge_tables(&merge);
}

/* "80=1 81=2!": ports with weights; ! is not ours, ~ has a former one. */
static const char *
text(void)
{
	static char out[256];
	const struct ipvs_service *service;

	out[0] = '\0';
	for (uint32_t i = 0; i < copy.count; i++) {
		service = copy.services[i];
		snprintf(out + strlen(out), sizeof(out) - strlen(out),
		    "%s%u=%u%s%s", i == 0 ? "" : " ", service->key.port,
		    service->dests[0].conf.weight, service->ours ? "" : "!",
		    service->former == NULL ? "" : "~");
	}
	return out;
}

static int
setup(void **state)
{
	static const struct kernel_handlers handlers = {
	    .repaired = on_repaired};

	(void)state;
	memset(&turn, 0, sizeof(turn));
	turn.handlers = &handlers;
	base = event_base_new();
	repair_init(&repairs, &turn, base);
	told[0] = '\0';
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	repair_clear(&repairs);
	event_base_free(base);
	ipvs_table_clear(&copy);
	ipvs_table_clear(&fresh);
	ipvs_table_clear(&gone);
	return 0;
}

static void
test_whole(void **state)
{
	(void)state;
	add(&copy, 80, 1);
	add(&copy, 81, 1)->changed = READ_AT + 1;
	add(&copy, 82, 1);
	add(&copy, 83, 1)->ours = false;
	add(&fresh, 80, 2);
	add(&fresh, 81, 2);
	add(&fresh, 84, 2);
	add(&fresh, 85, 2);
	add(&gone, 85, 0);
	assert_int_equal(merge(false, true), 1);
	assert_string_equal(text(), "80=2~ 81=1 84=2!");
	assert_string_equal(told, "tcp 10.0.0.1:82: absent -> present");
	assert_int_equal(copy.services[0]->read, 77);
	assert_int_equal(fresh.count, 0);
}

static void
test_former_is_the_one_that_was_known(void **state)
{
	(void)state;
	add(&copy, 80, 1);
	add(&fresh, 80, 2);
	assert_int_equal(merge(false, true), 0);
	add(&fresh, 80, 3);
	assert_int_equal(merge(false, true), 0);
	assert_string_equal(text(), "80=3~");
	assert_int_equal(copy.services[0]->former->dests[0].conf.weight, 1);
	assert_true(
	    repair_tell(&repairs, copy.services[0]->former, copy.services[0]));
	assert_string_equal(told,
	    "tcp 10.0.0.1:80 -> 10.0.0.2:80: direct weight 3 connections 0-0 "
	    "-> direct weight 1 connections 0-0");
	assert_int_equal(turn.stats.repaired, 1);
}

static void
test_a_copy_that_is_not_known_accuses_nobody(void **state)
{
	(void)state;
	add(&copy, 80, 1);
	add(&copy, 81, 1);
	add(&fresh, 80, 2);
	assert_int_equal(merge(false, false), 1);
	assert_string_equal(text(), "80=2");
	assert_string_equal(told, "");
}

static void
test_list(void **state)
{
	(void)state;
	add(&copy, 80, 1);
	add(&copy, 81, 1);
	add(&copy, 82, 1)->ours = false;
	add(&copy, 83, 1)->changed = READ_AT + 1;
	add(&fresh, 80, 9);
	add(&fresh, 84, 9);
	/* 81 is missing, and 84 is new. */
	assert_int_equal(merge(true, true), 2);
	assert_string_equal(text(), "80=1 81=1 83=1");
	assert_string_equal(told, "");
}

static struct ipvs_service *
one(uint16_t port, uint32_t weight)
{
	struct ipvs_service *service = add(&fresh, port, weight);

	fresh.count = 0;
	return service;
}

static void
test_one(void **state)
{
	(void)state;
	add(&copy, 80, 1);
	add(&copy, 81, 1)->changed = READ_AT + 1;
	assert_true(merge_one(&copy, one(80, 2), READ_AT, true));
	assert_false(merge_one(&copy, one(81, 2), READ_AT, true));
	assert_false(merge_one(&copy, one(82, 2), READ_AT, true));
	assert_string_equal(text(), "80=2~ 81=1");
}

static void
test_equal_is_no_repair(void **state)
{
	(void)state;
	assert_false(
	    repair_tell(&repairs, add(&copy, 80, 1), add(&fresh, 80, 1)));
	assert_string_equal(told, "");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_whole),
	    TEST(test_former_is_the_one_that_was_known),
	    TEST(test_a_copy_that_is_not_known_accuses_nobody),
	    TEST(test_list),
	    TEST(test_one),
	    TEST(test_equal_is_no_repair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
