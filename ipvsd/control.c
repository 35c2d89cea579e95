/* SPDX-License-Identifier: ISC */
/*
 * The commands of ipvsd.ctl. ctl_table.h lists their rows. `services` is in
 * control_services.c, `drain` and `enable` are in control_change.c.
 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "control.h"
#include "ctl/ctl_rows.h"
#include "ctl/ctl_server.h"
#include "lease/instance.h"
#include "lease/leftovers.h"
#include "process/log_loop.h"
#include "reload/parse.h"
#include "reload/reload.h"
#include "running/event.h"
#include "running/running.h"

static bool
serves_here(const struct conf_service *service)
{
	for (uint32_t i = 0; i < service->server_count; i++) {
		if (service->servers[i].local)
			return true;
	}
	return false;
}

/* What this host is: a director, a real server, or both. */
static void
send_configuration(struct ctl_conn *conn, const struct ipvsd *ipvsd)
{
	const struct conf *conf = ipvsd->running->conf;
	bool director = false;
	uint32_t serves = 0;

	for (uint32_t i = 0; i < conf->instance_count; i++)
		director |= conf->instances[i].member;
	for (uint32_t i = 0; i < conf->service_count; i++) {
		director |= conf->services[i].director;
		serves += serves_here(&conf->services[i]);
	}
	ctl_send(conn,
	    (&(struct ctl_row_configuration){
		.file = ctl_text(ipvsd->file),
		.loaded_ms = ctl_time(ipvsd->loaded),
		.director = ctl_flag(director),
		.serves = ctl_number(serves),
	    }));
}

static enum ctl_next
summary(struct ctl_conn *conn, void *arg)
{
	struct ipvsd *ipvsd = arg;
	const struct running *running = ipvsd->running;
	struct ctl_summary row = {
	    .self = ROLE_IPVSD,
	    .generation = running == NULL ? 0 : running->generation->id,
	    .node = running == NULL ? NULL : running->conf->self,
	    .started = ipvsd->started,
	    .ready = ipvsd->ready && !ipvsd->gone,
	};

	ctl_send_summary(conn, &row);
	if (running != NULL)
		send_configuration(conn, ipvsd);
	return CTL_DONE;
}

static enum ctl_next
links(struct ctl_conn *conn, void *arg)
{
	struct ipvsd *ipvsd = arg;

	ctl_send_link(conn, ROLE_IPVSD, ipvsd->vrrpd);
	ctl_send_link(conn, ROLE_IPVSD, ipvsd->checkd);
	ctl_send_link(conn, ROLE_IPVSD, parse_link(ipvsd->parse));
	return CTL_DONE;
}

static void
send_lease(struct ctl_conn *conn, const struct instance *instance)
{
	struct ctl_row_lease row = {
	    .instance = ctl_text(instance->conf->name),
	    .id = ctl_number(instance->conf->id),
	    .state = ctl_text(instance_state_name(instance->state)),
	    .may_preempt = ctl_flag(instance->may_preempt),
	    .waiting = ctl_number(instance->services_waiting),
	    .term = ctl_number(instance->lease.term),
	    .left_ms = ctl_left(instance_expiry(instance), clock_monotonic()),
	    .reason = ctl_text(lease_reason_name(instance->reason)),
	};

	ctl_send(conn, &row);
}

/* instance: NULL where this host is no node of it; then only what is here all
 * the same has a row. */
static void
send_address(struct ctl_conn *conn, const struct ipvsd *ipvsd,
    const struct instance *instance, const char *name,
    const struct conf_address *address)
{
	struct ctl_row_address row = {
	    .instance = ctl_text(name),
	    .address = ctl_addr(&address->addr),
	    .prefix = ctl_number(address->prefix),
	    .interface = ctl_text(address->interface),
	    .label = ctl_text(address->label),
	    .present = ctl_flag(kernel_has_address(ipvsd->kernel, address)),
	};
	char leftover[LEFTOVERS_TEXT];

	if (instance == NULL ? leftovers_stray(ipvsd, address, leftover) :
			       leftovers_text(instance, address, leftover))
		row.leftover = ctl_text(leftover);
	else if (instance == NULL)
		return;
	ctl_send(conn, &row);
}

/* cursor: the next instance's id. The rows of one instance are never split
 * between two calls. */
static enum ctl_next
leases(struct ctl_conn *conn, void *arg)
{
	struct ipvsd *ipvsd = arg;
	uint64_t *at = ctl_cursor(conn);
	const struct conf_instance *conf;
	const struct instance *instance;
	uint32_t sent = 0;

	while (ipvsd->running != NULL && *at < ipvsd->running->instance_count) {
		if (sent >= CTL_SLICE)
			return CTL_MORE;
		instance = ipvsd->running->instances[*at];
		conf = conf_instance(ipvsd->running->conf, (uint32_t)(*at)++);
		if (instance != NULL)
			send_lease(conn, instance);
		for (uint32_t i = 0; conf != NULL && i < conf->address_count;
		     i++)
			send_address(conn, ipvsd, instance, conf->name,
			    &conf->addresses[i]);
		sent += 1 + (conf == NULL ? 0 : conf->address_count);
	}
	return CTL_DONE;
}

