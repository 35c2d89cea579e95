/* SPDX-License-Identifier: ISC */
/* What happened to a probe, for the log and for who monitors. */
#include <stdio.h>

#include "ctl/ctl_rows.h"
#include "event.h"
#include "log.h"
#include "log_change.h"

const char *
event_probe_name(const struct conf_probe *conf, char buf[EVENT_PROBE_NAME_LEN])
{
	char address[ADDR_PORT_STRLEN];
	const char *check = conf->check;

	if (check == NULL || check[0] == '\0')
		check = conf_check_type_name(conf->type);
	snprintf(buf, EVENT_PROBE_NAME_LEN, "%.*s %s", CONF_NAME_MAX, check,
	    addr_port_format(&conf->addr, conf->port, address));
	return buf;
}

void
event_change(struct checkd *checkd, const struct probe *probe, enum health from)
{
	static struct log_crowd checks = {.what = "checks"};
	char name[EVENT_PROBE_NAME_LEN], object[EVENT_PROBE_NAME_LEN + 24],
	    text[128];

	verdict_text(&probe->verdict, from, text, sizeof(text));
	event_probe_name(probe->conf, name);
	/* The hash is in the object, because two checks of one name may differ
	 * in what they ask for. */
	snprintf(object, sizeof(object), "%016llx %s",
	    (unsigned long long)probe->item.hash, name);
	/* Probes that are up from the start are no news, and may be many. */
	if (from == HEALTH_UNKNOWN && probe->verdict.health == HEALTH_UP)
		log_debug("check %s: %s", name, text);
	else
		log_crowd(&checks, probe->verdict.health == HEALTH_UP, object,
		    "check %s: %s", name, text);
	ctl_send_event(checkd->ctl, ROLE_CHECKD, "check", name,
	    health_name(from), health_name(probe->verdict.health), text);
}
