/* SPDX-License-Identifier: ISC */
/* See ipvsd_make.h. */
#include "unit.h"

#include <string.h>

#include "ipvsd_make.h"

void
make(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made->conf.self = "test";
	made->conf.cluster = "";
	made->conf.instances = made->instances;
	made->conf.instance_count = 2;
	made->conf.services = made->services;
	for (uint32_t i = 0; i < 2; i++) {
		made->instances[i].id = i;
		made->instances[i].name = i == 0 ? "front" : "back";
		made->instances[i].key = i + 1;
		made->instances[i].member = true;
		made->instances[i].interface = "eth0";
	}
	made->instances[0].addresses = made->addresses;
	made->instances[0].address_count = 1;
	assert_true(addr_parse(&made->addresses[0].addr, "10.0.0.100"));
	made->addresses[0].prefix = 24;
	made->addresses[0].interface = "eth0";
	made->addresses[0].label = "eth0:1";
	for (uint32_t i = 0; i < 8; i++)
		made->probes[i] = i;
	made->input.conf = &made->conf;
	made->input.duty = made->duty;
	made->input.duty_count = 4;
	made->input.health = made->health;
	made->input.health_count = 8;
	made->input.override = made->override;
	made->input.override_count = 32;
	made->input.ramp = made->ramp;
	made->input.ramp_count = 32;
}

struct conf_service *
make_service(struct made *made, const char *addr, const char *scheduler)
{
	struct conf_service
	    *service = &made->services[made->conf.service_count];

	service->id = made->conf.service_count;
	service->name = "service";
	assert_true(addr_parse(&service->addr, addr));
	service->port = 80;
	service->director = true;
	service->scheduler = scheduler;
	service->start_up = true;
	service->servers = made->servers[made->conf.service_count++];
	return service;
}

struct conf_server *
make_server(struct made *made, const char *addr, uint32_t weight)
{
	struct conf_service
	    *service = &made->services[made->conf.service_count - 1];
	struct conf_server *server = &service->servers[service->server_count];

	server->id = service->id * 8 + service->server_count;
	assert_true(addr_parse(&server->addr, addr));
	server->port = 80;
	server->weight = weight;
	server->probes = &made->probes[service->server_count++];
	server->probe_count = 1;
	return server;
}
