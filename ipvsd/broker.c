/* SPDX-License-Identifier: ISC */
/*
 * The rendezvous hears HELLO and says LINK; any other message ends the
 * connection. A role is served once in HELLO_INTERVAL on average, so that a
 * daemon that asks in a loop cannot churn the links. But up to HELLO_BURST new
 * processes are served at once, because a service manager restarts a daemon
 * that crashes without delay, and its leases run meanwhile.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker.h"
#include "clock.h"
#include "link/hello.h"
#include "link/listener.h"
#include "link/rendezvous.h"
#include "link/seqpacket.h"
#include "log.h"
#include "log_change.h"
#include "process/closer.h"
#include "process/priv.h"
#include "process/timer.h"

#define CLIENTS_MAX    8 /* of a role; a new one overlaps a dying one */
#define BACKLOG	       16
#define HELLO_INTERVAL NS_PER_SEC
#define HELLO_BURST    6 /* new processes served at once */
#define LOG_BURST      5 /* strangers logged in LOG_WINDOW */
#define LOG_WINDOW     (60 * NS_PER_SEC)

struct client {
	struct broker *broker;
	struct event *readable;
	int fd; /* -1: a free slot */
	enum role role;
	pid_t pid;
	uint16_t level; /* it speaks, by its HELLO */
};

/*
 * One role's clients, and the socket where they come in. Only vrrpd and checkd
 * have a socket; the uid of the other roles stays -1.
 */
struct role_state {
	struct broker *broker;
	uid_t uid;
	struct listener *listener;
	struct stat bound; /* its name, as it was bound */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct client clients[CLIENTS_MAX];
	struct client *current;	 /* was served last: has the role's links */
	struct client *waiting;	 /* has said HELLO, is not yet served */
	struct timer turn_timer; /* serves the waiting client */
	pid_t served_pid;	 /* the process that was served last */
	uint64_t served_at;	 /* and when, monotonic ns */
	/* From then on HELLO_BURST processes may come at once again, ns. */
	uint64_t credit_full_at;
};

struct broker {
	struct event_base *base;
	struct role_state roles[ROLE_MAX];
	struct log_limit strangers;
	uint64_t epoch; /* the last pair's */
	broker_link_fn link;
	void *arg;
};

static void
client_close(struct client *client)
{
	struct role_state *state = &client->broker->roles[client->role];

	if (state->current == client)
		state->current = NULL;
	if (state->waiting == client)
		state->waiting = NULL;
	event_free(client->readable);
	client->readable = NULL;
	closer_socket(client->fd);
	client->fd = -1;
}

/*
 * Makes a pair. pair[0] refuses descriptors, pair[1] does unless fd_due. The
 * epoch is the time when the pair is made, and no two pairs have the same one.
 */
static bool
pair_new(struct broker *broker, struct link_end pair[2], bool fd_due)
{
	uint64_t now = clock_monotonic();
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0, fds) == -1) {
		log_warn("rendezvous: socketpair");
		return false;
	}
	seqpacket_refuse_fds(fds[0]);
	if (!fd_due)
		seqpacket_refuse_fds(fds[1]);
	broker->epoch = now > broker->epoch ? now : broker->epoch + 1;
	pair[0].fd = fds[0];
	pair[1].fd = fds[1];
	pair[0].epoch = pair[1].epoch = broker->epoch;
	return true;
}

/* Sends a LINK. False: the client does not read, and was closed. */
static bool
send_link(struct client *client, const struct link_end *end)
{
	uint8_t packet[MSG_MAX];
	size_t len = hello_compose_link(packet, client->level, end);

	if (seqpacket_send(client->fd, packet, len, end->fd) == SEQPACKET_OK)
		return true;
	log_change_warnx(rendezvous_name(client->role),
	    "rendezvous: %s (pid %d): does not read its links",
	    role_name(client->role), (int)client->pid);
	client_close(client);
	return false;
}

/* Makes the edge between ipvsd and this client. */
static bool
link_to_self(struct client *client)
{
	struct broker *broker = client->broker;
	struct link_end pair[2] = {
	    {.peer = client->role, .pid = client->pid, .level = client->level},
	    {.peer = ROLE_IPVSD, .level = MSG_LEVEL}};
	bool sent;

	if (!pair_new(broker, pair, true))
		return false;
	sent = send_link(client, &pair[1]);
	closer_close(pair[1].fd);
	if (sent)
		broker->link(&pair[0], broker->arg);
	else
		closer_close(pair[0].fd);
	return sent;
}

