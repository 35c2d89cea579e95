/* SPDX-License-Identifier: ISC */
/*
 * vrrpd/strangers.c: who is a node of an instance, by its configured sources,
 * by the networks of the interface and by what was heard.
 */
#include <netinet/in.h>
#include <stdlib.h>

#include "generation.h"
#include "iface.h"
#include "net/netlink_iface.h"
#include "packet_util.h"
#include "strangers.h"
#include "vrrpd.h"

#define IFINDEX	       3
#define OTHER_IFINDEX  4
#define MANY_STRANGERS 100000u

static struct vrrpd vrrpd;
static struct instance instances[2];
static struct conf conf;
static struct conf_instance confs[2];
static struct conf_address virtuals[2];
static struct conf_peer peers[2];
static struct addr sources[2];
static uint64_t now = 1;

/* Two instances of this host, d2 and d3 are the other nodes. */
static int
set_up(void **state)
{
	const struct netlink_iface link = {.index = IFINDEX, .name = "eth0"};
	const struct netlink_address own = {
	    .addr = address("10.0.0.1"), .prefix = 20, .ifindex = IFINDEX};

	(void)state;
	vrrpd = (struct vrrpd){.strangers = strangers_new()};
	vrrpd.ifaces = iface_new();
	iface_told(vrrpd.ifaces, &link);
	iface_address_told(vrrpd.ifaces, &own);
	sources[0] = address("10.0.0.12");
	sources[1] = address("10.0.15.13");
	for (int i = 0; i < 2; i++) {
		peers[i] = (struct conf_peer){.sources = {&sources[i], 1}};
		virtuals[i] = (struct conf_address){
		    .addr = address(i == 0 ? "10.0.0.100" : "10.0.0.101"),
		    .advertised = true,
		};
		confs[i] = (struct conf_instance){
		    .family = AF_INET,
		    .peers = peers,
		    .peer_count = 2,
		    .addresses = &virtuals[i],
		    .address_count = 1,
		};
	}
	conf = (struct conf){.instances = confs, .instance_count = 2};
	for (int i = 0; i < 2; i++) {
		instances[i] = (struct instance){
		    .vrrpd = &vrrpd,
		    .ifindex = IFINDEX,
		    .conf = &confs[i],
		    .generation = i == 0 ? generation_new(&conf) :
					   instances[0].generation,
		};
		generation_add_virtual(instances[0].generation, &confs[i]);
	}
	return 0;
}

static int
tear_down(void **state)
{
	struct generation *generation = instances[0].generation;

	(void)state;
	generation->conf = NULL; /* it is ours */
	generation_unref(generation);
	iface_gone(vrrpd.ifaces, IFINDEX);
	free(vrrpd.ifaces);
	free(vrrpd.strangers);
	return 0;
}

/* What is said of a sender that lists one address. */
static enum vrrp_drop
judge(const char *source, const char *listed, unsigned ifindex)
{
	struct addr list = address(listed);
	struct vrrp_advert advert = {
	    .family = list.family,
	    .count = 1,
	    .ifindex = ifindex,
	    .source = address(source),
	    .list = list.bytes,
	};

	return strangers_judge(&instances[0], &advert, now++);
}

static void
nodes_are_known_whatever_they_list(void **state)
{
	(void)state;
	assert_int_equal(judge("10.0.0.12", "10.9.9.9", IFINDEX), VRRP_OK);
	assert_int_equal(judge("10.0.15.13", "10.9.9.9", IFINDEX), VRRP_OK);
	assert_int_equal(
	    judge("10.0.0.14", "10.9.9.9", IFINDEX), VRRP_DROP_STRANGER);
	assert_int_equal(judge("10.0.0.14", "10.0.0.100", IFINDEX), VRRP_OK);
	/* All nodes are known: nobody becomes one by what he says. */
	assert_int_equal(
	    judge("10.0.0.14", "10.9.9.9", IFINDEX), VRRP_DROP_STRANGER);
	assert_int_equal(
	    judge("10.0.0.14", "10.0.0.101", IFINDEX), VRRP_DROP_STRANGER);
}

static void
only_advertised_addresses_are_shared(void **state)
{
	(void)state;
	virtuals[0].advertised = false;
	assert_int_equal(
	    judge("10.0.0.14", "10.0.0.100", IFINDEX), VRRP_DROP_STRANGER);
}

static void
a_node_of_another_network_is_heard(void **state)
{
	static const char *const off_link[] = {"10.0.16.13", "192.0.2.1"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		sources[1] = address(off_link[i]);
		assert_int_equal(judge("10.0.0.14", "10.9.9.9", IFINDEX),
		    i == 0 ? VRRP_DROP_STRANGER : VRRP_OK);
		assert_int_equal(
		    judge("10.0.0.14", "10.0.0.101", IFINDEX), VRRP_OK);
		assert_int_equal(
		    judge("10.0.0.14", "10.9.9.9", IFINDEX), VRRP_OK);
		assert_int_equal(judge("10.0.0.14", "10.9.9.9", OTHER_IFINDEX),
		    VRRP_DROP_STRANGER);
	}
	peers[1].sources.count = 0;
	assert_int_equal(judge("10.0.0.14", "10.9.9.9", IFINDEX), VRRP_OK);
	assert_int_equal(
	    judge("10.0.0.15", "10.9.9.9", IFINDEX), VRRP_DROP_STRANGER);
}

static void
refuses_all_but_nodes(void **state)
{
	(void)state;
	confs[0].strangers = STRANGERS_REFUSE;
	assert_int_equal(judge("10.0.0.12", "10.0.0.100", IFINDEX), VRRP_OK);
	assert_int_equal(
	    judge("10.0.0.14", "10.0.0.100", IFINDEX), VRRP_DROP_REFUSED);
}

/* By its address in the file a node has its name. Who has none may be a node
 * as long as one is there whose addresses are not known. */
static void
a_node_has_its_name(void **state)
{
	const struct addr known = address("10.0.15.13");
	const struct addr other = address("10.0.0.14");
	const char *name = "";

	(void)state;
	peers[1].name = "d3";
	assert_true(strangers_node(&instances[0], &known, &name));
	assert_string_equal(name, "d3");
	assert_false(strangers_node(&instances[0], &other, &name));
	peers[0].sources.count = 0;
	assert_true(strangers_node(&instances[0], &other, &name));
	assert_null(name);
}

/* The table does not grow, and a node that is heard meanwhile stays in it. */
static void
many_do_not_displace_who_is_heard(void **state)
{
	char source[ADDR_STRLEN];

	(void)state;
	peers[1].sources.count = 0;
	for (uint32_t i = 0; i < MANY_STRANGERS; i++) {
		snprintf(source, sizeof(source), "10.1.%u.%u", i / 250 % 250,
		    i % 250 + 1);
		assert_int_equal(judge(source, "10.0.0.100", IFINDEX), VRRP_OK);
		if (i % 100 == 0)
			assert_int_equal(
			    judge("10.0.0.14", "10.0.0.100", IFINDEX), VRRP_OK);
	}
	assert_int_equal(judge("10.0.0.14", "10.9.9.9", IFINDEX), VRRP_OK);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(nodes_are_known_whatever_they_list),
	    TEST(only_advertised_addresses_are_shared),
	    TEST(a_node_of_another_network_is_heard),
	    TEST(refuses_all_but_nodes),
	    TEST(a_node_has_its_name),
	    TEST(many_do_not_displace_who_is_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
