/* SPDX-License-Identifier: ISC */
/* What every daemon answers in the same words: summary, links, monitor. */
#ifndef COMMON_CTL_CTL_ROWS_H
#define COMMON_CTL_CTL_ROWS_H

#include "ctl/ctl_server.h"
#include "link/link.h"

/* How long ago, of monotonic ns: 0 for never (0) and for a time to come. */
struct ctl_time ctl_ago(uint64_t at, uint64_t now);
/* How long until then: 0 when it is over or never (UINT64_MAX). */
struct ctl_time ctl_left(uint64_t at, uint64_t now);

struct ctl_summary {
	enum role self;
	uint64_t generation; /* 0: none yet */
	const char *node;    /* NULL: none yet */
	uint64_t started;    /* monotonic ns */
	bool ready;
};
void ctl_send_summary(struct ctl_conn *, const struct ctl_summary *);
void ctl_send_link(struct ctl_conn *, enum role self, const struct link *);
/* A change, to all who run monitor; from and to may be "". */
void ctl_send_event(struct ctl_server *, enum role self, const char *object,
    const char *name, const char *from, const char *to, const char *text);
/* The command monitor: subscribes. */
enum ctl_next ctl_run_monitor(struct ctl_conn *, void *arg);

#endif
