/* SPDX-License-Identifier: ISC */
/* What each daemon gets of a configuration, and does not get. */

#include "conf_fixture.h"

static bool
contains(int fd, const void *bytes, size_t len)
{
	struct stat st;
	void *map;
	bool found;

	assert_int_equal(fstat(fd, &st), 0);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_true(map != MAP_FAILED);
	found = memmem(map, (size_t)st.st_size, bytes, len) != NULL;
	munmap(map, (size_t)st.st_size);
	return found;
}

static void
ipvsd_copy(void **state)
{
	struct conf *conf = conf_of(FILE_NAME, "d1", ROLE_IPVSD);
	const struct conf_instance *front;
	const struct conf_service *http;
	char buf[ADDR_STRLEN];

	(void)state;
	assert_string_equal(conf->self, "d1");
	assert_string_equal(conf->cluster, "example");
	assert_int_equal(conf->node_count, 4);
	assert_true(conf->nodes[0].self && !conf->nodes[1].self);
	assert_int_equal(conf->nodes[1].addresses.count, 3);
	assert_int_equal(conf->ipvs.tcp_timeout, 900);
	assert_int_equal(conf->ipvs.foreign, FOREIGN_REMOVE);
	assert_int_equal(conf->ipvs.on_stop, ON_STOP_KEEP);
	assert_true(conf->ipvs.sync.enabled);
	assert_string_equal(conf->ipvs.sync.interface, "eth1");
	assert_int_equal(conf->ipvs.sync.instance, 0);
	assert_int_equal(conf->ipvs.sync.refresh, 10000);
	assert_true(conf->ipvs.conn_reuse_mode.set);
	assert_int_equal(conf->ipvs.conn_reuse_mode.value, 0);
	front = conf_instance_by_name(conf, "front");
	assert_non_null(front);
	assert_ptr_equal(front, conf_instance(conf, front->id));
	assert_string_equal(front->interface, "eno1");
	assert_int_equal(front->address_count, 4);
	assert_string_equal(front->addresses[0].interface, "eno1");
	assert_int_equal(front->addresses[0].prefix, 24);
	assert_string_equal(front->addresses[1].label, "eth2:1");
	assert_true(front->addresses[1].advertised);
	assert_false(front->addresses[2].advertised);
	assert_null(conf_instance_by_name(conf, "none"));
	assert_int_equal(conf->service_count, 4);
	http = &conf->services[1];
	assert_string_equal(http->name, "http");
	assert_int_equal(http->port, 443);
	assert_true(http->director && !http->start_up);
	assert_int_equal(http->persistence, 300);
	assert_int_equal(http->server_count, 5);
	assert_int_equal(http->servers[0].port, 443);
	assert_int_equal(http->servers[2].port, 8080);
	assert_int_equal(http->servers[1].max_connections, 5000);
	assert_int_equal(http->servers[3].state, SERVER_DRAINED);
	assert_int_equal(http->servers[3].probe_count, 0);
	assert_string_equal(http->servers[0].node, "s1");
	assert_null(http->servers[2].node);
	assert_string_equal(
	    addr_format(&http->servers[0].addr, buf), "10.0.0.21");
	assert_int_equal(conf->services[3].server_count, 2);
	assert_int_equal(conf->services[3].servers[0].probe_count, 2);
	conf_free(conf);
}

/* checkd alone sees what is sent; ipvsd knows when and to whom. */
static void
http_is_checkds(void **state)
{
	struct conf *ipvsd = conf_of(FILE_NAME, "d1", ROLE_IPVSD);
	struct conf *checkd = conf_of(FILE_NAME, "d1", ROLE_CHECKD);
	const struct conf_probe *probe;
	uint32_t i;

	(void)state;
	assert_int_equal(ipvsd->probe_count, checkd->probe_count);
	for (i = 0; i < ipvsd->probe_count; i++) {
		assert_null(ipvsd->probes[i].http.path);
		assert_null(ipvsd->probes[i].http.headers);
		assert_int_equal(
		    ipvsd->probes[i].interval, checkd->probes[i].interval);
	}
	probe = &checkd->probes[0];
	assert_string_equal(probe->check, "web");
	assert_int_equal(probe->type, CHECK_HTTP);
	assert_int_equal(probe->port, 443);
	assert_string_equal(probe->http.method, "HEAD");
	assert_string_equal(probe->http.host, "www.example.org");
	assert_string_equal(probe->http.path, "/healthz?deep=1");
	assert_int_equal(probe->http.header_count, 2);
	assert_string_equal(probe->http.headers[1].value, "say \"\u00e4\" \\");
	assert_int_equal(probe->http.status_count, 2);
	assert_int_equal(probe->http.status[0].high, 299);
	assert_null(probe->http.body);
	assert_int_equal(probe->warm_up, 10000);
	assert_int_equal(checkd->service_count, 0);
	assert_int_equal(checkd->instance_count, 0);
	assert_int_equal(checkd->node_count, 0);
	conf_free(ipvsd);
	conf_free(checkd);
}

