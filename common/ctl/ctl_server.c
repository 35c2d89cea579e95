/* SPDX-License-Identifier: ISC */
/* A control socket: binds it, and lets in who may, within bounds. */
#include <sys/socket.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "ctl/ctl_int.h"
#include "ctl/ctl_server.h"
#include "link/listener.h"
#include "process/closer.h"
#include "process/priv.h"

/* A sibling has its link, and may not ask here. */
static bool
is_sibling(const struct ctl_server *server, uid_t uid)
{
	for (size_t i = 0; i < CTL_SIBLINGS; i++) {
		if (server->siblings[i] == uid)
			return true;
	}
	return false;
}

static bool
may_read(const struct ctl_server *server, const struct ucred *cred, int fd)
{
	gid_t wanted = server->readers, groups[1024];
	socklen_t len = sizeof(groups);

	if (cred->uid == 0 || cred->uid == geteuid())
		return true;
	if (wanted == (gid_t)-1 || is_sibling(server, cred->uid))
		return false;
	if (cred->gid == wanted)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == -1)
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++) {
		if (groups[i] == wanted)
			return true;
	}
	return false;
}

static bool
over_limit(const struct ctl_server *server, uid_t uid)
{
	const struct ctl_conn *conn;
	uint32_t mine = 0;

	/* Root has 8 places of its own. */
	if (server->count >= CTL_CLIENTS_MAX + (uid == 0 ? 8 : 0))
		return true;
	TAILQ_FOREACH(conn, &server->conns, entry) {
		if (conn->uid == uid)
			mine++;
	}
	return mine >= CTL_CLIENTS_PER_UID;
}

static void
refuse(struct ctl_server *server, int client, uid_t uid, const char *why)
{
	char more[LOG_MORE_SIZE];
	uint32_t suppressed;

	if (log_limit(&server->complaints, clock_monotonic(), 1,
		10 * NS_PER_SEC, &suppressed))
		log_info("control: a client is refused: uid %u %s%s",
		    (unsigned)uid, why, log_more(suppressed, more));
	closer_socket(client);
}

static void
accepted(int client, void *arg)
{
	struct ctl_server *server = arg;
	struct ucred cred = {.uid = (uid_t)-1};
	socklen_t len = sizeof(cred);

	if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1 ||
	    !may_read(server, &cred, client)) {
		refuse(server, client, cred.uid, "may not ask");
		return;
	}
	if (over_limit(server, cred.uid)) {
		refuse(server, client, cred.uid, "has too many connections");
		return;
	}
	ctl_conn_new(server, client, &cred);
}

/*
 * One client a turn of the loop: however many ask for much, nothing else
 * waits for longer than a slice of one answer takes.
 */
static void
on_turn(void *arg)
{
	ctl_conn_turn(arg);
}

/*
 * The mode of the name keeps out all who may not ask, so that nothing of theirs
 * reaches us. Without the group they are all but root.
 */
static int
listen_at(const struct ctl_server *server, const char *dir)
{
	char path[PATH_MAX];

	if (server->readers == (gid_t)-1)
		log_warnx("group " GROUP_VIPCTL " does not exist: "
			  "only root may ask");
	snprintf(path, sizeof(path), "%s/%s.ctl", dir, role_name(server->self));
	return listener_bind(path, priv_uid(priv_user(server->self)),
	    server->readers, CTL_CLIENTS_MAX);
}

static void
know_siblings(struct ctl_server *server)
{
	static const enum role daemons[] = {
	    ROLE_IPVSD, ROLE_VRRPD, ROLE_CHECKD};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(daemons) / sizeof(daemons[0]); i++) {
		if (daemons[i] != server->self)
			server->siblings[count++] = priv_uid(
			    priv_user(daemons[i]));
	}
}

struct ctl_server *
ctl_server_new(struct event_base *base, const char *dir, enum role self,
    const struct ctl_command *commands, void *arg)
{
	struct ctl_server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		fatal("control");
	server->base = base;
	server->self = self;
	server->commands = commands;
	server->arg = arg;
	server->readers = priv_gid(GROUP_VIPCTL);
	know_siblings(server);
	TAILQ_INIT(&server->conns);
	TAILQ_INIT(&server->turns);
	timer_init(&server->turn, base, on_turn, server);
	server->listener = listener_new(
	    base, listen_at(server, dir), "control", accepted, server);
	return server;
}

void
ctl_server_free(struct ctl_server *server)
{
	struct ctl_conn *conn;

	if (server == NULL)
		return;
	while ((conn = TAILQ_FIRST(&server->conns)) != NULL)
		ctl_conn_free(conn);
	listener_free(server->listener);
	timer_stop(&server->turn);
	free(server);
}

struct ctl_conn *
ctl_find(struct ctl_server *server, uint64_t id)
{
	struct ctl_conn *conn;

	TAILQ_FOREACH(conn, &server->conns, entry) {
		if (conn->id == id && !conn->dead)
			return conn;
	}
	return NULL;
}

void
ctl_broadcast_row(
    struct ctl_server *server, const struct ctl_kind *kind, const void *row)
{
	struct ctl_conn *conn, *next;

	for (conn = TAILQ_FIRST(&server->conns); conn != NULL; conn = next) {
		next = TAILQ_NEXT(conn, entry);
		if (!conn->subscribed)
			continue;
		ctl_send_row(conn, kind, row);
		if (conn->dead)
			ctl_conn_free(conn);
	}
}
