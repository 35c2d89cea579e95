/* SPDX-License-Identifier: ISC */
/* The answers at vrrpd.ctl: HACKING.md lists the rows. */
#include "control.h"

#include <errno.h>
#include <stdlib.h>

#include "act.h"
#include "clock.h"
#include "ctl/ctl_rows.h"
#include "ctl/ctl_server.h"
#include "generation.h"
#include "link/link.h"
#include "vrrpd.h"

/* The longest resignation that an operator can ask for: 49 days. */
#define RESIGN_MAX_MS UINT32_MAX

static enum ctl_next
run_summary(struct ctl_conn *conn, void *arg)
{
	const struct vrrpd *vrrpd = arg;
	const struct generation *current = vrrpd->current;
	struct ctl_summary summary = {
	    .self = ROLE_VRRPD,
	    .generation = current == NULL ? 0 : current->id,
	    .node = current == NULL ? NULL : current->conf->self,
	    .started = vrrpd->started,
	    .ready = vrrpd->ready,
	};

	ctl_send_summary(conn, &summary);
	return CTL_DONE;
}

static enum ctl_next
run_links(struct ctl_conn *conn, void *arg)
{
	const struct vrrpd *vrrpd = arg;

	ctl_send_link(conn, ROLE_VRRPD, vrrpd->ipvsd);
	ctl_send_link(conn, ROLE_VRRPD, vrrpd->checkd);
	return CTL_DONE;
}

static void
row_drops(struct ctl_row *row, const uint64_t drops[VRRP_DROP_MAX])
{
	for (enum vrrp_drop why = VRRP_OK + 1; why < VRRP_DROP_MAX; why++)
		ctl_row_uint(row, vrrp_drop_name(why), drops[why]);
}

static void
row_state(struct ctl_row *row, const struct instance *instance)
{
	const struct conf_instance *conf = instance->conf;
	const struct fsm *fsm = &instance->fsm;
	const struct addr nobody = {.family = AF_UNSPEC};
	uint64_t now = clock_monotonic();

	ctl_row_string(row, "instance", conf->name);
	ctl_row_uint(row, "id", conf->id);
	ctl_row_string(row, "state", fsm_state_name(fsm->state));
	ctl_row_uint(row, "since_ms", ctl_ago_ms(fsm->since, now));
	ctl_row_string(row, "reason",
	    instance->down_reason[0] != '\0' ? instance->down_reason :
					       fsm->reason);
	ctl_row_string(row, "interface", conf->interface);
	ctl_row_uint(row, "vrid", conf->vrid);
	ctl_row_string(
	    row, "family", conf->family == AF_INET ? "inet" : "inet6");
	ctl_row_uint(row, "version", conf->version);
	ctl_row_uint(row, "priority", conf->priority);
	ctl_row_uint(row, "interval_ms", conf->interval);
	/* A router whose last advert had priority 0 is master no more. */
	ctl_row_addr(row, "master",
	    fsm->master_priority == VRRP_PRIORITY_LEAVE ? &nobody :
							  &fsm->master);
	ctl_row_uint(row, "master_priority", fsm->master_priority);
	ctl_row_uint(
	    row, "master_interval_ms", fsm_master_interval(fsm) / NS_PER_MS);
	ctl_row_uint(row, "next_ms", ctl_left_ms(fsm_next(fsm), now));
	ctl_row_uint(row, "term", fsm->term);
	ctl_row_uint(row, "lease_ms",
	    fsm->term == 0 ? 0 : ctl_left_ms(fsm->lease_end, now));
	ctl_row_bool(row, "may_preempt", fsm->may_preempt);
	ctl_row_bool(row, "resigned", fsm->resigned);
	ctl_row_uint(row, "resigned_ms",
	    fsm->resigned ? ctl_left_ms(fsm->resigned_until, now) : 0);
	if (instance->odd.text[0] == '\0')
		return;
	ctl_row_string(row, "odd", instance->odd.text);
	ctl_row_uint(row, "odd_ms", ctl_ago_ms(instance->odd.at, now));
}

