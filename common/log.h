/* SPDX-License-Identifier: ISC */
/*
 * Logging in the manner of OpenBSD's daemons: to stderr in the foreground,
 * else to syslogd at /dev/log. No call waits for who reads a socket: a line
 * that does not go at once is lost, and counted in the next one that goes; a
 * pipe, a file or a terminal as stderr is waited for.
 * log_warn and fatal add errno's text, the x forms do not.
 * Object first: "vrrp web: backup -> master, 3 adverts missed".
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

void log_init(const char *name, bool foreground, int verbose);
int log_verbose(void);

void log_warn(const char *, ...) __attribute__((format(printf, 1, 2)));
void log_warnx(const char *, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *, ...) __attribute__((format(printf, 1, 2)));
/* Only at start-up and for our own broken invariants: exits with 1. */
void fatal(const char *, ...) __attribute__((noreturn, format(printf, 1, 2)));
void fatalx(const char *, ...) __attribute__((noreturn, format(printf, 1, 2)));

/*
 * A gate for messages that a stranger can provoke: true at most burst times
 * in each interval; *suppressed is how many were swallowed since. For what
 * only happens; a change of state, which must not be lost, goes to
 * log_change.h.
 */
struct log_limit {
	uint64_t window_start; /* ns, CLOCK_MONOTONIC */
	uint32_t count;
	uint32_t suppressed;
};
bool log_limit(struct log_limit *, uint64_t now, uint32_t burst,
    uint64_t interval_ns, uint32_t *suppressed);
/* What a line says of the suppressed: " (3 more not logged)", "" for none. */
#define LOG_MORE_SIZE 40
const char *log_more(uint32_t suppressed, char buf[LOG_MORE_SIZE]);

#endif
