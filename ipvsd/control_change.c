/* SPDX-License-Identifier: ISC */
/* The commands drain and enable. */
#include "control.h"

#include <errno.h>
#include <string.h>

#include "reload/reload.h"
#include "running/event.h"
#include "running/running.h"
#include "running/state.h"

/* The override that a command sets: enabling a server that the configuration
 * does not drain just removes its override. */
static enum override
override_for(const struct conf_server *server, bool drain)
{
	if (drain)
		return OVERRIDE_DRAINED;
	return server->state == SERVER_DRAINED ? OVERRIDE_ENABLED :
						 OVERRIDE_NONE;
}

/* Changes the servers of one service. Returns how many the target means. */
static uint32_t
change_service(struct ipvsd *ipvsd, const struct override_target *target,
    uint32_t index, bool drain)
{
	struct running *running = ipvsd->running;
	const struct conf_service *service = &running->conf->services[index];
	const struct conf_server *server;
	enum override override;
	uint32_t count = 0;
	bool touched = false;

	for (uint32_t i = 0; i < service->server_count; i++) {
		server = &service->servers[i];
		if (!override_target_is(target, service, server))
			continue;
		count++;
		override = override_for(server, drain);
		if (!override_set(ipvsd->overrides, running->conf, service,
			server, target, override) ||
		    running->override[server->id] == (uint8_t) override)
			continue;
		running->override[server->id] = (uint8_t) override;
		touched = true;
	}
	if (touched)
		kernel_touch_service(ipvsd->kernel, index);
	return count;
}

/*
 * Also ends, for enable, the overrides of servers that are not in the
 * configuration. cursor: the next service; how many servers the target has
 * meant so far.
 */
static enum ctl_next
change(struct ctl_conn *conn, struct ipvsd *ipvsd, bool drain)
{
	uint64_t *cursor = ctl_cursor(conn);
	const char *text = ctl_argv(conn, 1);
	struct override_target target;
	uint32_t services;
	const char *who;

	if (ctl_argc(conn) != 2 ||
	    !override_target_parse(
		&target, text, running_conf(ipvsd->running))) {
		ctl_fail(conn,
		    "wanted: one SERVER or SERVICE/SERVER; a server "
		    "is a node, an address or address:port");
		return CTL_DONE;
	}
	if ((who = reload_bars(ipvsd->reload)) != NULL) {
		ctl_fail(conn,
		    "a reload is going on, it waits for %s; try again", who);
		return CTL_DONE;
	}
	services = ipvsd->running->conf->service_count;
	for (int i = 0; i < CTL_SLICE; i++) {
		if (cursor[0] >= services)
			break;
		cursor[1] += change_service(
		    ipvsd, &target, (uint32_t)cursor[0]++, drain);
	}
	if (cursor[0] < services)
		return CTL_MORE;
	if (!drain)
		cursor[1] += override_end(ipvsd->overrides, &target);
	if (cursor[1] == 0) {
		ctl_fail(conn, "%s: no such server", text);
		return CTL_DONE;
	}
	event_tell(ipvsd, "server", text, "", drain ? "drained" : "enabled",
	    "by operator");
	if (!state_save(STATE_OVERRIDES, override_save, ipvsd->overrides))
		ctl_fail(conn,
		    "%s: %s, but that cannot be kept for a restart: %s", text,
		    drain ? "drained" : "enabled", strerror(errno));
	return CTL_DONE;
}

enum ctl_next
control_drain(struct ctl_conn *conn, void *arg)
{
	return change(conn, arg, true);
}

enum ctl_next
control_enable(struct ctl_conn *conn, void *arg)
{
	return change(conn, arg, false);
}
