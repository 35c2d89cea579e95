/* SPDX-License-Identifier: ISC */
/*
 * The rendezvous. It speaks HELLO and LINK only; whatever else comes ends
 * that connection. A role is served at most once a second, however often
 * its clients ask, so that a daemon that loops cannot churn the links; but
 * processes that end one after the other may come as fast as a service
 * manager starts them, a few times: their leases run meanwhile.
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
#include "link/listener.h"
#include "link/rendezvous.h"
#include "link/seqpacket.h"
#include "log.h"
#include "log_change.h"
#include "process/closer.h"
#include "process/priv.h"

#define CLIENTS_MAX    8 /* of a role: a new one beside a dying one */
#define BACKLOG	       16
#define HELLO_INTERVAL NS_PER_SEC
#define HELLO_BURST    6 /* new processes ahead of that */
#define LOG_BURST      5 /* strangers logged in LOG_WINDOW */
#define LOG_WINDOW     (60 * NS_PER_SEC)

struct client {
	struct broker *broker;
	struct event *readable;
	int fd; /* -1: a free slot */
	enum role role;
	pid_t pid;
};

/* What is known of one role; those without a uid have no socket. */
struct seat {
	struct broker *broker;
	uid_t uid;
	struct listener *listener;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct client clients[CLIENTS_MAX];
	struct client *current; /* served last: has the role's links */
	struct client *waiting; /* said HELLO, not yet served */
	struct event *turn;	/* its time to be served */
	pid_t pid;		/* served last */
	uint64_t served;	/* when, ns */
	uint64_t next;		/* when the burst's credit is whole, ns */
};

struct broker {
	struct event_base *base;
	struct seat seats[ROLE_MAX];
	struct log_limit strangers;
	uint64_t epoch; /* the last pair's */
	broker_link_fn link;
	void *arg;
};

static void
client_close(struct client *client)
{
	struct seat *seat = &client->broker->seats[client->role];

	if (seat->current == client)
		seat->current = NULL;
	if (seat->waiting == client)
		seat->waiting = NULL;
	event_free(client->readable);
	client->readable = NULL;
	closer_socket(client->fd);
	client->fd = -1;
}

/*
 * Two ends, whose first gets no descriptors, and the second those that are due.
 * An epoch is the time of birth, and no two are equal.
 */
static bool
pair_new(struct broker *broker, int ends[2], bool fd_due, uint64_t *epoch)
{
	uint64_t now = clock_monotonic();

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0, ends) == -1) {
		log_warn("rendezvous: socketpair");
		return false;
	}
	seqpacket_refuse_fds(ends[0]);
	if (!fd_due)
		seqpacket_refuse_fds(ends[1]);
	broker->epoch = now > broker->epoch ? now : broker->epoch + 1;
	*epoch = broker->epoch;
	return true;
}

/* A client that does not read what it is sent is closed: false. */
static bool
send_link(struct client *client, enum role peer, int fd, uint64_t epoch)
{
	uint8_t packet[MSG_MAX];
	struct writer writer;
	size_t len;

	msg_begin(&writer, packet, MSG_LINK, 0);
	put_u8(&writer, (uint8_t)peer);
	put_u64(&writer, epoch);
	len = msg_end(&writer);
	if (seqpacket_send(client->fd, packet, len, fd) == SEQPACKET_OK)
		return true;
	log_change_warnx(rendezvous_name(client->role),
	    "rendezvous: %s (pid %d): does not read its links",
	    role_name(client->role), (int)client->pid);
	client_close(client);
	return false;
}

/* ipvsd's own edge to this client. */
static bool
link_to_self(struct client *client)
{
	struct broker *broker = client->broker;
	uint64_t epoch;
	int ends[2];

	if (!pair_new(broker, ends, true, &epoch))
		return false;
	if (!send_link(client, ROLE_IPVSD, ends[1], epoch)) {
		closer_close(ends[0]);
		closer_close(ends[1]);
		return false;
	}
	closer_close(ends[1]);
	broker->link(client->role, ends[0], epoch, client->pid, broker->arg);
	return true;
}

/* The third edge, whenever either of its two comes anew. */
static void
link_siblings(struct broker *broker)
{
	struct client *vrrpd = broker->seats[ROLE_VRRPD].current;
	struct client *checkd = broker->seats[ROLE_CHECKD].current;
	uint64_t epoch;
	int ends[2];

	if (vrrpd == NULL || checkd == NULL ||
	    !pair_new(broker, ends, false, &epoch))
		return;
	if (send_link(vrrpd, ROLE_CHECKD, ends[0], epoch))
		send_link(checkd, ROLE_VRRPD, ends[1], epoch);
	/* The first may have got something of the other by now. */
	closer_close(ends[0]);
	closer_close(ends[1]);
}

