/* SPDX-License-Identifier: ISC */
/*
 * Into the background, without -d: the process that the operator started
 * waits until the daemon is ready, or has failed and said why.
 */
#ifndef COMMON_PROCESS_BACKGROUND_H
#define COMMON_PROCESS_BACKGROUND_H

/* Returns in the daemon, which logs to stderr for now. Fatal on failure. */
void background_begin(const char *name);
/* The daemon is ready: the waiting process ends with 0, stdio is closed, and
 * the log goes to syslogd under the name that was given.
 * Does nothing in the foreground or a second time. */
void background_ready(void);
/* In a program that one in the background has started: stdio is closed, so that
 * nobody waits for its end, and the log goes to syslogd under that name. */
void background_stdio(const char *name);

#endif
