/* SPDX-License-Identifier: ISC */
/* The answers at vrrpd.ctl: HACKING.md lists the rows. */
#include <errno.h>
#include <stdlib.h>

#include "ctl/ctl_rows.h"
#include "ctl/ctl_server.h"
#include "process/log_loop.h"
#include "vrrpd.h"

/* Longest resignation that can be said: 49 days. */
#define RESIGN_MAX_MS UINT32_MAX

static enum ctl_next
run_summary(struct ctl_conn *conn, void *arg)
{
	const struct vrrpd *vrrpd = arg;
	const struct table *table = vrrpd->tables.current;
	struct ctl_summary summary = {
	    .self = ROLE_VRRPD,
	    .generation = table == NULL ? 0 : table->generation,
	    .node = table == NULL ? NULL : table->conf->self,
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
row_notes(struct ctl_row *row, const struct instance *instance)
{
	static const char *const names[NOTES_MAX] = {
#define X(id, bit, counter, text) counter,
	    VRRP_NOTE_TABLE(X)
#undef X
	};

	for (size_t i = 0; i < NOTES_MAX; i++)
		ctl_row_uint(row, names[i], instance->notes[i]);
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
	    instance->down[0] != '\0' ? instance->down : fsm->reason);
	ctl_row_string(row, "interface", conf->interface);
	ctl_row_uint(row, "vrid", conf->vrid);
	ctl_row_string(
	    row, "family", conf->family == AF_INET ? "inet" : "inet6");
	ctl_row_uint(row, "version", conf->version);
	ctl_row_uint(row, "priority", conf->priority);
	ctl_row_uint(row, "interval_ms", conf->interval);
	/* Whose last word was that it leaves is none any more. */
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
	ctl_row_uint(&row, "priority_zero_tx", instance->zero_tx);
	ctl_row_uint(&row, "priority_zero_rx", instance->zero_rx);
	row_drops(&row, instance->drops);
	row_notes(&row, instance);
	ctl_row_uint(&row, "send_errors", instance->send_errors);
	ctl_send(conn, &row);
}

static enum ctl_next
run_instances(struct ctl_conn *conn, void *arg)
{
	const struct vrrpd *vrrpd = arg;
	const struct table *table = vrrpd->tables.current;
	uint64_t *next_id = ctl_cursor(conn);
	const struct instance *instance;
	int rows = 0;

	for (; table != NULL && *next_id < table->ids; ++*next_id) {
		if (rows == CTL_SLICE)
			return CTL_MORE;
		instance = table->by_id[*next_id];
		/* One that a commit has not come to yet has no state. */
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

static struct instance *
named(struct ctl_conn *conn, struct vrrpd *vrrpd, int least, int most)
{
	struct instance *instance;

	if (ctl_argc(conn) < least || ctl_argc(conn) > most) {
		ctl_fail(conn, "wrong number of arguments");
		return NULL;
	}
	instance = table_by_name(vrrpd, ctl_argv(conn, 1));
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
	struct instance *instance = named(conn, arg, 2, 3);
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
	instance_event(instance, &event);
	return CTL_DONE;
}

static enum ctl_next
run_enable(struct ctl_conn *conn, void *arg)
{
	struct instance *instance = named(conn, arg, 2, 2);

	if (instance == NULL)
		return CTL_DONE;
	log_info("vrrp %s: enabled", instance->conf->name);
	instance_tell(instance, FSM_ENABLE);
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
	log_loop_start(vrrpd->base);
	vrrpd->ctl = ctl_server_new(
	    vrrpd->base, dir, ROLE_VRRPD, commands, vrrpd);
}

void
control_event(struct vrrpd *vrrpd, const char *object, const char *name,
    const char *from, const char *to, const char *text)
{
	ctl_send_event(vrrpd->ctl, ROLE_VRRPD, object, name, from, to, text);
}
