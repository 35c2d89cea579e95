/* SPDX-License-Identifier: ISC */
/* The difference between what is wanted and what the kernel has. */
#include "unit.h"

#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desired/diff.h"
#include "ipvsd_make.h"

static struct ipvs_service *
service(const char *scheduler)
{
	struct ipvs_key key = {.port = 80, .protocol = IPPROTO_TCP};
	struct ipvs_service *made;

	assert_true(addr_parse(&key.addr, "10.0.0.100"));
	made = ipvs_service_new(&key);
	(void)snprintf(
	    made->sched.name, sizeof(made->sched.name), "%s", scheduler);
	return made;
}

static void
dest(struct ipvs_service *to, const char *addr, uint32_t weight)
{
	struct ipvs_dest *made = ipvs_service_add(to);

	assert_true(addr_parse(&made->addr, addr));
	made->port = 80;
	made->conf.weight = weight;
	ipvs_service_sort(to);
}

/* The commands as text, "new 10.0.0.1=5; ...". */
static const char *
text(const struct ipvs_commands *commands)
{
	static const char *const ops[] = {
	    "NEW", "SET", "DEL", "new", "set", "del"};
	static char out[1024];
	char addr[ADDR_STRLEN];
	size_t len = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < commands->count; i++) {
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s",
		    i > 0 ? "; " : "", ops[commands->list[i].op]);
		if (commands->list[i].op < IPVS_NEW_DEST)
			continue;
		len += (size_t)snprintf(out + len, sizeof(out) - len, " %s=%u",
		    addr_format(&commands->list[i].dest.addr, addr),
		    commands->list[i].dest.conf.weight);
	}
	return out;
}

static void
expect(const struct ipvs_service *wanted, const struct ipvs_service *live,
    const char *what)
{
	struct ipvs_commands commands = {.count = 0};

	diff_service(wanted, live, &commands);
	assert_string_equal(text(&commands), what);
	ipvs_commands_clear(&commands);
}

static void
test_service(void **state)
{
	struct ipvs_service *wanted = service("rr"), *live = service("rr");

	(void)state;
	expect(NULL, NULL, "");
	expect(wanted, live, "");
	expect(NULL, live, "DEL");
	dest(wanted, "10.0.0.10", 1);
	dest(wanted, "10.0.0.9", 2);
	/* Canonical order is numeric. */
	expect(wanted, NULL, "NEW; new 10.0.0.9=2; new 10.0.0.10=1");
	dest(live, "10.0.0.9", 2);
	dest(live, "10.0.0.10", 1);
	expect(wanted, live, "");
	live->dests[0].conf.weight = 3;
	expect(wanted, live, "set 10.0.0.9=2");
	dest(live, "10.0.0.1", 7);
	dest(wanted, "10.0.0.11", 8);
	expect(wanted, live,
	    "new 10.0.0.11=8; set 10.0.0.9=2; "
	    "del 10.0.0.1=7");
	ipvs_service_free(wanted);
	ipvs_service_free(live);
}

static void
test_sched(void **state)
{
	struct ipvs_service *wanted = service("rr"), *live = service("rr");

	(void)state;
	/* What the kernel keeps for itself is no difference. */
	live->sched.flags = IP_VS_SVC_F_HASHED;
	live->sched.timeout = 360;
	live->sched.prefix = 24;
	expect(wanted, live, "");
	wanted->sched.flags = IP_VS_SVC_F_ONEPACKET;
	expect(wanted, live, "SET");
	wanted->sched.flags = IP_VS_SVC_F_PERSISTENT;
	wanted->sched.timeout = 360;
	wanted->sched.prefix = 24;
	expect(wanted, live, "SET");
	live->sched.flags |= IP_VS_SVC_F_PERSISTENT;
	expect(wanted, live, "");
	wanted->sched.prefix = 32;
	expect(wanted, live, "SET");
	wanted->sched.prefix = 24;
	wanted->sched.timeout = 300;
	expect(wanted, live, "SET");
	wanted->sched = live->sched;
	(void)snprintf(wanted->sched.name, sizeof(wanted->sched.name), "mh");
	expect(wanted, live, "SET");
	ipvs_service_free(wanted);
	ipvs_service_free(live);
}

/* Whatever the two tables are: after the commands there is no difference. */
static void
test_applied(void **state)
{
	struct ipvs_commands commands = {.count = 0};
	struct ipvs_service *wanted, *live, *now;
	struct ipvs_table table;
	char addr[32];

	(void)state;
	srandom(1);
	for (int round = 0; round < 500; round++) {
		wanted = service(random() % 2 ? "rr" : "mh");
		ipvs_table_init(&table);
		live = random() % 4 == 0 ? NULL : service("rr");
		for (int i = 0; i < 12; i++) {
			(void)snprintf(addr, sizeof(addr), "10.0.0.%d", i);
			if (random() % 2)
				dest(wanted, addr, (uint32_t)(random() % 3));
			if (live != NULL && random() % 2)
				dest(live, addr, (uint32_t)(random() % 3));
		}
		commands.count = 0;
		diff_service(wanted, live, &commands);
		if (live != NULL)
			ipvs_table_insert(&table, live);
		now = NULL;
		for (uint32_t i = 0; i < commands.count; i++)
			now = diff_applied(&table, &commands.list[i], now);
		now = ipvs_table_find(&table, &wanted->key);
		assert_non_null(now);
		assert_int_equal(now->count, wanted->count);
		commands.count = 0;
		diff_service(wanted, now, &commands);
		assert_int_equal(commands.count, 0);
		diff_service(NULL, now, &commands);
		assert_null(diff_applied(&table, &commands.list[0], now));
		assert_int_equal(table.count, 0);
		ipvs_table_clear(&table);
		ipvs_service_free(wanted);
	}
	ipvs_commands_clear(&commands);
}

