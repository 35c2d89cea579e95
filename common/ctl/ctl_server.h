/* SPDX-License-Identifier: ISC */
/* A control socket: who may ask, and what all who listen hear. */
#ifndef COMMON_CTL_CTL_SERVER_H
#define COMMON_CTL_CTL_SERVER_H

#include <event2/event.h>

#include "ctl/ctl.h"
#include "role.h"

struct ctl_server;

/*
 * Binds dir/SELF.ctl (before privileges are dropped), refusing to take over a
 * live one. Fatal on failure. Commands end with a NULL name.
 */
struct ctl_server *ctl_server_new(struct event_base *, const char *dir,
    enum role self, const struct ctl_command *, void *arg);
void ctl_server_free(struct ctl_server *);

/* The connection of an id; NULL: it has gone. */
struct ctl_conn *ctl_find(struct ctl_server *, uint64_t id);
/* To every subscriber; one that does not read is closed. */
#define ctl_broadcast(server, row) \
	ctl_broadcast_row(server, CTL_KIND_OF(row), row)
void ctl_broadcast_row(
    struct ctl_server *, const struct ctl_kind *, const void *row);

#endif
