/* SPDX-License-Identifier: ISC */
/* The client of the rendezvous: HELLO out, LINK with an fd in. */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "link/hello.h"
#include "link/rendezvous.h"
#include "link/seqpacket.h"
#include "log.h"
#include "log_change.h"
#include "process/closer.h"
#include "process/priv.h"
#include "process/timer.h"

#define RETRY_FIRST (100 * NS_PER_MS)
#define RETRY_MAX   (1000 * NS_PER_MS)
#define HELLO_GAP   NS_PER_SEC

struct rendezvous {
	struct event_base *base;
	enum role self;
	rendezvous_link_fn link;
	void *arg;
	struct sockaddr_un sun;
	uid_t server_uid;
	int fd;
	pid_t server_pid;
	struct event *read_event;
	struct timer retry;
	uint64_t retry_wait; /* the next one, ns */
	uint64_t last_hello;
	bool complained;
};

static void rendezvous_connect(struct rendezvous *);

const char *
rendezvous_name(enum role role)
{
	return role == ROLE_VRRPD ? "rendezvous" : "rendezvous.checkd";
}

static void
disconnect(struct rendezvous *rendezvous)
{
	if (rendezvous->fd == -1)
		return;
	event_free(rendezvous->read_event);
	rendezvous->read_event = NULL;
	closer_socket(rendezvous->fd);
	rendezvous->fd = -1;
}

static void
retry_later(struct rendezvous *rendezvous)
{
	disconnect(rendezvous);
	timer_after(&rendezvous->retry, rendezvous->retry_wait);
	rendezvous->retry_wait *= 2;
	if (rendezvous->retry_wait > RETRY_MAX)
		rendezvous->retry_wait = RETRY_MAX;
}

static void
hello(struct rendezvous *rendezvous)
{
	uint8_t buf[MSG_MAX];
	size_t len = hello_compose(buf);

	rendezvous->last_hello = clock_monotonic();
	if (seqpacket_send(rendezvous->fd, buf, len, -1) != SEQPACKET_OK)
		retry_later(rendezvous);
}

/* Takes a LINK over. False: it is none, and the connection has to end. */
static bool
take_link(struct rendezvous *rendezvous, uint8_t *buf, struct seqpacket *packet)
{
	struct link_end end = {.fd = packet->fd};
	struct msg msg;
	enum msg_admit admit;

	admit = packet->truncated ?
	    ADMIT_LENGTH :
	    msg_admit(&msg, buf, packet->len, packet->nfds, ROLE_IPVSD,
		rendezvous->self);
	if (admit == ADMIT_OK && msg.type != MSG_LINK)
		admit = ADMIT_TYPE;
	if (admit == ADMIT_OK) {
		if (hello_take_link(&msg, &end) &&
		    end.peer != rendezvous->self) {
			if (end.peer == ROLE_IPVSD)
				end.pid = rendezvous->server_pid;
			rendezvous->retry_wait = RETRY_FIRST;
			rendezvous->link(&end, rendezvous->arg);
			return true;
		}
		admit = ADMIT_SIZE;
	}
	if (packet->fd != -1)
		closer_close(packet->fd);
	log_change_warnx("rendezvous", "rendezvous: %s", msg_admit_name(admit));
	return false;
}

static void
on_read(evutil_socket_t fd, short events, void *arg)
{
	struct rendezvous *rendezvous = arg;
	uint8_t buf[MSG_MAX + 1];
	struct seqpacket packet;

	(void)events;
	for (int i = 0; i < 8; i++) {
		if (closer_full()) {
			log_change_warnx("rendezvous",
			    "rendezvous: descriptors come faster than they can "
			    "be closed");
			retry_later(rendezvous);
			return;
		}
		switch (seqpacket_receive(fd, buf, MSG_MAX, true, &packet)) {
		case SEQPACKET_OK:
			break;
		case SEQPACKET_AGAIN:
			return;
		default:
			log_debug("rendezvous: closed");
			retry_later(rendezvous);
			return;
		}
		if (!take_link(rendezvous, buf, &packet)) {
			retry_later(rendezvous);
			return;
		}
		if (rendezvous->fd != fd)
			return;
	}
}

static bool
server_is_ipvsd(struct rendezvous *rendezvous)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(rendezvous->fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) ==
	    -1)
		return false;
	rendezvous->server_pid = cred.pid;
	if (cred.uid == 0 || cred.uid == rendezvous->server_uid)
		return true;
	log_change_warnx("rendezvous",
	    "rendezvous: bound by uid %u, not by " USER_IPVSD,
	    (unsigned)cred.uid);
	return false;
}

static void
rendezvous_connect(struct rendezvous *rendezvous)
{
	if (closer_full()) {
		timer_after(&rendezvous->retry, RETRY_MAX);
		return;
	}
	rendezvous->fd = socket(
	    AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (rendezvous->fd == -1) {
		log_warn("rendezvous: socket");
		timer_after(&rendezvous->retry, RETRY_MAX);
		return;
	}
	rendezvous->read_event = event_new(rendezvous->base, rendezvous->fd,
	    EV_READ | EV_PERSIST, on_read, rendezvous);
	if (rendezvous->read_event == NULL)
		fatalx("rendezvous: event");
	if (connect(rendezvous->fd, (struct sockaddr *)&rendezvous->sun,
		sizeof(rendezvous->sun)) == -1) {
		if (!rendezvous->complained)
			log_info("rendezvous: waiting for ipvsd at %s: %s",
			    rendezvous->sun.sun_path, strerror(errno));
		rendezvous->complained = true;
		retry_later(rendezvous);
		return;
	}
	if (!server_is_ipvsd(rendezvous)) {
		retry_later(rendezvous);
		return;
	}
	rendezvous->complained = false;
	event_add(rendezvous->read_event, NULL);
	hello(rendezvous);
}

static void
on_retry(void *arg)
{
	struct rendezvous *rendezvous = arg;

	if (rendezvous->fd == -1)
		rendezvous_connect(rendezvous);
	else
		hello(rendezvous);
}

struct rendezvous *
rendezvous_new(struct event_base *base, const char *dir, enum role self,
    rendezvous_link_fn link, void *arg)
{
	struct rendezvous *rendezvous = calloc(1, sizeof(*rendezvous));
	int n;

	if (rendezvous == NULL)
		fatal("rendezvous");
	rendezvous->base = base;
	rendezvous->self = self;
	rendezvous->link = link;
	rendezvous->arg = arg;
	rendezvous->fd = -1;
	rendezvous->retry_wait = RETRY_FIRST;
	rendezvous->server_uid = priv_uid(USER_IPVSD);
	rendezvous->sun.sun_family = AF_UNIX;
	n = snprintf(rendezvous->sun.sun_path, sizeof(rendezvous->sun.sun_path),
	    "%s/%s", dir, rendezvous_name(self));
	if (n < 0 || (size_t)n >= sizeof(rendezvous->sun.sun_path))
		fatalx("%s: too long for a socket's name", dir);
	timer_init(&rendezvous->retry, base, on_retry, rendezvous);
	rendezvous_connect(rendezvous);
	return rendezvous;
}

void
rendezvous_again(struct rendezvous *rendezvous)
{
	if (rendezvous->fd != -1 && !timer_pending(&rendezvous->retry))
		timer_at(
		    &rendezvous->retry, rendezvous->last_hello + HELLO_GAP);
}

void
rendezvous_free(struct rendezvous *rendezvous)
{
	if (rendezvous == NULL)
		return;
	disconnect(rendezvous);
	timer_stop(&rendezvous->retry);
	free(rendezvous);
}
