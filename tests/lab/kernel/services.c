/* SPDX-License-Identifier: ISC */
/* The IPVS table against a kernel that has ip_vs; ipvsadm is the witness. */
#include <sys/resource.h>

#include <linux/ip_vs.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "desired/table_digest.h"
#include "world.h"

#define TABLE "ipvsadm -Sn"

static void
clean(void)
{
	run("ip link set lo up && ipvsadm -C");
}

/* Whether ipvsadm shows a line with this text; prints the table if not. */
static void
shows(const char *text)
{
	if (!has(TABLE, text)) {
		fprintf(stderr, "%s: not in the table: %s\n%s", world_test,
		    text, output(TABLE));
		exit(1);
	}
}

/* One service of each scheduler, families, protocols, flags, methods. */
static void
everything(struct world *world)
{
	static const char *const schedulers[] = {"rr", "wrr", "lc", "wlc",
	    "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh"};
	struct conf_service *service;

	world_instance(world, "front", "lo");
	for (uint16_t i = 0; i < 13; i++) {
		service = world_service(
		    world, 0, "10.0.0.100", (uint16_t)(80 + i), schedulers[i]);
		if (strcmp(schedulers[i], "mh") == 0)
			service->flags = IP_VS_SVC_F_SCHED1 |
			    IP_VS_SVC_F_SCHED2;
		if (strcmp(schedulers[i], "sh") == 0)
			service->flags = IP_VS_SVC_F_SCHED_SH_FALLBACK;
		world_server(
		    world, "10.0.0.22", (uint16_t)(80 + i), 50, FORWARD_DIRECT);
		world_server(world, "10.0.0.21", 8080, 3, FORWARD_NAT)
		    ->max_connections = 1000;
		world->servers[world->server_count - 1].min_connections = 800;
	}
	service = world_service(world, 0, "10.0.0.100", 53, "rr");
	service->protocol = PROTOCOL_UDP;
	service->one_packet = true;
	world_server(world, "10.0.0.21", 53, 1, FORWARD_DIRECT);
	service = world_service(world, 0, "10.0.0.100", 443, "wlc");
	service->persistence = 300;
	service->persistence_prefix = 24;
	world_server(world, "10.0.0.21", 443, 0, FORWARD_DIRECT);
	service = world_service(world, 0, "2001:db8::100", 80, "wlc");
	service->persistence = 60;
	service->persistence_prefix = 64;
	world_server(world, "2001:db8::21", 80, 7, FORWARD_DIRECT);
	world_server(world, "2001:db8::22", 8080, 8, FORWARD_NAT);
}

static void
check_everything(void)
{
	shows("-A -t 10.0.0.100:80 -s rr");
	shows("-A -t 10.0.0.100:90 -s fo");
	shows("-A -t 10.0.0.100:92 -s mh -b mh-fallback,mh-port");
	shows("-A -t 10.0.0.100:87 -s sh -b sh-fallback");
	shows("-a -t 10.0.0.100:92 -r 10.0.0.22:92 -g -w 50");
	shows("-a -t 10.0.0.100:80 -r 10.0.0.21:8080 -m -w 3");
	run("ipvsadm -Ln --thresholds | "
	    "grep -Eq '10.0.0.21:8080 +1000 +800'");
	shows("-A -u 10.0.0.100:53 -s rr -o");
	shows("-A -t 10.0.0.100:443 -s wlc -p 300 -M 255.255.255.0");
	shows("-a -t 10.0.0.100:443 -r 10.0.0.21:443 -g -w 0");
	shows("-A -t [2001:db8::100]:80 -s wlc -p 60 -M 64");
	shows("-a -t [2001:db8::100]:80 -r [2001:db8::22]:8080 -m -w 8");
}

