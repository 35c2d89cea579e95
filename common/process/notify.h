/* SPDX-License-Identifier: ISC */
/* The service manager's notification protocol (sd_notify(3)). */
#ifndef COMMON_PROCESS_NOTIFY_H
#define COMMON_PROCESS_NOTIFY_H

#include <event2/event.h>

/* Reads NOTIFY_SOCKET and WATCHDOG_USEC once and clears them; opens the
 * socket, before privileges are dropped. */
void notify_init(void);
/* Sends e.g. "READY=1\nSTATUS=..."; nothing without a NOTIFY_SOCKET. */
void notify(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Feeds the watchdog from the loop, at half its interval, if there is one. */
void notify_watchdog(struct event_base *);

#endif
