/* SPDX-License-Identifier: ISC */
/* What happened, for the log and for who monitors. Calls nothing of ours. */
#ifndef CHECKD_EVENT_H
#define CHECKD_EVENT_H

#include "checkd.h"

/* "web 10.0.0.21:80"; returns buf. */
#define EVENT_PROBE_NAME_LEN (CONF_NAME_MAX + 1 + ADDR_PORT_STRLEN)
const char *event_probe_name(
    const struct conf_probe *, char buf[EVENT_PROBE_NAME_LEN]);

/* The probe's health was `from` and has changed. */
void event_change(struct checkd *, const struct probe *, enum health from);

#endif