/* Makes the edge between vrrpd and checkd, whenever one of them is served. */
static void
link_siblings(struct broker *broker)
{
	struct client *vrrpd = broker->roles[ROLE_VRRPD].current;
	struct client *checkd = broker->roles[ROLE_CHECKD].current;
	struct link_end pair[2] = {{.peer = ROLE_CHECKD}, {.peer = ROLE_VRRPD}};

	if (vrrpd == NULL || checkd == NULL || !pair_new(broker, pair, false))
		return;
	pair[0].level = checkd->level;
	pair[1].level = vrrpd->level;
	if (send_link(vrrpd, &pair[0]))
		send_link(checkd, &pair[1]);
	/* What one has sent to the other by now makes a close(2) slow. */
	closer_close(pair[0].fd);
	closer_close(pair[1].fd);
}

static void
serve(struct role_state *state)
{
	struct client *client = state->waiting;

	state->served_pid = client->pid;
	state->served_at = clock_monotonic();
	if (state->credit_full_at < state->served_at)
		state->credit_full_at = state->served_at;
	state->credit_full_at += HELLO_INTERVAL;
	state->waiting = NULL;
	if (link_to_self(client)) {
		state->current = client;
		link_siblings(client->broker);
	} else if (client->fd != -1) {
		/* Descriptors are short: it keeps its place in the queue. */
		state->waiting = client;
		timer_after(&state->turn_timer, HELLO_INTERVAL);
	}
}

static void
turn_comes(void *arg)
{
	struct role_state *state = arg;

	if (state->waiting != NULL)
		serve(state);
}

/* When the client may be served. The burst is for new processes: the one that
 * was served last waits for the whole interval. */
static uint64_t
turn_of(const struct role_state *state, const struct client *client)
{
	uint64_t burst = (HELLO_BURST - 1) * HELLO_INTERVAL;
	uint64_t turn = state->credit_full_at > burst ?
	    state->credit_full_at - burst :
	    0;

	if (client->pid == state->served_pid &&
	    turn < state->served_at + HELLO_INTERVAL)
		turn = state->served_at + HELLO_INTERVAL;
	return turn;
}

static void
hello(struct client *client)
{
	struct role_state *state = &client->broker->roles[client->role];
	uint64_t turn = turn_of(state, client);

	/* The client that asks last is served, in place of one that waits. */
	state->waiting = client;
	if (clock_monotonic() >= turn)
		serve(state);
	else
		timer_at(&state->turn_timer, turn);
}

/* NULL, or what is wrong with the packet. */
static const char *
check_hello(
    struct client *client, const void *buf, const struct seqpacket *packet)
{
	enum msg_admit admit;
	struct msg msg;

	if (packet->truncated)
		return "truncated packet";
	admit = msg_admit(
	    &msg, buf, packet->len, packet->nfds, client->role, ROLE_IPVSD);
	if (admit != ADMIT_OK)
		return msg_admit_name(admit);
	if (msg.type != MSG_HELLO)
		return "not a HELLO";
	return hello_take(&msg, &client->level);
}

static void
client_read(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;
	uint8_t buf[MSG_MAX + 1];
	struct seqpacket packet;
	const char *why;

	(void)what;
	switch (seqpacket_receive(fd, buf, MSG_MAX, false, &packet)) {
	case SEQPACKET_OK:
		break;
	case SEQPACKET_AGAIN:
		return;
	default:
		client_close(client);
		return;
	}
	why = check_hello(client, buf, &packet);
	if (packet.fd != -1)
		closer_close(packet.fd);
	if (why == NULL) {
		hello(client);
		return;
	}
	log_change_warnx(rendezvous_name(client->role),
	    "rendezvous: %s (pid %d): %s", role_name(client->role),
	    (int)client->pid, why);
	client_close(client);
}

static bool
client_new(struct broker *broker, int fd, enum role role, pid_t pid)
{
	struct client *client = NULL;

	for (size_t i = 0; i < CLIENTS_MAX && client == NULL; i++) {
		if (broker->roles[role].clients[i].fd == -1)
			client = &broker->roles[role].clients[i];
	}
	if (client == NULL)
		return false;
	client->readable = event_new(
	    broker->base, fd, EV_READ | EV_PERSIST, client_read, client);
	if (client->readable == NULL)
		return false;
	client->broker = broker;
	client->fd = fd;
	client->role = role;
	client->pid = pid;
	event_add(client->readable, NULL);
	return true;
}

