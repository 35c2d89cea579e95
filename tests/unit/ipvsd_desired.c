/* SPDX-License-Identifier: ISC */
/* What the kernel should hold, from configuration, verdicts and duty. */
#include "unit.h"

#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "desired/table_digest.h"
#include "ipvsd_make.h"

/* The wanted destinations as "address=weight ...". */
static const char *
dests(struct made *made, uint32_t index)
{
	static char text[512];
	struct ipvs_service *service;
	char addr[ADDR_STRLEN];
	size_t len = 0;

	text[0] = '\0';
	service = desired_service(&made->input, &made->services[index]);
	assert_non_null(service);
	for (uint32_t i = 0; i < service->count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s%s=%u", i > 0 ? " " : "",
		    addr_format(&service->dests[i].addr, addr),
		    service->dests[i].conf.weight);
	ipvs_service_free(service);
	return text;
}

static const char *
addresses(struct made *made)
{
	static char text[512];
	struct desired_addresses out = {.count = 0};
	char addr[ADDR_STRLEN];
	size_t len = 0;

	text[0] = '\0';
	desired_addresses(&made->input, &out);
	for (uint32_t i = 0; i < out.count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s%s/%u %s%s%s", i > 0 ? ", " : "",
		    addr_format(&out.list[i].addr, addr), out.list[i].prefix,
		    out.list[i].interface,
		    out.list[i].lifetime ? " for a while" : "",
		    out.list[i].label[0] != '\0' ? " labelled" : "");
	if (out.real_server)
		(void)snprintf(text + len, sizeof(text) - len, "; arp");
	desired_addresses_clear(&out);
	return text;
}

static void
pair(struct made *made, const char *scheduler)
{
	make(made);
	make_service(made, "10.0.0.100", scheduler);
	/* Not in canonical order. */
	make_server(made, "10.0.0.12", 40);
	make_server(made, "10.0.0.9", 50);
}

static void
test_health(void **state)
{
	struct made made;

	(void)state;
	pair(&made, "rr");
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=40");
	made.services[0].start_up = false;
	assert_string_equal(dests(&made, 0), "");
	made.health[0] = HEALTH_UP;
	assert_string_equal(dests(&made, 0), "10.0.0.12=40");
	made.health[1] = HEALTH_UP;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=40");
	made.health[0] = HEALTH_DOWN;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50");
	made.services[0].when_down = WHEN_DOWN_WEIGHT_ZERO;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=0");
}

static void
test_hashing_keeps_all(void **state)
{
	static const char *const schedulers[] = {"mh", "sh"};
	struct made made;

	(void)state;
	for (int i = 0; i < 2; i++) {
		pair(&made, schedulers[i]);
		made.health[0] = HEALTH_DOWN;
		assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=0");
		made.services[0].start_up = false;
		assert_string_equal(dests(&made, 0), "10.0.0.9=0 10.0.0.12=0");
	}
}

/* What weight 0 would leave with a dead server is why it goes. */
static void
test_dead_of_udp_or_persistent(void **state)
{
	struct made made;

	(void)state;
	pair(&made, "rr");
	made.services[0].when_down = WHEN_DOWN_WEIGHT_ZERO;
	made.services[0].persistence = 300;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=40");
	made.override[0] = OVERRIDE_DRAINED;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=0");
	made.health[0] = HEALTH_DOWN;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50");
	made.services[0].persistence = 0;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=0");
	made.services[0].protocol = PROTOCOL_UDP;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50");
	pair(&made, "mh");
	made.health[0] = HEALTH_DOWN;
	made.services[0].persistence = 300;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50");
	made.conf.ipvs.expire_quiescent_template.set = true;
	made.conf.ipvs.expire_quiescent_template.value = 1;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=0");
	made.services[0].protocol = PROTOCOL_UDP;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50");
}

/* All must pass: one down is down, else one unknown is unknown. */
static void
test_several_probes(void **state)
{
	struct conf_server *server;
	struct made made;

	(void)state;
	pair(&made, "rr");
	server = &made.servers[0][0];
	server->probe_count = 3;
	made.health[0] = made.health[1] = HEALTH_UP;
	assert_int_equal(desired_health(&made.input, server), HEALTH_UNKNOWN);
	made.health[2] = HEALTH_UP;
	assert_int_equal(desired_health(&made.input, server), HEALTH_UP);
	made.health[1] = HEALTH_DOWN;
	made.health[2] = HEALTH_UNKNOWN;
	assert_int_equal(desired_health(&made.input, server), HEALTH_DOWN);
	server->probe_count = 0;
	assert_int_equal(desired_health(&made.input, server), HEALTH_UP);
	made.input.health_count = 0;
	server->probe_count = 1;
	assert_int_equal(desired_health(&made.input, server), HEALTH_UNKNOWN);
}

