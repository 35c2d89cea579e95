/* SPDX-License-Identifier: ISC */
/* The log on an event loop: libevent's messages, and lines that are held. */
#ifndef COMMON_PROCESS_LOG_LOOP_H
#define COMMON_PROCESS_LOG_LOOP_H

#include <event2/event.h>

/*
 * libevent's messages go to the log; by itself libevent writes them to stderr,
 * and waits. After log_init().
 */
void log_loop_messages(void);

/* log_change() holds lines back from now on. */
void log_loop_start(struct event_base *);

#endif