static void
send_instance(struct ctl_conn *conn, const struct instance *instance)
{
	struct ctl_row row;

	ctl_row_begin(&row, "instance");
	row_state(&row, instance);
	ctl_row_uint(&row, "become_master", instance->fsm.become_master);
	ctl_row_uint(&row, "adverts_tx", instance->adverts_tx);
	ctl_row_uint(&row, "adverts_rx", instance->adverts_rx);
	ctl_row_uint(&row, "priority_zero_tx", instance->priority_zero_tx);
	ctl_row_uint(&row, "priority_zero_rx", instance->priority_zero_rx);
	row_drops(&row, instance->drops);
	for (unsigned i = 0; i < VRRP_NOTES_MAX; i++)
		ctl_row_uint(&row, vrrp_note_name(i), instance->notes[i]);
	ctl_row_uint(&row, "send_errors", instance->send_errors);
	ctl_send(conn, &row);
}

static enum ctl_next
run_instances(struct ctl_conn *conn, void *arg)
{
	const struct vrrpd *vrrpd = arg;
	const struct generation *current = vrrpd->current;
	uint64_t *next_id = ctl_cursor(conn);
	const struct instance *instance;
	int rows = 0;

	for (; current != NULL && *next_id < current->ids; ++*next_id) {
		if (rows == CTL_SLICE)
			return CTL_MORE;
		instance = current->by_id[*next_id];
		/* A commit has not started this one yet: it has no state. */
		if (instance == NULL || !instance->started)
			continue;
		send_instance(conn, instance);
		rows++;
	}
	return CTL_DONE;
}

static enum ctl_next
run_receive(struct ctl_conn *conn, void *arg)
{
	const struct vrrpd *vrrpd = arg;
	struct ctl_row row;

	ctl_row_begin(&row, "receive");
	row_drops(&row, vrrpd->drops);
	ctl_send(conn, &row);
	return CTL_DONE;
}

/* The instance that the command names; NULL: the command has failed. least and
 * most count the command's words. */
static struct instance *
instance_of(struct ctl_conn *conn, struct vrrpd *vrrpd, int least, int most)
{
	struct instance *instance;

	if (ctl_argc(conn) < least || ctl_argc(conn) > most) {
		ctl_fail(conn, "wrong number of arguments");
		return NULL;
	}
	instance = generation_instance_named(vrrpd, ctl_argv(conn, 1));
	if (instance == NULL || !instance->started) {
		ctl_fail(
		    conn, "no instance %s on this host", ctl_argv(conn, 1));
		return NULL;
	}
	return instance;
}

static enum ctl_next
run_resign(struct ctl_conn *conn, void *arg)
{
	struct instance *instance = instance_of(conn, arg, 2, 3);
	struct fsm_event event = {.type = FSM_RESIGN};
	unsigned long long ms;
	char *end;

	if (instance == NULL)
		return CTL_DONE;
	if (ctl_argc(conn) == 3) {
		errno = 0;
		ms = strtoull(ctl_argv(conn, 2), &end, 10);
		if (errno != 0 || *end != '\0' || end == ctl_argv(conn, 2) ||
		    ms > RESIGN_MAX_MS) {
			ctl_fail(
			    conn, "not a time in ms: %s", ctl_argv(conn, 2));
			return CTL_DONE;
		}
		event.duration = ms * NS_PER_MS;
	}
	log_info("vrrp %s: told to resign", instance->conf->name);
	act_event(instance, &event);
	return CTL_DONE;
}

static enum ctl_next
run_enable(struct ctl_conn *conn, void *arg)
{
	struct instance *instance = instance_of(conn, arg, 2, 2);

	if (instance == NULL)
		return CTL_DONE;
	log_info("vrrp %s: enabled", instance->conf->name);
	act_tell(instance, FSM_ENABLE);
	return CTL_DONE;
}

static const struct ctl_command commands[] = {
    {"summary", false, run_summary},
    {"links", false, run_links},
    {"monitor", false, ctl_run_monitor},
    {"instances", false, run_instances},
    {"receive", false, run_receive},
    {"resign", true, run_resign},
    {"enable", true, run_enable},
    {NULL, false, NULL},
};

void
control_init(struct vrrpd *vrrpd, const char *dir)
{
	vrrpd->ctl = ctl_server_new(
	    vrrpd->base, dir, ROLE_VRRPD, commands, vrrpd);
}
