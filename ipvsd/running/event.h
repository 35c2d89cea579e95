/* SPDX-License-Identifier: ISC */
/*
 * What happens in ipvsd, told to whoever listens: each `vipctl monitor`, the
 * log and the service manager. Every other file may tell an event; this one
 * gives no orders.
 */
#ifndef IPVSD_RUNNING_EVENT_H
#define IPVSD_RUNNING_EVENT_H

#include "running/ipvsd.h"

/*
 * An object changes from one state to another: a row for each monitor and a
 * line of the log. The log keeps the last state of an object that flaps
 * (log_change.h); object and name together say which object it is. from may
 * be "", text may be NULL.
 */
void event_tell(struct ipvsd *, const char *object, const char *name,
    const char *from, const char *to, const char *text);
/* The same where several objects bear that name: key tells them apart. */
void event_tell_key(struct ipvsd *, const char *key, const char *object,
    const char *name, const char *from, const char *to, const char *text);
/* The service manager's status line; READY=1 with it once ipvsd is ready. */
void event_status(struct ipvsd *);

#endif
