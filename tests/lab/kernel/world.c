/* SPDX-License-Identifier: ISC */
/* See world.h. */
#include "digest.h"
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

const char *world_test = "";

void
world_check(bool ok, const char *what, const char *file, int line)
{
	if (ok)
		return;
	fprintf(
	    stderr, "%s:%d: %s: not so: %s\n", file, line, world_test, what);
	exit(1);
}

void
world_check_equal(
    uint64_t a, uint64_t b, const char *what, const char *file, int line)
{
	if (a == b)
		return;
	fprintf(stderr, "%s:%d: %s: not so: %s: %llu and %llu\n", file, line,
	    world_test, what, (unsigned long long)a, (unsigned long long)b);
	exit(1);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* One turn of the loop, at most 50 ms long, as shell answers may change. */
void
world_turn(struct world *world, uint64_t end, const char *what,
    const char *file, int line)
{
	static const struct timeval tick = {.tv_usec = 50000};

	if (clock_monotonic() > end) {
		fprintf(stderr, "%s:%d: %s: never so: %s\n", file, line,
		    world_test, what);
		exit(1);
	}
	(void)event_base_once(
	    world->base, -1, EV_TIMEOUT, on_tick, NULL, &tick);
	(void)event_base_loop(world->base, EVLOOP_ONCE);
}

static void
on_held(uint32_t instance, enum lease_reason reason, void *arg)
{
	((struct world *)arg)->held[instance] = (int)reason + 1;
}

static void
on_released(uint32_t instance, void *arg)
{
	((struct world *)arg)->released[instance] = 1;
}

static void
on_lost(uint32_t instance, enum lease_reason reason, void *arg)
{
	((struct world *)arg)->lost[instance] = (int)reason + 1;
}

static bool
on_renewable(uint32_t instance, uint64_t now, void *arg)
{
	(void)instance;
	(void)now;
	return ((struct world *)arg)->renewable;
}

static void
on_idle(void *arg)
{
	((struct world *)arg)->idle = true;
}

static void
on_repaired(const char *name, const char *from, const char *to, void *arg)
{
	(void)name;
	(void)from;
	(void)to;
	((struct world *)arg)->repaired++;
}

static void
on_save(void *arg)
{
	struct world *world = arg;
	FILE *file;

	if (world->kernel == NULL)
		return;
	file = fmemopen(world->saved, sizeof(world->saved), "w");
	CHECK(file != NULL);
	kernel_save(world->kernel, file);
	(void)fclose(file);
}

static void
on_left(void *arg)
{
	((struct world *)arg)->left = true;
}

static void
on_refreshed(void *arg)
{
	((struct world *)arg)->refreshed = true;
}

static const struct kernel_handlers handlers = {
    .held = on_held,
    .released = on_released,
    .lost = on_lost,
    .renewable = on_renewable,
    .idle = on_idle,
    .repaired = on_repaired,
    .save = on_save,
};

void
world_init(struct world *world, uint32_t services, uint32_t servers)
{
	memset(world, 0, sizeof(*world));
	world->base = event_base_new();
	world->services = calloc(services + 1, sizeof(*world->services));
	world->servers = calloc(servers + 1, sizeof(*world->servers));
	world->health = calloc(servers + 1, 1);
	world->override = calloc(servers + 1, 1);
	CHECK(world->base != NULL && world->services != NULL &&
	    world->servers != NULL && world->health != NULL &&
	    world->override != NULL);
	world->renewable = true;
	world->conf.self = "test";
	world->conf.cluster = "";
	world->conf.ipvs.resync = 60000;
	world->conf.ipvs.sync.instance = UINT32_MAX;
	world->conf.instances = world->instances;
	world->conf.services = world->services;
	world->input.conf = &world->conf;
	world->input.duty = world->duty;
	world->input.duty_count = WORLD_MAX;
	world->input.health = world->health;
	world->input.health_count = servers;
	world->input.override = world->override;
	world->input.override_count = servers;
}

void
world_free(struct world *world)
{
	world_stop(world);
	event_base_free(world->base);
	free(world->services);
	free(world->servers);
	free(world->health);
	free(world->override);
}

void
world_start(struct world *world, bool load)
{
	FILE *file;

	world->kernel = kernel_new(world->base, &handlers, world);
	CHECK(world->kernel != NULL);
	if (!load)
		return;
	file = fmemopen(world->saved, strlen(world->saved) + 1, "r");
	CHECK(file != NULL);
	kernel_load(world->kernel, file);
	(void)fclose(file);
}

void
world_stop(struct world *world)
{
	kernel_free(world->kernel);
	world->kernel = NULL;
}

void
world_configure(struct world *world)
{
	world->idle = false;
	kernel_configure(world->kernel, &world->input, NULL);
	WAIT(world, world->idle);
}

void
world_leave(struct world *world)
{
	world->left = false;
	kernel_leave(world->kernel, on_left, world);
	WAIT(world, world->left);
	world_stop(world);
}

void
world_hold(struct world *world, uint32_t instance)
{
	world->held[instance] = 0;
	world->duty[instance] = DUTY_MASTER;
	kernel_hold(world->kernel, instance);
	CHECK(world->held[instance] == 0);
	WAIT(world, world->held[instance] != 0);
}

void
world_release(struct world *world, uint32_t instance)
{
	world->released[instance] = 0;
	world->duty[instance] = DUTY_BACKUP;
	kernel_release(world->kernel, instance, false);
	CHECK(world->released[instance] == 0);
	WAIT(world, world->released[instance] != 0);
}

void
world_refresh(struct world *world)
{
	world->refreshed = false;
	kernel_refresh(world->kernel, on_refreshed, world);
	WAIT(world, world->refreshed);
	WAIT(world, kernel_stats(world->kernel)->dirty == 0);
	/* What the last services needed has gone out with that turn. */
	world->refreshed = false;
	kernel_refresh(world->kernel, on_refreshed, world);
	WAIT(world, world->refreshed);
	WAIT(world, kernel_stats(world->kernel)->dirty == 0);
}

uint64_t
world_commands(struct world *world)
{
	return kernel_stats(world->kernel)->commands;
}

uint64_t
world_errors(struct world *world)
{
	return kernel_stats(world->kernel)->errors;
}

struct conf_instance *
world_instance(struct world *world, const char *name, const char *interface)
{
	struct conf_instance
	    *instance = &world->instances[world->conf.instance_count];

	instance->id = world->conf.instance_count++;
	instance->name = name;
	instance->key = fnv1a64_string(FNV1A64_INIT, name);
	instance->member = true;
	instance->family = AF_INET;
	instance->interface = interface;
	instance->interval = 1000;
	instance->addresses = &world->addresses[world->address_count];
	return instance;
}

/* Right after its instance: they lie one after the other. */
struct conf_address *
world_address(struct world *world, struct conf_instance *instance,
    const char *addr, uint8_t prefix)
{
	struct conf_address *address = &world
					    ->addresses[world->address_count++];

	CHECK(addr_parse(&address->addr, addr));
	address->prefix = prefix;
	address->interface = instance->interface;
	address->advertised = true;
	instance->address_count++;
	return address;
}

struct conf_service *
world_service(struct world *world, uint32_t instance, const char *addr,
    uint16_t port, const char *scheduler)
{
	struct conf_service
	    *service = &world->services[world->conf.service_count];

	memset(service, 0, sizeof(*service));
	service->id = world->conf.service_count++;
	service->name = "service";
	CHECK(addr_parse(&service->addr, addr));
	service->port = port;
	service->instance = instance;
	service->director = true;
	service->scheduler = scheduler;
	service->start_up = true;
	service->servers = &world->servers[world->server_count];
	return service;
}

struct conf_server *
world_server(struct world *world, const char *addr, uint16_t port,
    uint32_t weight, enum conf_forward forward)
{
	struct conf_service
	    *service = &world->services[world->conf.service_count - 1];
	struct conf_server *server = &world->servers[world->server_count];

	memset(server, 0, sizeof(*server));
	server->id = world->server_count++;
	CHECK(addr_parse(&server->addr, addr));
	server->port = port;
	server->weight = weight;
	server->forward = forward;
	service->server_count++;
	return server;
}

void
run(const char *format, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(command, sizeof(command), format, ap);
	va_end(ap);
	if (system(command) != 0) {
		fprintf(
		    stderr, "%s: does not succeed: %s\n", world_test, command);
		exit(1);
	}
}

const char *
output(const char *command)
{
	static char text[65536];
	FILE *pipe = popen(command, "r");
	size_t len;

	CHECK(pipe != NULL);
	len = fread(text, 1, sizeof(text) - 1, pipe);
	text[len] = '\0';
	(void)pclose(pipe);
	return text;
}

bool
has(const char *command, const char *text)
{
	return strstr(output(command), text) != NULL;
}