static void
stranger(struct broker *broker, uid_t uid, pid_t pid, const char *why)
{
	char more[LOG_MORE_SIZE];
	uint32_t suppressed;

	if (log_limit(&broker->strangers, clock_monotonic(), LOG_BURST,
		LOG_WINDOW, &suppressed))
		log_warnx("rendezvous: uid %u (pid %d): %s%s", uid, (int)pid,
		    why, log_more(suppressed, more));
}

/* A sibling that was started as root has dropped to its own user before it
 * connects. */
static void
accepted(int fd, void *arg)
{
	struct role_state *state = arg;
	struct broker *broker = state->broker;
	enum role role = (enum role)(state - broker->roles);
	struct ucred cred = {.uid = (uid_t)-1};
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1 ||
	    cred.uid != state->uid)
		stranger(broker, cred.uid, cred.pid, "not its daemon's user");
	else if (!client_new(broker, fd, role, cred.pid))
		stranger(broker, cred.uid, cred.pid, "too many connections");
	else
		return;
	closer_socket(fd);
}

/*
 * The group of the role's user, so that only that daemon can connect. If ipvsd
 * may not give a socket to that group, _triumvir gets it, and both siblings can
 * connect; accepted() still checks the uid.
 */
static gid_t
group_of(const char *user)
{
	gid_t group = priv_gid(user);

	if (priv_may_give(group))
		return group;
	log_warnx("rendezvous: it cannot be given to group %s: " GROUP_TRIUMVIR
		  " may connect (see packaging/add-users)",
	    user);
	return priv_gid(GROUP_TRIUMVIR);
}

static void
role_open(
    struct broker *broker, enum role role, const char *user, const char *dir)
{
	struct role_state *state = &broker->roles[role];
	int n = snprintf(state->path, sizeof(state->path), "%s/%s", dir,
	    rendezvous_name(role));

	if (n < 0 || (size_t)n >= sizeof(state->path))
		fatalx("%s: too long for a socket's name", dir);
	state->uid = priv_uid(user);
	state->listener = listener_new(broker->base,
	    listener_bind(
		state->path, priv_uid(USER_IPVSD), group_of(user), BACKLOG),
	    "rendezvous", accepted, state);
	if (lstat(state->path, &state->bound) == -1)
		fatal("%s", state->path);
}

static void
role_init(struct broker *broker, enum role role)
{
	struct role_state *state = &broker->roles[role];

	state->broker = broker;
	state->uid = (uid_t)-1;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		state->clients[i].fd = -1;
	timer_init(&state->turn_timer, broker->base, turn_comes, state);
}

struct broker *
broker_new(
    struct event_base *base, const char *dir, broker_link_fn link, void *arg)
{
	struct broker *broker = calloc(1, sizeof(*broker));

	if (broker == NULL)
		fatal("rendezvous");
	broker->base = base;
	broker->link = link;
	broker->arg = arg;
	for (enum role role = 0; role < ROLE_MAX; role++)
		role_init(broker, role);
	role_open(broker, ROLE_VRRPD, USER_VRRPD, dir);
	role_open(broker, ROLE_CHECKD, USER_CHECKD, dir);
	return broker;
}

bool
broker_is_there(const struct broker *broker)
{
	const struct role_state *state;
	struct stat now;

	for (enum role role = 0; role < ROLE_MAX; role++) {
		state = &broker->roles[role];
		if (state->listener != NULL &&
		    (lstat(state->path, &now) == -1 ||
			now.st_ino != state->bound.st_ino ||
			now.st_dev != state->bound.st_dev))
			return false;
	}
	return true;
}

void
broker_free(struct broker *broker)
{
	struct role_state *state;

	if (broker == NULL)
		return;
	for (enum role role = 0; role < ROLE_MAX; role++) {
		state = &broker->roles[role];
		for (size_t i = 0; i < CLIENTS_MAX; i++) {
			if (state->clients[i].fd != -1)
				client_close(&state->clients[i]);
		}
		timer_stop(&state->turn_timer);
		if (state->listener == NULL)
			continue;
		listener_free(state->listener);
		if (unlink(state->path) == -1 && errno != ENOENT)
			log_warn("%s", state->path);
	}
	free(broker);
}