static void
test_table(void)
{
	struct world world;
	uint64_t commands;

	world_test = "table";
	clean();
	run("ipvsadm -A -t 192.0.2.1:80 -s rr && "
	    "ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2:80 -g");
	world_init(&world, 32, 64);
	everything(&world);
	world_start(&world, false);
	world_configure(&world);
	check_everything();
	CHECK_EQUAL(world_errors(&world), 0);
	CHECK_EQUAL(world_commands(&world),
	    world.conf.service_count + world.server_count);
	CHECK_EQUAL(kernel_stats(world.kernel)->foreign, 1);
	CHECK_EQUAL(kernel_stats(world.kernel)->configured_digest,
	    kernel_stats(world.kernel)->live_digest);
	/* A resync and a restart find all of it as it should be. */
	world_refresh(&world);
	CHECK_EQUAL(world_commands(&world),
	    world.conf.service_count + world.server_count);
	world_stop(&world);
	world_start(&world, false);
	world_configure(&world);
	CHECK_EQUAL(world_commands(&world), 0);
	world_configure(&world);
	CHECK_EQUAL(world_commands(&world), 0);
	/* One weight: one command. */
	world.servers[0].weight = 49;
	world_configure(&world);
	CHECK_EQUAL(world_commands(&world), 1);
	shows("-a -t 10.0.0.100:80 -r 10.0.0.22:80 -g -w 49");
	/* A foreign hand. */
	run("ipvsadm -C");
	world_refresh(&world);
	CHECK(!has(TABLE, "192.0.2.1:80"));
	CHECK_EQUAL(kernel_stats(world.kernel)->configured_digest,
	    kernel_stats(world.kernel)->live_digest);
	run("ipvsadm -e -t 10.0.0.100:81 -r 10.0.0.22:81 -g -w 1");
	world_refresh(&world);
	shows("-a -t 10.0.0.100:81 -r 10.0.0.22:81 -g -w 50");
	/* A service that is no longer configured goes, alone. */
	commands = world_commands(&world);
	world.services[0] = world.services[world.conf.service_count - 1];
	world.services[0].id = 0;
	world.conf.service_count--;
	world_configure(&world);
	CHECK_EQUAL(world_commands(&world), commands + 1);
	CHECK(!has(TABLE, "-A -t 10.0.0.100:80 "));
	CHECK_EQUAL(world_errors(&world), 0);
	run("ipvsadm -A -t 192.0.2.1:80 -s rr");
	world_leave(&world);
	CHECK(strcmp(output(TABLE), "-A -t 192.0.2.1:80 -s rr\n") == 0);
	world_free(&world);
}

static void
test_foreign_removed(void)
{
	struct world world;

	world_test = "foreign: remove";
	clean();
	run("ipvsadm -A -t 192.0.2.1:80 -s rr");
	world_init(&world, 2, 2);
	world_instance(&world, "front", "lo");
	world_service(&world, 0, "10.0.0.100", 80, "rr");
	world_server(&world, "10.0.0.21", 80, 1, FORWARD_DIRECT);
	world.conf.ipvs.foreign = FOREIGN_REMOVE;
	world_start(&world, false);
	world_configure(&world);
	CHECK(!has(TABLE, "192.0.2.1"));
	shows("10.0.0.21:80");
	world_free(&world);
}

static void
test_health(void)
{
	static uint32_t probes[2] = {0, 1};
	struct world world;
	uint64_t commands;

	world_test = "health";
	clean();
	world_init(&world, 2, 4);
	world_instance(&world, "front", "lo");
	world_service(&world, 0, "10.0.0.100", 80, "rr");
	world_server(&world, "10.0.0.21", 80, 1, FORWARD_DIRECT);
	world_server(&world, "10.0.0.22", 80, 1, FORWARD_DIRECT);
	world_service(&world, 0, "10.0.0.100", 81, "mh");
	world_server(&world, "10.0.0.21", 80, 1, FORWARD_NAT);
	world_server(&world, "10.0.0.22", 80, 1, FORWARD_NAT);
	for (uint32_t i = 0; i < 4; i++) {
		world.servers[i].probes = &probes[i % 2];
		world.servers[i].probe_count = 1;
	}
	world_start(&world, false);
	world_configure(&world);
	commands = world_commands(&world);
	world.health[1] = HEALTH_DOWN;
	kernel_touch_probe(world.kernel, 1);
	WAIT(&world, world_commands(&world) == commands + 2);
	CHECK(!has(TABLE, "-t 10.0.0.100:80 -r 10.0.0.22:80"));
	shows("-a -t 10.0.0.100:81 -r 10.0.0.22:80 -m -w 0");
	world.health[1] = HEALTH_UP;
	kernel_touch_probe(world.kernel, 1);
	WAIT(&world, world_commands(&world) == commands + 4);
	shows("-a -t 10.0.0.100:80 -r 10.0.0.22:80 -g -w 1");
	shows("-a -t 10.0.0.100:81 -r 10.0.0.22:80 -m -w 1");
	world.override[0] = OVERRIDE_DRAINED;
	kernel_touch_service(world.kernel, 0);
	WAIT(&world, world_commands(&world) == commands + 5);
	shows("-a -t 10.0.0.100:80 -r 10.0.0.21:80 -g -w 0");
	CHECK_EQUAL(world_errors(&world), 0);
	world_leave(&world);
	world_free(&world);
}

