/* SPDX-License-Identifier: ISC */
/* The answers at vrrpd.ctl: ctl_table.h lists the rows. */
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "clock.h"
#include "ctl/ctl_rows.h"
#include "ctl/ctl_server.h"
#include "generation.h"
#include "link/link.h"
#include "rival.h"
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

/* Who is master, as far as the instance knows. */
static struct ctl_addr
master_of(const struct fsm *fsm)
{
	static const struct addr nobody = {.family = AF_UNSPEC};

	/* A router whose last advert had priority 0 is master no more. */
	return ctl_addr(fsm->master_priority == VRRP_PRIORITY_LEAVE ?
		&nobody :
		&fsm->master);
}

/* The counter of a row's packets that were dropped, or odd, for one reason. */
#define DROP(id, text) row->count_##id = ctl_number(drops[VRRP_DROP_##id]);
#define NOTE(id, text) \
	row->count_##id = ctl_number(notes[VRRP_NOTE_PLACE_##id]);

static void
put_counters(struct ctl_row_instance *row, const struct instance *instance)
{
	const uint64_t *drops = instance->drops, *notes = instance->notes;

	row->become_master = ctl_number(instance->fsm.become_master);
	row->adverts_tx = ctl_number(instance->adverts_tx);
	row->adverts_rx = ctl_number(instance->adverts_rx);
	row->priority_zero_tx = ctl_number(instance->priority_zero_tx);
	row->priority_zero_rx = ctl_number(instance->priority_zero_rx);
	VRRP_DROP_TABLE(DROP)
	VRRP_NOTE_TABLE(NOTE)
	row->address_conflicts = ctl_number(instance->conflicts);
	row->send_errors = ctl_number(instance->send_errors);
}

/* Attempts in a row that fail are one time as backup. */
static uint64_t
since(const struct fsm *fsm)
{
	return fsm->state == FSM_STATE_BACKUP && fsm->acquire_failed ?
	    fsm->failed_since :
	    fsm->since;
}

/* Why it is in its state. Of a backup also what would keep it from holding all
 * of its addresses, though as long as another one is master that is not why. */
static const char *
reason_of(const struct instance *instance, char *buf, size_t size)
{
	const struct fsm *fsm = &instance->fsm;

	if (instance->down_reason[0] != '\0')
		return instance->down_reason;
	if (fsm->state != FSM_STATE_BACKUP ||
	    strstr(fsm->reason, fsm->fault) != NULL)
		return fsm->reason;
	snprintf(buf, size, "%s; %s", fsm->reason, fsm->fault);
	return buf;
}

static void
send_instance(struct ctl_conn *conn, const struct instance *instance)
{
	char reason[2 * FSM_REASON_LEN + sizeof("; ")];
	const struct conf_instance *conf = instance->conf;
	const struct fsm *fsm = &instance->fsm;
	uint64_t now = clock_monotonic();
	struct ctl_row_instance row = {
	    .instance = ctl_text(conf->name),
	    .id = ctl_number(conf->id),
	    .state = ctl_text(fsm_state_name(fsm->state)),
	    .since_ms = ctl_ago(since(fsm), now),
	    .reason = ctl_text(reason_of(instance, reason, sizeof(reason))),
	    .interface = ctl_text(conf->interface),
	    .vrid = ctl_number(conf->vrid),
	    .family = ctl_text(conf->family == AF_INET ? "inet" : "inet6"),
	    .version = ctl_number(conf->version),
	    .priority = ctl_number(conf->priority),
	    .interval_ms = ctl_time(conf->interval),
	    .master = master_of(fsm),
	    .master_priority = ctl_number(fsm->master_priority),
	    .master_interval_ms = ctl_time(
		fsm_master_interval(fsm) / NS_PER_MS),
	    .next_ms = ctl_left(fsm_next(fsm), now),
	    .term = ctl_number(fsm->term),
	    .lease_ms = ctl_left(fsm->term == 0 ? 0 : fsm->lease_end, now),
	    .may_preempt = ctl_flag(fsm->may_preempt),
	    .resigned = ctl_flag(fsm->resigned),
	    .resigned_ms = ctl_left(
		fsm->resigned ? fsm->resigned_until : 0, now),
	};

	put_counters(&row, instance);
	if (instance->odd.text[0] != '\0') {
		row.odd = ctl_text(instance->odd.text);
		row.odd_ms = ctl_ago(instance->odd.at, now);
	}
	if (rival_text(instance, now)[0] != '\0') {
		row.rival = ctl_text(rival_text(instance, now));
		row.rival_ms = ctl_ago(instance->rival.at, now);
	}
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
	const uint64_t *drops = vrrpd->drops;
	struct ctl_row_receive receive = {0}, *row = &receive;

	VRRP_DROP_TABLE(DROP)
	ctl_send(conn, row);
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