static void
test_drained(void **state)
{
	struct made made;

	(void)state;
	pair(&made, "rr");
	made.servers[0][0].state = SERVER_DRAINED;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=0");
	made.override[0] = OVERRIDE_ENABLED;
	made.override[1] = OVERRIDE_DRAINED;
	assert_string_equal(dests(&made, 0), "10.0.0.9=0 10.0.0.12=40");
}

static void
test_colocated(void **state)
{
	struct made made;

	(void)state;
	pair(&made, "rr");
	made.servers[0][1].local = true;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=0");
	/* Itself whatever its health, the operator's or the file's word. */
	made.health[1] = HEALTH_DOWN;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=0");
	made.override[1] = OVERRIDE_DRAINED;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=0");
	made.servers[0][1].weight = 0;
	assert_string_equal(dests(&made, 0), "10.0.0.9=1 10.0.0.12=0");
	made.servers[0][1].weight = 50;
	/* As master like any other. */
	made.duty[0] = DUTY_MASTER;
	assert_string_equal(dests(&made, 0), "10.0.0.12=40");
	made.health[1] = HEALTH_UP;
	made.override[1] = OVERRIDE_NONE;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=40");
	/* A peer that is down: removed on either side, so that a role change
	 * stays weight edits. */
	made.health[0] = HEALTH_DOWN;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50");
	made.duty[0] = DUTY_BACKUP;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50");
	/* On the way to be master: itself, if it can. */
	made.health[0] = HEALTH_UP;
	made.duty[0] = DUTY_GAINING;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=0");
	made.override[1] = OVERRIDE_DRAINED;
	assert_string_equal(dests(&made, 0), "10.0.0.9=0 10.0.0.12=40");
	made.override[1] = OVERRIDE_NONE;
	made.health[1] = HEALTH_DOWN;
	assert_string_equal(dests(&made, 0), "10.0.0.12=40");
	made.health[1] = HEALTH_UP;
	/* Unless the former master chooses as it does: then at once. */
	made.services[0].scheduler = "mh";
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=40");
	made.services[0].scheduler = "rr";
	made.duty[0] = DUTY_BACKUP;
	/* What is sent by NAT has another address: no second balancing. */
	made.health[0] = HEALTH_UP;
	made.servers[0][1].forward = FORWARD_NAT;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=40");
}

/* The weight after so many ms of a ramp of a second. */
static uint32_t
ramp_after(uint32_t weight, uint64_t ms)
{
	struct ramp ramp = {.since = 5 * NS_PER_SEC};

	return ramp_weight(
	    &ramp, weight, NS_PER_SEC, ramp.since + ms * NS_PER_MS);
}

static void
test_ramp(void **state)
{
	static const struct {
		uint32_t weight;
		uint64_t ms;
		uint32_t wanted;
	} cases[] = {{100, 0, 10}, {100, 99, 10}, {100, 100, 19},
	    {100, 550, 55}, {100, 999, 91}, {100, 1000, 100},
	    {100, 9999999, 100}, {0, 0, 0}, {1, 0, 1}, {2, 0, 1}, {2, 999, 1},
	    {2, 1000, 2}, {9, 0, 1}, {65535, 0, 6553}, {65535, 900, 59636},
	    {65535, 1000, 65535}, {UINT32_MAX, 1000, UINT32_MAX}};
	struct ramp ramp = {.since = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    ramp_after(cases[i].weight, cases[i].ms), cases[i].wanted);
	/* None, and one that has not begun yet. */
	assert_int_equal(ramp_weight(&ramp, 100, NS_PER_SEC, 1), 100);
	ramp.since = 7;
	assert_int_equal(ramp_weight(&ramp, 100, NS_PER_SEC, 6), 10);
}

/* Waking up when it says sees every step, and no more than ten of them. */
static void
test_ramp_steps(void **state)
{
	static const uint64_t durations[] = {
	    10, 7777, NS_PER_SEC, 86400 * NS_PER_SEC};
	struct ramp ramp = {.since = 12345};
	uint32_t before, weight;
	uint64_t now, next;
	int steps;

	(void)state;
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		now = ramp.since;
		before = ramp_weight(&ramp, 1000, durations[i], now);
		assert_int_equal(before, 100);
		for (steps = 0;
		     (next = ramp_next(&ramp, durations[i], now)) != UINT64_MAX;
		     steps++) {
			assert_true(next > now);
			/* Nothing moves before. */
			assert_int_equal(
			    ramp_weight(&ramp, 1000, durations[i], next - 1),
			    before);
			now = next;
			weight = ramp_weight(&ramp, 1000, durations[i], now);
			assert_int_equal(weight, before + 90);
			before = weight;
		}
		assert_int_equal(before, 1000);
		assert_true(now == ramp.since + durations[i]);
		assert_int_equal(steps, RAMP_STEPS);
	}
	ramp.since = 0;
	assert_true(ramp_next(&ramp, NS_PER_SEC, 5) == UINT64_MAX);
}

