/* SPDX-License-Identifier: ISC */
/* What the log and monitors hear, see event.h. */
#include "event.h"

#include <stdio.h>
#include <string.h>

#include "ctl/ctl_rows.h"
#include "link/link.h"
#include "log_change.h"
#include "vrrpd.h"

/*
 * Whether it is an attempt to become master that ends as the one before it, or
 * the beginning of one. While no other master is heard an instance tries again
 * and again, and only what has changed is told.
 */
static bool
is_told(struct instance *instance, enum fsm_state old, enum fsm_state new)
{
	const struct fsm *fsm = &instance->fsm;
	bool told = fsm->acquire_failed && instance->refused[0] != '\0';

	if (old == FSM_STATE_BACKUP && new == FSM_STATE_ACQUIRING && told)
		return true;
	if (old == FSM_STATE_ACQUIRING && new == FSM_STATE_BACKUP &&
	    told &&strcmp(instance->refused, fsm->reason) == 0)
		return true;
	snprintf(instance->refused, sizeof(instance->refused), "%s",
	    new == FSM_STATE_BACKUP && fsm->acquire_failed ? fsm->reason : "");
	return false;
}

void
event_transition(
    struct instance *instance, enum fsm_state old, enum fsm_state new)
{
	const char *from = fsm_state_name(old);
	const char *to = fsm_state_name(new);
	char object[CONF_NAME_MAX + sizeof("vrrp ")];

	if (is_told(instance, old, new))
		return;
	snprintf(object, sizeof(object), "vrrp %s", instance->conf->name);
	log_change(
	    object, "%s: %s -> %s, %s", object, from, to, instance->fsm.reason);
	ctl_send_event(instance->vrrpd->ctl, ROLE_VRRPD, "instance",
	    instance->conf->name, from, to, instance->fsm.reason);
}

void
event_link_up(struct vrrpd *vrrpd, struct link *link)
{
	const char *peer = role_name(link_peer(link));

	log_change(link_key(link), "link %s: up", peer);
	ctl_send_event(vrrpd->ctl, ROLE_VRRPD, "link", peer, "down", "up", "");
}

void
event_link_down(struct vrrpd *vrrpd, struct link *link)
{
	ctl_send_event(vrrpd->ctl, ROLE_VRRPD, "link",
	    role_name(link_peer(link)), "up", link_state_name(link_state(link)),
	    "");
}