/* Role change of a director that is a real server is weight edits. */
static void
test_colocated(void)
{
	struct conf_instance *instance;
	struct world world;
	uint64_t commands;

	world_test = "colocated";
	clean();
	run("ip link add eth0 type veth peer name peer0 && "
	    "ip link set eth0 up");
	world_init(&world, 1, 2);
	instance = world_instance(&world, "front", "eth0");
	world_address(&world, instance, "10.0.0.100", 32);
	world_service(&world, 0, "10.0.0.100", 80, "rr");
	world_server(&world, "10.0.0.21", 80, 50, FORWARD_DIRECT)->local = true;
	world_server(&world, "10.0.0.22", 80, 50, FORWARD_DIRECT);
	world_start(&world, false);
	world_configure(&world);
	shows("-r 10.0.0.21:80 -g -w 50");
	shows("-r 10.0.0.22:80 -g -w 0");
	WAIT(&world, has("ip -o addr show dev lo", "10.0.0.100/32"));
	commands = world_commands(&world);
	world_hold(&world, 0);
	shows("-r 10.0.0.22:80 -g -w 50");
	/* The weight, promote_secondaries, the address, lo's. */
	CHECK_EQUAL(world_commands(&world), commands + 4);
	CHECK(has("ip -o addr show dev eth0", "10.0.0.100/32"));
	CHECK(!has("ip -o addr show dev lo", "10.0.0.100"));
	world_release(&world, 0);
	shows("-r 10.0.0.22:80 -g -w 0");
	CHECK(has("ip -o addr show dev lo", "10.0.0.100/32"));
	CHECK_EQUAL(world_errors(&world), 0);
	world_leave(&world);
	CHECK(!has("ip -o addr show dev lo", "10.0.0.100"));
	CHECK(strcmp(output(TABLE), "") == 0);
	world_free(&world);
	run("ip link del eth0");
}

static void
test_options(void)
{
	struct conf_instance *instance;
	struct world world;

	world_test = "options";
	clean();
	run("ip link add eth0 type veth peer name peer0 && "
	    "ip link set eth0 up && ip addr add 10.0.0.1/24 dev eth0");
	run("ipvsadm --set 901 121 301");
	world_init(&world, 1, 1);
	instance = world_instance(&world, "front", "eth0");
	world_address(&world, instance, "10.0.0.100", 32);
	world_service(&world, 0, "10.0.0.100", 80, "rr");
	world_server(&world, "10.0.0.22", 80, 50, FORWARD_DIRECT);
	world.conf.ipvs.tcp_timeout = 800;
	world.conf.ipvs.expire_nodest_conn.set = true;
	world.conf.ipvs.expire_nodest_conn.value = 1;
	world.conf.ipvs.sync.enabled = true;
	world.conf.ipvs.sync.interface = "eth0";
	world.conf.ipvs.sync.id = 10;
	world.conf.ipvs.sync.instance = 0;
	world.conf.ipvs.sync.threshold = 2;
	world.conf.ipvs.sync.period = 40;
	world.conf.ipvs.sync.refresh = 10000;
	CHECK(addr_parse(&world.conf.ipvs.sync.group, "224.0.0.82"));
	world.conf.ipvs.sync.port = 8849;
	world_start(&world, false);
	world_configure(&world);
	CHECK(has("ipvsadm -L --timeout", "800 121 301"));
	CHECK(has("ipvsadm -L --daemon", "backup sync daemon"));
	CHECK(has("ipvsadm -L --daemon", "224.0.0.82"));
	CHECK(!has("ipvsadm -L --daemon", "master sync daemon"));
	CHECK(has("cat /proc/sys/net/ipv4/vs/expire_nodest_conn", "1"));
	CHECK(has("cat /proc/sys/net/ipv4/vs/sync_threshold", "2\t40"));
	CHECK(has("cat /proc/sys/net/ipv4/vs/sync_refresh_period", "10\n"));
	world_hold(&world, 0);
	WAIT(&world, has("ipvsadm -L --daemon", "master sync daemon"));
	WAIT(&world, !has("ipvsadm -L --daemon", "backup sync daemon"));
	world_release(&world, 0);
	WAIT(&world, has("ipvsadm -L --daemon", "backup sync daemon"));
	CHECK(has("ipvsadm -L --daemon", "master sync daemon"));
	WAIT(&world, !has("ipvsadm -L --daemon", "master sync daemon"));
	CHECK_EQUAL(world_errors(&world), 0);
	world_configure(&world);
	world_leave(&world);
	CHECK(!has("ipvsadm -L --daemon", "sync daemon"));
	CHECK(has("ipvsadm -L --timeout", "901 121 301"));
	CHECK(has("cat /proc/sys/net/ipv4/vs/expire_nodest_conn", "0"));
	CHECK(has("cat /proc/sys/net/ipv4/vs/sync_refresh_period", "0\n"));
	world_free(&world);
	run("ip link del eth0");
}