/* Who comes back: only one that was seen to be out. */
static void
test_ramp_see(void **state)
{
	struct ramp ramp = {.since = 0};

	(void)state;
	assert_false(ramp_see(&ramp, ELIGIBLE_UNKNOWN));
	assert_false(ramp_see(&ramp, ELIGIBLE_YES));
	assert_false(ramp_see(&ramp, ELIGIBLE_YES));
	/* Another check: no verdict yet, then one. */
	assert_false(ramp_see(&ramp, ELIGIBLE_UNKNOWN));
	assert_false(ramp_see(&ramp, ELIGIBLE_YES));
	assert_false(ramp_see(&ramp, ELIGIBLE_NO));
	assert_false(ramp_see(&ramp, ELIGIBLE_UNKNOWN));
	assert_true(ramp_see(&ramp, ELIGIBLE_YES));
	ramp.since = 5;
	assert_false(ramp_see(&ramp, ELIGIBLE_YES));
	assert_int_equal(ramp.since, 5);
	assert_false(ramp_see(&ramp, ELIGIBLE_NO));
	assert_int_equal(ramp.since, 0);
	memset(&ramp, 0, sizeof(ramp));
	assert_false(ramp_see(&ramp, ELIGIBLE_NO));
	assert_true(ramp_see(&ramp, ELIGIBLE_YES));
}

static void
test_eligible(void **state)
{
	struct conf_service *service;
	struct conf_server *server;
	struct made made;

	(void)state;
	pair(&made, "wrr");
	service = &made.services[0];
	server = &made.servers[0][0];
#define ELIGIBLE() desired_eligible(&made.input, service, server)
	assert_int_equal(ELIGIBLE(), ELIGIBLE_YES);
	service->start_up = false;
	assert_int_equal(ELIGIBLE(), ELIGIBLE_UNKNOWN);
	made.health[0] = HEALTH_UP;
	assert_int_equal(ELIGIBLE(), ELIGIBLE_YES);
	made.override[0] = OVERRIDE_DRAINED;
	assert_int_equal(ELIGIBLE(), ELIGIBLE_NO);
	made.override[0] = OVERRIDE_NONE;
	server->weight = 0;
	assert_int_equal(ELIGIBLE(), ELIGIBLE_NO);
	server->weight = 1;
	made.health[0] = HEALTH_DOWN;
	assert_int_equal(ELIGIBLE(), ELIGIBLE_NO);
#undef ELIGIBLE
}

static void
test_slow_start(void **state)
{
	struct made made;

	(void)state;
	pair(&made, "wrr");
	made.ramp[0].since = made.input.now = NS_PER_SEC;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=40");
	made.services[0].slow_start = 1000;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=4");
	made.input.now += 500 * NS_PER_MS;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=22");
	made.override[0] = OVERRIDE_DRAINED;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=0");
	made.override[0] = OVERRIDE_NONE;
	/* What the master sends here is not for us to spread. */
	made.servers[0][0].local = true;
	assert_string_equal(dests(&made, 0), "10.0.0.9=0 10.0.0.12=40");
	made.duty[0] = DUTY_MASTER;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=22");
	made.input.ramp_count = 0;
	assert_string_equal(dests(&made, 0), "10.0.0.9=50 10.0.0.12=40");
}

static void
test_service(void **state)
{
	struct ipvs_service *service;
	struct made made;

	(void)state;
	pair(&made, "wrr");
	made.services[0].persistence = 300;
	made.services[0].persistence_prefix = 24;
	made.services[0].protocol = PROTOCOL_UDP;
	made.services[0].one_packet = true;
	made.servers[0][0].forward = FORWARD_NAT;
	made.servers[0][0].max_connections = 10;
	made.servers[0][0].min_connections = 5;
	service = desired_service(&made.input, &made.services[0]);
	assert_int_equal(service->key.protocol, IPPROTO_UDP);
	assert_int_equal(service->sched.flags,
	    IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_ONEPACKET);
	assert_int_equal(service->sched.timeout, 300);
	assert_int_equal(service->sched.prefix, 24);
	assert_string_equal(service->sched.name, "wrr");
	assert_int_equal(service->dests[1].conf.forward, IP_VS_CONN_F_MASQ);
	assert_int_equal(service->dests[0].conf.forward, IP_VS_CONN_F_DROUTE);
	assert_int_equal(service->dests[1].conf.upper, 10);
	assert_int_equal(service->dests[1].conf.lower, 5);
	ipvs_service_free(service);
	made.services[0].director = false;
	assert_null(desired_service(&made.input, &made.services[0]));
}

