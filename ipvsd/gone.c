/* SPDX-License-Identifier: ISC */
/* Whether the rendezvous is still there for others to find; see gone.h. */
#include "gone.h"

#include "broker.h"
#include "clock.h"
#include "lease/instance.h"
#include "lease/leave.h"
#include "running/event.h"
#include "running/running.h"

#define LOOK_EVERY (2 * NS_PER_SEC)

static bool
any_link_is_down(const struct ipvsd *ipvsd)
{
	return link_state(ipvsd->vrrpd) != LINK_UP ||
	    link_state(ipvsd->checkd) != LINK_UP;
}

static bool
any_term_is_open(const struct ipvsd *ipvsd)
{
	const struct running *running = ipvsd->running;

	for (uint32_t i = 0; running != NULL && i < running->instance_count;
	     i++) {
		if (running->instances[i] != NULL &&
		    running->instances[i]->state != INSTANCE_NONE)
			return true;
	}
	return false;
}

static void
look(void *arg)
{
	struct ipvsd *ipvsd = arg;

	timer_after(&ipvsd->look, LOOK_EVERY);
	if (!ipvsd->gone && broker_is_there(ipvsd->broker))
		return;
	if (!ipvsd->gone) {
		log_warnx("rendezvous: somebody has removed it from %s: no "
			  "daemon that starts finds this one, which ends for "
			  "its supervisor when a link is down and no term is "
			  "open",
		    ipvsd->dir);
		ipvsd->gone = true;
		event_status(ipvsd);
	}
	if (ipvsd->leaving || !any_link_is_down(ipvsd) ||
	    any_term_is_open(ipvsd))
		return;
	log_warnx("rendezvous: gone, a link is down and no term is open: ends "
		  "for its supervisor");
	leave_now(ipvsd, 1);
}

void
gone_init(struct ipvsd *ipvsd)
{
	timer_init(&ipvsd->look, ipvsd->base, look, ipvsd);
	timer_after(&ipvsd->look, LOOK_EVERY);
}
