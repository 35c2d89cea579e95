/* SPDX-License-Identifier: ISC */
/* What monitors, the log and the service manager hear; see event.h. */
#include "running/event.h"

#include <inttypes.h>
#include <stdio.h>

#include "ctl/ctl_rows.h"
#include "log.h"
#include "log_change.h"
#include "process/notify.h"
#include "running/running.h"

#define KEY_SIZE 192 /* of "OBJECT NAME" */

void
event_tell(struct ipvsd *ipvsd, const char *object, const char *name,
    const char *from, const char *to, const char *text)
{
	char key[KEY_SIZE];

	snprintf(key, sizeof(key), "%s %s", object, name);
	log_change(key, "%s%s%s: %s%s%s%s%s", object, *name == '\0' ? "" : " ",
	    name, from, *from == '\0' ? "" : " -> ", to,
	    text == NULL ? "" : ", ", text == NULL ? "" : text);
	ctl_send_event(ipvsd->ctl, ROLE_IPVSD, object, name, from, to,
	    text == NULL ? "" : text);
}

void
event_probe(struct ipvsd *ipvsd, const struct conf_probe *conf,
    enum health from, enum health to, const char *reason)
{
	static struct log_crowd probes = {.what = "probes"};
	char name[ADDR_PORT_STRLEN], key[sizeof("probe 4294967295")];

	addr_port_format(&conf->addr, conf->port, name);
	snprintf(key, sizeof(key), "probe %u", conf->id);
	/* Probes that are up from the start are no news, and may be many. */
	if (from == HEALTH_UNKNOWN && to == HEALTH_UP)
		log_debug("probe %s: %s -> %s, %s", name, health_name(from),
		    health_name(to), reason);
	else
		log_crowd(&probes, to == HEALTH_UP, key,
		    "probe %s: %s -> %s, %s", name, health_name(from),
		    health_name(to), reason);
	ctl_send_event(ipvsd->ctl, ROLE_IPVSD, "probe", name, health_name(from),
	    health_name(to), reason);
}

void
event_status(struct ipvsd *ipvsd)
{
	if (ipvsd->running == NULL)
		notify("STATUS=no configuration yet");
	else
		notify("%sSTATUS=%snode %s, generation %016" PRIx64
		       "; vrrpd %s, checkd %s",
		    ipvsd->ready ? "READY=1\n" : "",
		    ipvsd->gone ? "the rendezvous was removed; " : "",
		    ipvsd->running->conf->self, ipvsd->running->generation->id,
		    link_state_name(link_state(ipvsd->vrrpd)),
		    link_state_name(link_state(ipvsd->checkd)));
}