static void
serve(struct seat *seat)
{
	struct client *client = seat->waiting;
	struct timeval wait;

	seat->pid = client->pid;
	seat->served = clock_monotonic();
	if (seat->next < seat->served)
		seat->next = seat->served;
	seat->next += HELLO_INTERVAL;
	seat->waiting = NULL;
	if (link_to_self(client)) {
		seat->current = client;
		link_siblings(client->broker);
	} else if (client->fd != -1) {
		/* Descriptors are short: it keeps its place in the queue. */
		seat->waiting = client;
		wait = clock_timeval(HELLO_INTERVAL);
		evtimer_add(seat->turn, &wait);
	}
}

static void
turn_comes(evutil_socket_t fd, short what, void *arg)
{
	struct seat *seat = arg;

	(void)fd;
	(void)what;
	if (seat->waiting != NULL)
		serve(seat);
}

/* When the role may be served; a process that asks again waits its second. */
static uint64_t
turn_of(const struct seat *seat, const struct client *client)
{
	uint64_t burst = (HELLO_BURST - 1) * HELLO_INTERVAL;
	uint64_t turn = seat->next > burst ? seat->next - burst : 0;

	if (client->pid == seat->pid && turn < seat->served + HELLO_INTERVAL)
		turn = seat->served + HELLO_INTERVAL;
	return turn;
}

static void
hello(struct client *client)
{
	struct seat *seat = &client->broker->seats[client->role];
	uint64_t now = clock_monotonic(), turn = turn_of(seat, client);
	struct timeval wait;

	/* The newest process of a role is the one to be served. */
	seat->waiting = client;
	if (now >= turn) {
		serve(seat);
		return;
	}
	wait = clock_until(turn, now);
	evtimer_add(seat->turn, &wait);
}

/* NULL, or what is wrong with the packet. */
static const char *
check_hello(const struct client *client, const void *buf,
    const struct seqpacket *packet)
{
	enum msg_admit admit;
	struct msg msg;
	uint16_t spoken, oldest;

	if (packet->truncated)
		return "truncated packet";
	admit = msg_admit(
	    &msg, buf, packet->len, packet->nfds, client->role, ROLE_IPVSD);
	if (admit != ADMIT_OK)
		return msg_admit_name(admit);
	if (msg.type != MSG_HELLO)
		return "not a HELLO";
	spoken = get_u16(&msg.body);
	oldest = get_u16(&msg.body);
	if (!reader_done(&msg.body) || oldest > spoken)
		return "impossible HELLO";
	if (oldest > MSG_VERSION || spoken < MSG_VERSION)
		return "speaks no protocol version that we do";
	return NULL;
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
		if (broker->seats[role].clients[i].fd == -1)
			client = &broker->seats[role].clients[i];
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

/* Root's processes say HELLO after they became who they are. */
static void
accepted(int fd, void *arg)
{
	struct seat *seat = arg;
	struct broker *broker = seat->broker;
	enum role role = (enum role)(seat - broker->seats);
	struct ucred cred = {.uid = (uid_t)-1};
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1 ||
	    cred.uid != seat->uid)
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
seat_open(
    struct broker *broker, enum role role, const char *user, const char *dir)
{
	struct seat *seat = &broker->seats[role];
	int n = snprintf(seat->path, sizeof(seat->path), "%s/%s", dir,
	    rendezvous_name(role));

	if (n < 0 || (size_t)n >= sizeof(seat->path))
		fatalx("%s: too long for a socket's name", dir);
	seat->uid = priv_uid(user);
	seat->listener = listener_new(broker->base,
	    listener_bind(
		seat->path, priv_uid(USER_IPVSD), group_of(user), BACKLOG),
	    "rendezvous", accepted, seat);
}

static void
seat_init(struct broker *broker, enum role role)
{
	struct seat *seat = &broker->seats[role];

	seat->broker = broker;
	seat->uid = (uid_t)-1;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		seat->clients[i].fd = -1;
	seat->turn = evtimer_new(broker->base, turn_comes, seat);
	if (seat->turn == NULL)
		fatalx("rendezvous: out of memory");
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
		seat_init(broker, role);
	seat_open(broker, ROLE_VRRPD, USER_VRRPD, dir);
	seat_open(broker, ROLE_CHECKD, USER_CHECKD, dir);
	return broker;
}

void
broker_free(struct broker *broker)
{
	struct seat *seat;

	if (broker == NULL)
		return;
	for (enum role role = 0; role < ROLE_MAX; role++) {
		seat = &broker->seats[role];
		for (size_t i = 0; i < CLIENTS_MAX; i++) {
			if (seat->clients[i].fd != -1)
				client_close(&seat->clients[i]);
		}
		event_free(seat->turn);
		if (seat->listener == NULL)
			continue;
		listener_free(seat->listener);
		if (unlink(seat->path) == -1 && errno != ENOENT)
			log_warn("%s", seat->path);
	}
	free(broker);
}
