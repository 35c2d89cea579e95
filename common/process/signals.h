/* SPDX-License-Identifier: ISC */
/*
 * Signals that a daemon has no use for, but that scripts for other daemons
 * send. None of them ends it.
 */
#ifndef COMMON_PROCESS_SIGNALS_H
#define COMMON_PROCESS_SIGNALS_H

#include <event2/event.h>

/* The hint of SIGHUP for vrrpd and checkd, whose configuration ipvsd reads. */
#define SIGNALS_HINT_RELOAD "to reload, run \"vipctl reload\""

/* Ignores SIGUSR1, by which keepalived dumps its state, with a hint in the log;
 * and silently SIGALRM, SIGIO, SIGPWR, the like and the real-time signals.
 * Fatal without memory. */
void signals_ignore(struct event_base *);
/* Ignores a signal; the log says "SIGNAL is ignored: HINT". The text is the
 * caller's and lives as long as the base. Fatal without memory. */
void signals_hint(struct event_base *, int number, const char *hint);

#endif