static void
test_table(void **state)
{
	struct ipvs_table table;
	struct ipvs_service *made;
	struct ipvs_key key;

	(void)state;
	ipvs_table_init(&table);
	for (uint16_t i = 0; i < 100; i++) {
		made = service("rr");
		made->key.port = (uint16_t)(i * 37 % 100);
		ipvs_table_insert(&table, made);
	}
	for (uint16_t i = 0; i < 100; i++)
		assert_int_equal(table.services[i]->key.port, i);
	key = table.services[40]->key;
	assert_ptr_equal(ipvs_table_find(&table, &key), table.services[40]);
	ipvs_table_remove(&table, &key);
	assert_null(ipvs_table_find(&table, &key));
	assert_int_equal(table.count, 99);
	key.protocol = IPPROTO_UDP;
	key.port = 41;
	assert_null(ipvs_table_find(&table, &key));
	ipvs_table_clear(&table);
}

/* --- addresses --- */

static void
want(struct desired_addresses *to, const char *interface, const char *addr,
    uint8_t prefix)
{
	struct desired_address *made = &to->list[to->count++];

	memset(made, 0, sizeof(*made));
	assert_true(addr_parse(&made->addr, addr));
	made->prefix = prefix;
	(void)snprintf(
	    made->interface, sizeof(made->interface), "%s", interface);
}

static void
have(struct live_addresses *to, const char *interface, const char *addr,
    uint8_t prefix, bool ours)
{
	struct live_address *made = &to->list[to->count++];

	memset(made, 0, sizeof(*made));
	assert_true(addr_parse(&made->addr, addr));
	made->prefix = prefix;
	made->ours = ours;
	(void)snprintf(
	    made->interface, sizeof(made->interface), "%s", interface);
}

static void
expect_addresses(struct desired_addresses *wanted, struct live_addresses *live,
    const char *what)
{
	struct address_commands commands = {.count = 0};
	char out[512] = "", addr[ADDR_STRLEN];
	size_t len = 0;

	diff_addresses(wanted, live, &commands);
	for (uint32_t i = 0; i < commands.count; i++)
		len += (size_t)snprintf(out + len, sizeof(out) - len,
		    "%s%s %s/%u %s", i > 0 ? "; " : "",
		    commands.list[i].op == ADDRESS_ADD ? "add" : "del",
		    addr_format(&commands.list[i].address.addr, addr),
		    commands.list[i].address.prefix,
		    commands.list[i].address.interface);
	assert_string_equal(out, what);
	address_commands_clear(&commands);
	wanted->count = live->count = 0;
}

static void
test_addresses(void **state)
{
	struct desired_address wanted_list[4];
	struct live_address live_list[4];
	struct desired_addresses w = {.list = wanted_list};
	struct live_addresses l = {.list = live_list};

	(void)state;
	have(&l, "eth0", "10.0.0.1", 24, false);
	expect_addresses(&w, &l, "");
	want(&w, "eth0", "10.0.0.100", 24);
	expect_addresses(&w, &l, "add 10.0.0.100/24 eth0");
	want(&w, "eth0", "10.0.0.100", 24);
	have(&l, "eth0", "10.0.0.100", 24, true);
	expect_addresses(&w, &l, "");
	have(&l, "eth0", "10.0.0.100", 24, true);
	expect_addresses(&w, &l, "del 10.0.0.100/24 eth0");
	/* From lo to the interface: added there before it goes here. */
	want(&w, "eth0", "10.0.0.100", 24);
	have(&l, "lo", "10.0.0.100", 32, true);
	expect_addresses(
	    &w, &l, "add 10.0.0.100/24 eth0; del 10.0.0.100/32 lo");
	/* The owner's own, with whatever prefix: adopted, never removed. */
	want(&w, "eth0", "10.0.0.100", 32);
	have(&l, "eth0", "10.0.0.100", 24, false);
	expect_addresses(&w, &l, "");
	have(&l, "eth0", "10.0.0.100", 24, false);
	expect_addresses(&w, &l, "");
	/* Another prefix for one of ours. */
	want(&w, "eth0", "10.0.0.100", 32);
	have(&l, "eth0", "10.0.0.100", 24, true);
	expect_addresses(
	    &w, &l, "add 10.0.0.100/32 eth0; del 10.0.0.100/24 eth0");
	/* IPv6 has an address once on an interface. */
	want(&w, "eth0", "2001:db8::1", 128);
	have(&l, "eth0", "2001:db8::1", 64, true);
	expect_addresses(
	    &w, &l, "del 2001:db8::1/64 eth0; add 2001:db8::1/128 eth0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_service),
	    cmocka_unit_test(test_sched),
	    cmocka_unit_test(test_applied),
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
