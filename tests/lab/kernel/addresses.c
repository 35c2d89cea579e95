/* SPDX-License-Identifier: ISC */
/* Virtual addresses and settings of interfaces, against a real kernel. */
#include <linux/rtnetlink.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "world.h"

#define SHOW_ETH "ip -o addr show dev eth0"
#define SHOW_LO	 "ip -o addr show dev lo"

static void
links(const char *own)
{
	run("ip link set lo up");
	run("ip link add eth0 type veth peer name peer0");
	run("ip link set eth0 up && ip link set peer0 up");
	run("sysctl -qw net.ipv4.conf.eth0.promote_secondaries=0 "
	    "net.ipv4.conf.all.promote_secondaries=0");
	if (own != NULL)
		run("ip addr add %s dev eth0", own);
}

static void
no_links(void)
{
	run("ip link del eth0");
	run("ip addr flush dev lo scope global");
}

static unsigned
setting(const char *interface, const char *name)
{
	char command[128];

	(void)snprintf(command, sizeof(command),
	    "cat /proc/sys/net/ipv4/conf/%s/%s", interface, name);
	return (unsigned)strtoul(output(command), NULL, 10);
}

/* The valid lifetime that ip shows on the line with this text; -1: none. */
static int
lifetime(const char *command, const char *text)
{
	char *line = strstr(output(command), text), *at;

	if (line == NULL || (at = strstr(line, "valid_lft ")) == NULL)
		return -1;
	if (strncmp(at + 10, "forever", 7) == 0)
		return 1 << 30;
	return atoi(at + 10);
}

/* The host's own address of the same subnet stays, whichever came first. */
static void
test_own_address(bool own_first)
{
	struct conf_address *address;
	struct world world;

	world_test = own_first ? "own address first" : "own address second";
	links(own_first ? "10.0.0.11/24" : NULL);
	world_init(&world, 0, 0);
	address = world_address(
	    &world, world_instance(&world, "front", "eth0"), "10.0.0.100", 24);
	address->label = "eth0:vip";
	world_start(&world, false);
	world_configure(&world);
	CHECK_EQUAL(world_commands(&world), 0);
	world_hold(&world, 0);
	CHECK_EQUAL(world.held[0], LEASE_NONE + 1);
	CHECK(has(SHOW_ETH, "10.0.0.100/24"));
	CHECK(has(SHOW_ETH, "eth0:vip"));
	CHECK(lifetime(SHOW_ETH, "10.0.0.100") <= 10);
	CHECK(kernel_has_address(world.kernel, address));
	CHECK_EQUAL(setting("eth0", "promote_secondaries"), 1);
	if (!own_first)
		run("ip addr add 10.0.0.11/24 dev eth0");
	world_release(&world, 0);
	CHECK(!has(SHOW_ETH, "10.0.0.100"));
	CHECK(has(SHOW_ETH, "10.0.0.11/24"));
	CHECK(!kernel_has_address(world.kernel, address));
	WAIT(&world, setting("eth0", "promote_secondaries") == 0);
	CHECK_EQUAL(world_errors(&world), 0);
	world_free(&world);
	no_links();
}

static void
test_ipv6(void)
{
	struct conf_instance *instance;
	struct world world;

	world_test = "IPv6";
	links(NULL);
	world_init(&world, 0, 0);
	instance = world_instance(&world, "front6", "eth0");
	world_address(&world, instance, "fe80::100", 64);
	world_address(&world, instance, "2001:db8::100", 64);
	world_start(&world, false);
	world_configure(&world);
	world_hold(&world, 0);
	CHECK(has(SHOW_ETH, "2001:db8::100/64"));
	CHECK(!has("ip -o addr show dev eth0 | grep ::100/", "tentative"));
	CHECK(has(
	    "ip -o addr show dev eth0 | grep db8::100/", "preferred_lft 0sec"));
	CHECK(has("ip -o addr show dev eth0 | grep db8::100/", "nodad"));
	world_release(&world, 0);
	CHECK(!has(SHOW_ETH, "::100/"));
	CHECK_EQUAL(world_errors(&world), 0);
	world_free(&world);
	no_links();
}

