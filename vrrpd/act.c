/* SPDX-License-Identifier: ISC */
/* The state machine's hands, see act.h. */
#include "act.h"

#include <errno.h>

#include "announce.h"
#include "clock.h"
#include "event.h"
#include "iface.h"
#include "say.h"
#include "socket.h"
#include "turn.h"
#include "vrrpd.h"

#define SEND_LOG_BURST	  3
#define SEND_LOG_INTERVAL (60 * NS_PER_SEC)

static void
send_failed(struct instance *instance, const struct addr *to)
{
	char text[ADDR_STRLEN], more[LOG_MORE_SIZE];
	uint32_t suppressed;

	instance->send_errors++;
	if (!log_limit(&instance->send_limit, clock_monotonic(), SEND_LOG_BURST,
		SEND_LOG_INTERVAL, &suppressed))
		return;
	log_warn("vrrp %s: advert on %s to %s not sent%s", instance->conf->name,
	    instance->conf->interface, addr_format(to, text),
	    log_more(suppressed, more));
}

/* By which interface an advert goes. Given one, the kernel takes any host for
 * a neighbour: so none for who is behind a router. */
static unsigned
way_to(const struct instance *instance, const struct addr *to)
{
	const struct iface *iface = iface_by_index(
	    instance->vrrpd->ifaces, instance->ifindex);

	return !instance->conf->unicast ||
		(iface != NULL &&
		    (iface->in_vrf || iface_is_on_link(iface, to))) ?
	    instance->ifindex :
	    0;
}

/* Sends vrrpd->packet. While not up the source has just gone, but the link is
 * there: binding.c has told so. */
static bool
transmit(const struct instance *instance, const struct addr *to, size_t len)
{
	struct vrrpd *vrrpd = instance->vrrpd;
	unsigned ifindex = way_to(instance, to);

	if (instance->up)
		return socket_send_advert(vrrpd->sockets, ifindex,
		    &instance->source, to, vrrpd->packet, len);
	return socket_send_farewell(
	    vrrpd->sockets, ifindex, &instance->source, to, vrrpd->packet, len);
}

/* Encodes an advert anew for whom it goes to, whose address is in its checksum,
 * and sends it. */
static bool
send_to(
    struct instance *instance, struct vrrp_send *advert, const struct addr *to)
{
	struct vrrpd *vrrpd = instance->vrrpd;
	size_t len;

	advert->destination = *to;
	len = vrrp_encode(vrrpd->packet, sizeof(vrrpd->packet), advert);
	if (len == 0)
		errno = EMSGSIZE;
	if (len > 0 && transmit(instance, to, len))
		return true;
	send_failed(instance, to);
	return false;
}

/* To the group, or to each peer: then one that went out is enough. */
static bool
send_to_all(struct instance *instance, struct vrrp_send *advert)
{
	const struct conf_instance *conf = instance->conf;
	struct addr group;
	bool sent = false;

	if (!conf->unicast) {
		vrrp_group(conf->family, &group);
		return send_to(instance, advert, &group);
	}
	for (uint32_t i = 0; i < conf->peer_count; i++)
		sent = send_to(instance, advert, &conf->peers[i].to) || sent;
	return sent;
}

/* Sends an advert; whether the kernel took it. */
static bool
send_advert(struct instance *instance, uint8_t priority)
{
	struct vrrpd *vrrpd = instance->vrrpd;
	const struct conf_instance *conf = instance->conf;
	struct vrrp_send advert = {
	    .version = conf->version,
	    .family = conf->family,
	    .vrid = conf->vrid,
	    .priority = priority,
	    .interval = conf->interval * NS_PER_MS,
	    .checksum = conf->checksum,
	    .source = instance->source,
	    .list = vrrpd->list,
	};

	advert.count = vrrp_list(conf, vrrpd->list, VRRP_ADDRESSES_MAX);
	if (!send_to_all(instance, &advert))
		return false;
	instance->adverts_tx++;
	if (priority == VRRP_PRIORITY_LEAVE)
		instance->priority_zero_tx++;
	return true;
}

static void act(struct instance *, const struct fsm_actions *);

/* Sends an advert and tells the fsm whether that worked. */
static void
act_send(struct instance *instance, uint8_t priority)
{
	struct fsm_event event = {.time = clock_monotonic()};
	struct fsm_actions actions;

	event.type = send_advert(instance, priority) ? FSM_SENT :
						       FSM_SEND_FAILED;
	fsm_event(&instance->fsm, &event, clock_monotonic(), &actions);
	act(instance, &actions);
}

/* Does what the fsm wants, in the order that fsm/event.h demands. */
static void
act(struct instance *instance, const struct fsm_actions *actions)
{
	if (actions->changed)
		event_transition(instance, actions->from, actions->to);
	if ((actions->what & FSM_DO_DRAIN) != 0)
		turn_drain(instance);
	if ((actions->what & FSM_DO_SEND) != 0)
		act_send(instance, actions->priority);
	/* If the advert could not be sent, it may be master no more. */
	if ((actions->what & FSM_DO_ANNOUNCE) != 0 &&
	    instance->fsm.state == FSM_STATE_MASTER)
		announce_begin(instance);
	if ((actions->what & FSM_DO_RENEW) != 0)
		say_renew(instance, actions->term, actions->time);
	if ((actions->what & FSM_DO_RELEASE) != 0)
		say_release(instance, actions->term);
	if ((actions->what & FSM_DO_ACQUIRE) != 0)
		say_acquire(instance);
	if ((actions->what & FSM_DO_RETURNED) != 0)
		say_returned(instance);
	if ((actions->what & FSM_DO_RESYNC) != 0) {
		/* The turn of work sends one for all instances. */
		instance->vrrpd->resync_due = true;
		turn_schedule(instance->vrrpd);
	}
	if ((actions->what & FSM_DO_DONE) != 0) {
		instance->done = true;
		turn_schedule(instance->vrrpd);
	}
}

/* Sets the instance's timer to the fsm's deadline. */
static void
set_timer(struct instance *instance)
{
	if (instance->done)
		timer_stop(&instance->timer);
	else
		timer_at(&instance->timer, fsm_deadline(&instance->fsm));
}

void
act_event(struct instance *instance, struct fsm_event *event)
{
	struct fsm_actions actions;

	if (instance->done)
		return;
	fsm_event(&instance->fsm, event, clock_monotonic(), &actions);
	act(instance, &actions);
	/* Whoever is told this before knows better what was before it. */
	if ((actions.changed || event->type == FSM_SNAPSHOT_END) &&
	    !instance->fsm.anew)
		say_state(instance);
	set_timer(instance);
}

static void
timer_fired(void *arg)
{
	struct instance *instance = arg;
	struct fsm_event event = {.type = FSM_TIMER};

	/* After sleep the adverts of others are read before the timer counts:
	 * FSM_WAKE follows. */
	if (turn_slept(instance->vrrpd))
		return;
	if (clock_monotonic() < fsm_deadline(&instance->fsm))
		set_timer(instance);
	else
		act_event(instance, &event);
}

void
act_init(struct instance *instance)
{
	timer_init(
	    &instance->timer, instance->vrrpd->base, timer_fired, instance);
}

void
act_tell(struct instance *instance, enum fsm_event_type type)
{
	struct fsm_event event = {.type = type};

	act_event(instance, &event);
}

void
act_tell_all(struct vrrpd *vrrpd, enum fsm_event_type type)
{
	struct instance *instance;

	LIST_FOREACH(instance, &vrrpd->instances, entry)
		act_tell(instance, type);
}