static void
test_addresses(void **state)
{
	struct made made;

	(void)state;
	pair(&made, "rr");
	assert_string_equal(addresses(&made), "");
	made.duty[0] = DUTY_MASTER;
	assert_string_equal(
	    addresses(&made), "10.0.0.100/24 eth0 for a while labelled");
	/* Not a node of the instance: whatever is said, never. */
	made.instances[0].member = false;
	assert_string_equal(addresses(&made), "");
	made.instances[0].member = true;
	/* Colocated: on lo unless master. ARP settings in either case. */
	made.servers[0][1].local = true;
	assert_string_equal(
	    addresses(&made), "10.0.0.100/24 eth0 for a while labelled; arp");
	made.duty[0] = DUTY_BACKUP;
	assert_string_equal(addresses(&made), "10.0.0.100/32 lo; arp");
	/* Two services of one address, and one of IPv6. */
	make_service(&made, "10.0.0.100", "rr");
	make_server(&made, "10.0.0.9", 1)->local = true;
	make_service(&made, "2001:db8::100", "rr");
	make_server(&made, "2001:db8::9", 1)->local = true;
	assert_string_equal(
	    addresses(&made), "10.0.0.100/32 lo, 2001:db8::100/128 lo; arp");
	/* A plain real server. */
	made.instances[0].member = false;
	assert_string_equal(
	    addresses(&made), "10.0.0.100/32 lo, 2001:db8::100/128 lo; arp");
}

static void
test_daemons(void **state)
{
	struct conf_sync *sync;
	struct ipvs_daemon out[2];
	struct made made;

	(void)state;
	make(&made);
	sync = &made.conf.ipvs.sync;
	desired_daemons(&made.input, out);
	assert_int_equal(out[0].state | out[1].state, 0);
	sync->enabled = true;
	sync->interface = "eth1";
	sync->id = 10;
	desired_daemons(&made.input, out);
	assert_int_equal(out[0].state, 0);
	assert_int_equal(out[1].state, IP_VS_STATE_BACKUP);
	assert_string_equal(out[1].interface, "eth1");
	made.duty[0] = DUTY_MASTER;
	desired_daemons(&made.input, out);
	assert_int_equal(out[0].state, IP_VS_STATE_MASTER);
	assert_int_equal(out[1].state, 0);
	sync->instance = UINT32_MAX;
	desired_daemons(&made.input, out);
	assert_int_equal(out[0].state, IP_VS_STATE_MASTER);
	assert_int_equal(out[1].state, IP_VS_STATE_BACKUP);
	made.instances[0].member = made.instances[1].member = false;
	desired_daemons(&made.input, out);
	assert_int_equal(out[0].state | out[1].state, 0);
}

/* The configured digest is the file's: no host, role or verdict in it. */
static void
test_digest(void **state)
{
	struct made here, there;
	uint64_t digest;

	(void)state;
	pair(&here, "rr");
	pair(&there, "rr");
	there.servers[0][0].local = true;
	there.services[0].director = false;
	there.instances[0].member = false;
	there.services[0].start_up = here.services[0].start_up;
	here.health[0] = HEALTH_DOWN;
	here.duty[0] = DUTY_MASTER;
	digest = digest_configured_service(here.services);
	assert_int_not_equal(digest, 0);
	assert_int_equal(digest, digest_configured_service(there.services));
	there.servers[0][0].weight++;
	assert_int_not_equal(digest, digest_configured_service(there.services));
	there.servers[0][0].weight--;
	there.servers[0][0].state = SERVER_DRAINED;
	assert_int_not_equal(digest, digest_configured_service(there.services));
	there.servers[0][0].state = SERVER_ENABLED;
	there.services[0].scheduler = "wrr";
	assert_int_not_equal(digest, digest_configured_service(there.services));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_health),
	    cmocka_unit_test(test_hashing_keeps_all),
	    cmocka_unit_test(test_dead_of_udp_or_persistent),
	    cmocka_unit_test(test_several_probes),
	    cmocka_unit_test(test_drained),
	    cmocka_unit_test(test_colocated),
	    cmocka_unit_test(test_ramp),
	    cmocka_unit_test(test_ramp_steps),
	    cmocka_unit_test(test_ramp_see),
	    cmocka_unit_test(test_eligible),
	    cmocka_unit_test(test_slow_start),
	    cmocka_unit_test(test_service),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_daemons),
	    cmocka_unit_test(test_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