/* Two services ask for the same: one probe. */
static void
equal_checks_are_one(void **state)
{
	struct conf *conf = conf_of(FILE_NAME, "d1", ROLE_IPVSD);
	const struct conf_service *s = conf->services;

	(void)state;
	assert_string_equal(s[0].name, s[1].name);
	assert_int_equal(s[0].servers[0].probes[0], s[1].servers[0].probes[0]);
	assert_int_equal(s[0].servers[2].probes[0], s[1].servers[2].probes[0]);
	assert_int_not_equal(
	    s[0].servers[0].probes[0], s[0].servers[1].probes[0]);
	assert_true(s[0].servers[4].id < s[1].servers[0].id);
	conf_free(conf);
}

static void
vrrpd_copy(void **state)
{
	static const uint8_t server[] = {10, 0, 0, 21};
	struct conf_source *source = load(FILE_NAME, "d2");
	struct conf *conf = conf_of(FILE_NAME, "d2", ROLE_VRRPD);
	const struct conf_instance *front = &conf->instances[0];
	int fd;

	(void)state;
	assert_int_equal(conf->instance_count, 3);
	assert_string_equal(front->interface, "ens3");
	assert_int_equal(front->priority, 100);
	assert_int_equal(front->interval, 250);
	assert_int_equal(front->checksum, CHECKSUM_RFC9568);
	assert_true(front->strict && front->preempt);
	assert_int_equal(front->preempt_delay, 30000);
	assert_int_equal(front->garp.refresh, 3600000);
	assert_int_equal(front->source.bytes[3], 12);
	assert_int_equal(conf->instances[1].family, AF_INET6);
	assert_int_equal(conf->instances[1].source.family, AF_UNSPEC);
	assert_int_equal(conf->instances[2].priority, 200);
	assert_null(front->addresses[1].label);
	assert_int_equal(conf->service_count, 0);
	assert_int_equal(conf->probe_count, 0);
	assert_int_equal(conf->node_count, 0);
	fd = encode_whole(source, ROLE_VRRPD);
	assert_false(contains(fd, server, sizeof(server)));
	assert_false(contains(fd, "healthz", 7));
	close(fd);
	fd = encode_whole(source, ROLE_IPVSD);
	assert_true(contains(fd, server, sizeof(server)));
	assert_false(contains(fd, "healthz", 7));
	close(fd);
	conf_source_free(source);
	conf_free(conf);
}

/* A plain real server: services arrive, instances of others do not. */
static void
real_server(void **state)
{
	struct conf *ipvsd = conf_of(FILE_NAME, "s1", ROLE_IPVSD);
	struct conf *vrrpd = conf_of(FILE_NAME, "s1", ROLE_VRRPD);
	struct conf *checkd = conf_of(FILE_NAME, "s1", ROLE_CHECKD);

	(void)state;
	assert_int_equal(ipvsd->service_count, 4);
	assert_false(ipvsd->services[0].director);
	assert_true(ipvsd->services[0].servers[0].local);
	assert_false(ipvsd->services[0].servers[1].local);
	assert_false(ipvsd->instances[0].member);
	assert_null(ipvsd->instances[0].interface);
	assert_false(ipvsd->ipvs.sync.enabled);
	assert_int_equal(vrrpd->instance_count, 0);
	assert_int_equal(checkd->probe_count, 0);
	conf_free(ipvsd);
	conf_free(vrrpd);
	conf_free(checkd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ipvsd_copy),
	    cmocka_unit_test(http_is_checkds),
	    cmocka_unit_test(equal_checks_are_one),
	    cmocka_unit_test(vrrpd_copy),
	    cmocka_unit_test(real_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