/* What was there before us stays as it is: no lifetime, never removed. */
static void
test_owner(const char *addr, uint8_t prefix)
{
	struct world world;
	char text[64];

	world_test = "owner";
	(void)snprintf(text, sizeof(text), "%s/%u", addr, prefix);
	links(text);
	world_init(&world, 0, 0);
	world_address(
	    &world, world_instance(&world, "front", "eth0"), addr, 32);
	world_start(&world, false);
	world_configure(&world);
	world_hold(&world, 0);
	CHECK_EQUAL(world.held[0], LEASE_NONE + 1);
	CHECK_EQUAL(lifetime(SHOW_ETH, text), 1 << 30);
	CHECK_EQUAL(kernel_stats(world.kernel)->renewals, 0);
	world_release(&world, 0);
	CHECK(has(SHOW_ETH, text));
	world_leave(&world);
	CHECK(has(SHOW_ETH, text));
	world_free(&world);
	no_links();
}

/* It lives as long as it is renewed, and not much longer. */
static void
test_lifetime(void)
{
	uint64_t end;
	struct world world;

	world_test = "lifetime";
	links("10.0.0.11/24");
	world_init(&world, 0, 0);
	world_address(
	    &world, world_instance(&world, "front", "eth0"), "10.0.0.100", 32);
	world_start(&world, false);
	world_configure(&world);
	world_hold(&world, 0);
	WAIT(&world, kernel_stats(world.kernel)->renewals >= 2);
	CHECK(lifetime(SHOW_ETH, "10.0.0.100") >= 9);
	/* Frozen: nobody renews, the loop stands still. */
	end = clock_monotonic() + 13 * NS_PER_SEC;
	while (has(SHOW_ETH, "10.0.0.100") && clock_monotonic() < end)
		run("sleep 0.2");
	CHECK(!has(SHOW_ETH, "10.0.0.100"));
	/* Awake, and the lease is over: it must not come back. */
	world.renewable = false;
	WAIT(&world, world.lost[0] == LEASE_EXPIRED + 1);
	CHECK(!has(SHOW_ETH, "10.0.0.100"));
	world_release(&world, 0);
	CHECK(!has(SHOW_ETH, "10.0.0.100"));
	world_free(&world);
	no_links();
}

static void
test_foreign_hand(void)
{
	struct world world;

	world_test = "foreign hand";
	links("10.0.0.11/24");
	world_init(&world, 0, 0);
	world_address(
	    &world, world_instance(&world, "front", "eth0"), "10.0.0.100", 32)
	    ->scope = RT_SCOPE_LINK;
	world_start(&world, false);
	world_configure(&world);
	world_hold(&world, 0);
	CHECK(has("ip -o addr show dev eth0 | grep 100", "scope link"));
	run("ip addr del 10.0.0.100/32 dev eth0");
	WAIT(&world, has(SHOW_ETH, "10.0.0.100"));
	CHECK_EQUAL(world.lost[0], 0);
	run("ip link set eth0 down");
	WAIT(&world, world.lost[0] == LEASE_INTERFACE + 1);
	world_release(&world, 0);
	world_hold(&world, 0);
	CHECK_EQUAL(world.held[0], LEASE_INTERFACE + 1);
	world_release(&world, 0);
	run("ip link set eth0 up");
	WAIT(&world, kernel_iface_up(world.kernel, "eth0"));
	world_hold(&world, 0);
	CHECK_EQUAL(world.held[0], LEASE_NONE + 1);
	world.lost[0] = 0;
	run("ip link del eth0");
	WAIT(&world, world.lost[0] == LEASE_INTERFACE + 1);
	world_release(&world, 0);
	links("10.0.0.11/24");
	WAIT(&world, kernel_iface_up(world.kernel, "eth0"));
	world_hold(&world, 0);
	CHECK(has(SHOW_ETH, "10.0.0.100"));
	world_free(&world);
	no_links();
}