/* What the kernel refuses is said, counted, and tried again in time. */
static void
test_refused(void)
{
	struct world world;

	world_test = "refused";
	clean();
	run("ip link set lo down");
	world_init(&world, 2, 3);
	world_instance(&world, "front", "lo");
	world_service(&world, 0, "10.0.0.100", 80, "none-such");
	world_server(&world, "10.0.0.21", 80, 1, FORWARD_DIRECT);
	world_service(&world, 0, "10.0.0.100", 81, "rr");
	world_server(&world, "10.0.0.21", 81, 1, FORWARD_DIRECT);
	world_server(&world, "10.0.0.22", 81, 1, FORWARD_DIRECT);
	world_start(&world, false);
	world_configure(&world);
	/* Its servers follow from that. */
	WAIT(&world, world_errors(&world) >= 1);
	WAIT(&world, has(TABLE, "-A -t 10.0.0.100:81 -s rr"));
	run("ip link set lo up");
	WAIT(&world, has(TABLE, "-t 10.0.0.100:81 -r 10.0.0.22:81"));
	CHECK(!has(TABLE, "10.0.0.100:80"));
	/* One service that cannot be in takes the others nothing. */
	world_hold(&world, 0);
	CHECK_EQUAL(world.held[0], LEASE_NONE + 1);
	world_release(&world, 0);
	world_free(&world);
}

void
test_services(void)
{
	test_table();
	test_foreign_removed();
	test_health();
	test_colocated();
	test_options();
	test_refused();
}

static long
milliseconds(const struct timeval *after, const struct timeval *before)
{
	return (after->tv_sec - before->tv_sec) * 1000 +
	    (after->tv_usec - before->tv_usec) / 1000;
}

/*
 * Programs services x servers into an empty table and says how long it took,
 * or (turns) the longest turn of the loop: the clock itself costs too much
 * for both at once where it is an hpet.
 */
void
bench_services(uint32_t services, uint32_t servers, bool turns)
{
	uint64_t start, longest = 0, turn, now = 0, end, configured, first;
	uint64_t programmed = 0;
	const struct kernel_stats *stats;
	struct rusage before, usage;
	struct world world;
	char addr[32];

	world_test = "bench";
	clean();
	world_init(&world, services, services * servers);
	world_instance(&world, "front", "lo");
	for (uint32_t i = 0; i < services; i++) {
		(void)snprintf(
		    addr, sizeof(addr), "10.1.%u.%u", i / 250, i % 250 + 1);
		world_service(&world, 0, addr, 80, "rr");
		for (uint32_t j = 0; j < servers; j++) {
			(void)snprintf(addr, sizeof(addr), "10.2.0.%u", j + 1);
			world_server(&world, addr, 80, 1, FORWARD_DIRECT);
		}
	}
	world_start(&world, false);
	/* Asked for once: the digests that come with it take time. */
	stats = kernel_stats(world.kernel);
	start = clock_monotonic();
	end = start + 120 * NS_PER_SEC;
	kernel_configure(world.kernel, &world.input, NULL);
	configured = clock_monotonic() - start;
	while (stats->commands == 0 && clock_monotonic() < end)
		(void)event_base_loop(world.base, EVLOOP_ONCE);
	first = clock_monotonic() - start;
	CHECK(getrusage(RUSAGE_SELF, &before) == 0);
	while (!world.idle && (!turns || now < end)) {
		now = turns ? clock_monotonic() : 0;
		(void)event_base_loop(world.base, EVLOOP_ONCE);
		turn = turns ? clock_monotonic() - now : 0;
		longest = turn > longest ? turn : longest;
		if (stats->commands == services * (servers + 1) &&
		    programmed == 0) {
			programmed = clock_monotonic() - start;
			CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
		}
	}
	printf("seconds %.4f configured %.4f first %.4f all %.4f "
	       "user_ms %ld sys_ms %ld longest_turn_ms %.2f "
	       "commands %llu errors %llu\n",
	    (double)programmed / 1e9, (double)configured / 1e9,
	    (double)first / 1e9, (double)(clock_monotonic() - start) / 1e9,
	    milliseconds(&usage.ru_utime, &before.ru_utime),
	    milliseconds(&usage.ru_stime, &before.ru_stime),
	    (double)longest / 1e6, (unsigned long long)world_commands(&world),
	    (unsigned long long)world_errors(&world));
	CHECK(world.idle && world_errors(&world) == 0);
	CHECK_EQUAL(world_commands(&world), services * (servers + 1));
	world_free(&world);
	run("ipvsadm -C");
}
