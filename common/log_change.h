/* SPDX-License-Identifier: ISC */
/*
 * Lines of the log about what may change again and again: an instance that a
 * stranger makes flap, a server, a link. An object's first lines are written
 * as they are said. Of one that says more than LOG_CHANGE_BURST, and one each
 * LOG_CHANGE_TOKEN, the newest line is held back and written a little later,
 * with the number of those it has replaced: the log ends with what is true.
 * The held lines of all objects together are written one each LOG_CHANGE_TICK,
 * or faster if some would wait for more than LOG_CHANGE_WITHIN otherwise.
 */
#ifndef COMMON_LOG_CHANGE_H
#define COMMON_LOG_CHANGE_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

#define LOG_CHANGE_BURST  40
#define LOG_CHANGE_TOKEN  (30 * NS_PER_SEC)
#define LOG_CHANGE_TICK	  (2 * NS_PER_SEC)
#define LOG_CHANGE_WITHIN (60 * NS_PER_SEC)

/*
 * Without it every line is written at once. arm() asks for one call of
 * log_change_tick() LOG_CHANGE_TICK from then; when it has asked already, it
 * does nothing. process/log_loop.h has both on an event loop.
 */
void log_change_init(void (*arm)(void));
/* Writes the held lines that are due. */
void log_change_tick(void);
/* Writes what is held back, now; done by itself when the process exits. */
void log_change_flush(void);

/*
 * object: what the line is about, the same for all its changes and for no
 * other object; it is not written.
 */
void log_change(const char *object, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void log_change_warnx(const char *object, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Objects of which very many may change at once, for better or worse. Of all of
 * them together LOG_CROWD_BURST lines are written, and one more each
 * LOG_CROWD_TOKEN; the changes beyond that are counted, and a line each
 * LOG_CHANGE_TICK tells how many there were.
 */
struct log_crowd {
	const char *what; /* "probes" */
	uint64_t full;	  /* when the whole burst is there again, ns */
	uint32_t better;  /* not logged since the last line */
	uint32_t worse;
	bool listed;
	SLIST_ENTRY(log_crowd) next;
};
#define LOG_CROWD_BURST 100
#define LOG_CROWD_TOKEN NS_PER_SEC

/* As log_change(), of an object of the crowd. */
void log_crowd(struct log_crowd *, bool better, const char *object,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