/* A real server: on lo unless master; every move adds before it removes. */
static void
test_real_server(void)
{
	struct conf_instance *instance;
	struct world world;

	world_test = "real server";
	links("10.0.0.11/24");
	run("sysctl -qw net.ipv4.conf.peer0.arp_announce=1");
	world_init(&world, 3, 4);
	instance = world_instance(&world, "front", "eth0");
	world_address(&world, instance, "10.0.0.100", 24);
	world_service(&world, 0, "10.0.0.100", 80, "rr")->director = false;
	world_server(&world, "10.0.0.11", 80, 1, FORWARD_DIRECT)->local = true;
	world_service(&world, 0, "10.0.0.100", 443, "rr")->director = false;
	world_server(&world, "10.0.0.11", 443, 1, FORWARD_DIRECT)->local = true;
	world_service(&world, 0, "2001:db8::100", 80, "rr")->director = false;
	world_server(&world, "2001:db8::11", 80, 1, FORWARD_DIRECT)
	    ->local = true;
	world_start(&world, false);
	world_configure(&world);
	WAIT(&world, has(SHOW_LO, "10.0.0.100/32"));
	CHECK(has(SHOW_LO " | grep 2001:db8::100/128", "preferred_lft 0sec"));
	CHECK(has(SHOW_LO " | grep 2001:db8::100/128", "valid_lft forever"));
	CHECK_EQUAL(lifetime(SHOW_LO, "10.0.0.100/32"), 1 << 30);
	CHECK_EQUAL(setting("eth0", "arp_ignore"), 1);
	CHECK_EQUAL(setting("eth0", "arp_announce"), 2);
	CHECK_EQUAL(setting("peer0", "arp_announce"), 2);
	CHECK_EQUAL(setting("lo", "arp_ignore"), 0);
	world_hold(&world, 0);
	CHECK(has(SHOW_ETH, "10.0.0.100/24"));
	CHECK(!has(SHOW_LO, "10.0.0.100"));
	CHECK(has("ip route show table local", "local 10.0.0.100 dev eth0"));
	world_release(&world, 0);
	CHECK(has(SHOW_LO, "10.0.0.100/32"));
	CHECK(!has(SHOW_ETH, "10.0.0.100"));
	CHECK(has("ip route show table local", "local 10.0.0.100 dev lo"));
	/* An interface that comes later. */
	run("ip link add late0 type veth peer name late1");
	WAIT(&world,
	    setting("late0", "arp_ignore") == 1 &&
		setting("late1", "arp_announce") == 2);
	run("ip link del late0");
	CHECK_EQUAL(world_errors(&world), 0);
	world_leave(&world);
	CHECK(!has(SHOW_LO, "10.0.0.100"));
	CHECK(!has(SHOW_LO, "2001:db8::100"));
	CHECK_EQUAL(setting("eth0", "arp_ignore"), 0);
	CHECK_EQUAL(setting("eth0", "arp_announce"), 0);
	CHECK_EQUAL(setting("peer0", "arp_announce"), 1);
	world_free(&world);
	no_links();
}

/* Back after a stop that left everything: not one command. */
static void
test_restart(bool load)
{
	struct world world;

	world_test = load ? "restart" : "restart without what was saved";
	links("10.0.0.11/24");
	world_init(&world, 1, 1);
	world_address(
	    &world, world_instance(&world, "front", "eth0"), "10.0.0.100", 24);
	world_address(
	    &world, world_instance(&world, "back", "eth0"), "10.0.0.101", 32);
	world_service(&world, 1, "10.0.0.101", 80, "rr")->director = false;
	world_server(&world, "10.0.0.11", 80, 1, FORWARD_DIRECT)->local = true;
	world_start(&world, false);
	world_configure(&world);
	world_hold(&world, 0);
	CHECK(has(SHOW_LO, "10.0.0.101"));
	world_stop(&world);
	world_start(&world, load);
	world.held[0] = 0;
	world.idle = false;
	kernel_configure(world.kernel, &world.input, NULL);
	kernel_hold(world.kernel, 0);
	WAIT(&world, world.idle && world.held[0] != 0);
	CHECK_EQUAL(world.held[0], LEASE_NONE + 1);
	CHECK_EQUAL(world_commands(&world), 0);
	CHECK(has(SHOW_ETH, "10.0.0.100/24"));
	/* An instance that is no longer configured takes its address out. */
	world.conf.service_count = 0;
	world.conf.instance_count = 1;
	world_configure(&world);
	WAIT(&world, !has(SHOW_LO, "10.0.0.101"));
	CHECK(has(SHOW_ETH, "10.0.0.100/24"));
	world_leave(&world);
	CHECK(!has(SHOW_ETH, "10.0.0.100"));
	CHECK(has(SHOW_ETH, "10.0.0.11/24"));
	if (load)
		CHECK_EQUAL(setting("eth0", "arp_ignore"), 0);
	world_free(&world);
	no_links();
}

void
test_addresses(void)
{
	test_own_address(true);
	test_own_address(false);
	test_ipv6();
	test_owner("10.0.0.100", 24);
	test_owner("10.0.0.100", 32);
	test_foreign_hand();
	test_real_server();
	test_restart(true);
	test_restart(false);
	test_lifetime();
}
