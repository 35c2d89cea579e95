/* SPDX-License-Identifier: ISC */
/* Other programs of this host that send adverts, see beside.h. */
#include "beside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "binding.h"
#include "clock.h"
#include "log_change.h"
#include "packet/outgoing.h"
#include "say.h"
#include "socket.h"
#include "vrrpd.h"

/* Whoever sends adverts seldom, as version 2 does, is waited for as well. */
#define LISTEN_LEAST (3 * NS_PER_SEC)

/* As long as its backups wait for it. */
static uint64_t
listen_time(const struct instance *instance)
{
	uint64_t wait = 3 * (uint64_t)instance->conf->interval * NS_PER_MS;

	return wait > LISTEN_LEAST ? wait : LISTEN_LEAST;
}

static void
hear(struct vrrpd *vrrpd, bool on)
{
	if (!socket_hear_outgoing(vrrpd->sockets, on))
		log_change_warnx(
		    "outgoing", "socket: what leaves: %s", strerror(errno));
}

void
beside_stop(struct instance *instance)
{
	if (!timer_pending(&instance->beside))
		return;
	timer_stop(&instance->beside);
	if (--instance->vrrpd->besides == 0)
		hear(instance->vrrpd, false);
}

void
beside_stop_all(struct vrrpd *vrrpd)
{
	struct instance *instance;

	LIST_FOREACH(instance, &vrrpd->instances, entry)
		beside_stop(instance);
}

/* Nothing was heard for so long. */
static void
quiet(void *arg)
{
	struct instance *instance = arg;

	if (--instance->vrrpd->besides == 0)
		hear(instance->vrrpd, false);
	say_beside(instance, false);
}

void
beside_init(struct instance *instance)
{
	timer_init(&instance->beside, instance->vrrpd->base, quiet, instance);
}

void
beside_listen(struct instance *instance)
{
	if (!timer_pending(&instance->beside) &&
	    instance->vrrpd->besides++ == 0)
		hear(instance->vrrpd, true);
	instance->beside_heard = false;
	timer_after(&instance->beside, listen_time(instance));
}

static void
heard(struct instance *instance, const struct outgoing *advert)
{
	char source[ADDR_STRLEN], object[CONF_NAME_MAX + sizeof("beside ")];

	timer_after(&instance->beside, listen_time(instance));
	if (instance->beside_heard)
		return;
	instance->beside_heard = true;
	addr_format(&advert->source, source);
	snprintf(instance->odd.text, sizeof(instance->odd.text),
	    "another program on this host sends adverts of VRID %u, priority "
	    "%u, from %s: stop it first",
	    advert->vrid, advert->priority, source);
	instance->odd.at = clock_monotonic();
	snprintf(object, sizeof(object), "beside %s", instance->conf->name);
	log_change_warnx(
	    object, "vrrp %s: %s", instance->conf->name, instance->odd.text);
	say_beside(instance, true);
}

/* While this router is master, or has said that it leaves, they are ours. */
static bool
is_ours(const struct instance *instance, const struct outgoing *advert)
{
	return advert->priority == VRRP_PRIORITY_LEAVE ||
	    instance->fsm.state == FSM_STATE_MASTER ||
	    instance->fsm.state == FSM_STATE_LEAVING;
}

void
beside_outgoing(const struct received *received, void *arg)
{
	struct vrrpd *vrrpd = arg;
	struct instance *instance;
	struct outgoing advert;

	if (!outgoing_decode(&advert, received->data, received->len))
		return;
	for (instance = binding_find(
		 vrrpd, received->ip.ifindex, advert.family, advert.vrid);
	     instance != NULL; instance = binding_find_next(instance))
		if (timer_pending(&instance->beside) &&
		    !is_ours(instance, &advert))
			heard(instance, &advert);
}