static enum ctl_next
kernel(struct ctl_conn *conn, void *arg)
{
	struct ipvsd *ipvsd = arg;
	const struct kernel_stats *stats = kernel_stats(ipvsd->kernel);
	uint64_t now = clock_monotonic();
	struct ctl_row_kernel row = {
	    .ip_vs = ctl_text(ipvs_state_name(stats->ip_vs)),
	    .configured_digest = ctl_digest(stats->configured_digest),
	    .live_digest = ctl_digest(stats->live_digest),
	    .netlink_commands = ctl_number(stats->commands),
	    .netlink_errors = ctl_number(stats->errors),
	    .repaired = ctl_number(stats->repaired),
	    .foreign_services = ctl_number(stats->foreign),
	    .renewals = ctl_number(stats->renewals),
	    .overruns = ctl_number(stats->overruns),
	    .waiting = ctl_number(stats->dirty),
	};

	if (stats->errors != 0 && stats->last_error[0] != '\0') {
		row.last_error = ctl_text(stats->last_error);
		row.last_error_ms = ctl_ago(stats->last_error_at, now);
	}
	if (stats->repaired != 0) {
		row.last_repair = ctl_text(stats->last_repair);
		row.last_repair_ms = ctl_ago(stats->last_repair_at, now);
	}
	if (stats->last_resync != 0)
		row.last_resync_ms = ctl_ago(stats->last_resync, now);
	ctl_send(conn, &row);
	return CTL_DONE;
}

/* cursor: the offset in the canonical text; the generation that it is of. */
static enum ctl_next
config(struct ctl_conn *conn, void *arg)
{
	struct ipvsd *ipvsd = arg;
	uint64_t *cursor = ctl_cursor(conn);
	char text[CTL_TEXT_PIECE + 1];
	struct generation *generation;
	struct ctl_row_text row = {.text = ctl_text(text)};
	ssize_t n;

	if (ipvsd->running == NULL) {
		ctl_fail(conn, "no configuration is in force");
		return CTL_DONE;
	}
	generation = ipvsd->running->generation;
	if (cursor[0] == 0)
		cursor[1] = generation->id;
	if (cursor[1] != generation->id) {
		ctl_fail(conn, "the configuration has changed meanwhile");
		return CTL_DONE;
	}
	for (int i = 0; i < CTL_SLICE / 4; i++) {
		n = pread(generation->fd[ROLE_CLIENT], text, CTL_TEXT_PIECE,
		    (off_t)cursor[0]);
		if (n <= 0)
			return CTL_DONE;
		text[n] = '\0';
		ctl_send(conn, &row);
		cursor[0] += (uint64_t)n;
	}
	return CTL_MORE;
}

static void
send_finding(struct ctl_conn *conn, const struct finding *finding)
{
	struct ctl_row_report row = {
	    .severity = ctl_text(conf_severity_name(finding->severity)),
	    .text = ctl_text(finding->text),
	};

	if (finding->lint != NULL)
		row.lint = ctl_text(finding->lint);
	ctl_send(conn, &row);
}

/* cursor: 1 once the reload has begun; its number; the next finding. */
static enum ctl_next
reload(struct ctl_conn *conn, void *arg)
{
	struct ipvsd *ipvsd = arg;
	uint64_t *cursor = ctl_cursor(conn);
	const struct findings *findings = reload_findings(ipvsd->reload);
	const struct finding *finding;
	const char *why;

	if (cursor[0] == 0) {
		if ((why = reload_waits_for(ipvsd->reload)) != NULL) {
			ctl_fail(conn,
			    "another reload is going on, it waits for %s", why);
			return CTL_DONE;
		}
		if ((why = reload_start(ipvsd, ctl_id(conn))) != NULL) {
			ctl_fail(conn, "%s", why);
			return CTL_DONE;
		}
		cursor[0] = 1;
		cursor[1] = findings->number;
		return CTL_WAIT;
	}
	if (cursor[1] != findings->number) {
		ctl_fail(conn, "another reload has begun meanwhile");
		return CTL_DONE;
	}
	for (int i = 0; i < CTL_SLICE; i++) {
		if (cursor[2] >= findings->count) {
			why = reload_failure(ipvsd->reload);
			if (why != NULL)
				ctl_fail(conn, "%s", why);
			return CTL_DONE;
		}
		finding = &findings->list[cursor[2]++];
		send_finding(conn, finding);
	}
	return CTL_MORE;
}

static const struct ctl_command commands[] = {
    {"summary", false, summary},
    {"links", false, links},
    {"monitor", false, ctl_run_monitor},
    {"leases", false, leases},
    {"services", false, control_services},
    {"kernel", false, kernel},
    {"config", false, config},
    {"reload", true, reload},
    {"drain", true, control_drain},
    {"enable", true, control_enable},
    {NULL, false, NULL},
};

void
control_init(struct ipvsd *ipvsd)
{
	log_loop_start(ipvsd->base);
	ipvsd->ctl = ctl_server_new(
	    ipvsd->base, ipvsd->dir, ROLE_IPVSD, commands, ipvsd);
}
