/* SPDX-License-Identifier: ISC */
/*
 * Tells what happens in ipvsd to each `vipctl monitor`, the log and the service
 * manager. Every other file may call it; it calls nobody back.
 */
#ifndef IPVSD_RUNNING_EVENT_H
#define IPVSD_RUNNING_EVENT_H

#include "conf/conf.h"
#include "link/health.h"
#include "running/ipvsd.h"

/*
 * An object goes from one state to another: sends a row to each monitor and
 * writes a line to the log. The log bounds the lines of an object that flaps
 * and always ends with its last state (log_change.h). object is a kind
 * ("instance"), and together with name it says which object it is. from may be
 * "", text may be NULL.
 */
void event_tell(struct ipvsd *, const char *object, const char *name,
    const char *from, const char *to, const char *text);
/* The same of a probe's health in force. The log names the first of very many
 * that change at once, and counts the others. */
void event_probe(struct ipvsd *, const struct conf_probe *, enum health from,
    enum health to, const char *reason);
/* Sends the status line to the service manager, with READY=1 once ipvsd is
 * ready. */
void event_status(struct ipvsd *);

#endif
