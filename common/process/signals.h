/* SPDX-License-Identifier: ISC */
/*
 * Signals that a daemon has no use for, but that somebody may send: they come
 * from scripts for other daemons. None of them ends it.
 */
#ifndef COMMON_PROCESS_SIGNALS_H
#define COMMON_PROCESS_SIGNALS_H

#include <event2/event.h>

/* Of SIGHUP, where another daemon reads the configuration. */
#define HINT_RELOAD "to reload, run \"vipctl reload\""

/* SIGUSR1, keepalived's for a dump, is ignored with a hint in the log; so are
 * SIGALRM, SIGIO, SIGPWR and the real-time signals, without. Fatal without
 * memory. */
void signals_ignore(struct event_base *);
/* A signal is ignored; the log says "SIGNAL is ignored: HINT". The text is the
 * caller's and lives as long as the base. Fatal without memory. */
void signals_hint(struct event_base *, int number, const char *hint);

#endif
