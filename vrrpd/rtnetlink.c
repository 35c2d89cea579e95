/* SPDX-License-Identifier: ISC */
/*
 * The rtnetlink socket, see rtnetlink.h. It joins the notification groups
 * before it asks for the dumps, so no change is missed between the two. When
 * the kernel had to drop notifications (ENOBUFS), everything is dumped again.
 */
#include "rtnetlink.h"

#include <sys/socket.h>

#include <errno.h>
#include <net/if.h> /* before linux/if.h, which then yields to it */

#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "iface.h"
#include "iface_msg.h"
#include "log.h"
#include "log_change.h"
#include "netlink_sender.h"
#include "process/timer.h"

#define BUFFER_SIZE    32768 /* the largest piece of a dump, bytes */
#define RECEIVE_BUFFER (1 << 20)
#define READS_MAX      8 /* pieces a turn of the loop */
#define RETRY	       NS_PER_SEC

enum dump { DUMP_NONE, DUMP_LINKS, DUMP_ADDRESSES };

struct rtnl {
	struct ifaces *ifaces;
	struct nl_sock *sock;
	struct event *event;
	struct timer retry;
	void (*changed)(void *arg);
	void *arg;
	enum dump dump;
	uint32_t sequence; /* of the dump's request */
	bool again;	   /* something was lost: dump once more */
	bool dirty;	   /* `changed` is to be called */
	uint8_t buffer[BUFFER_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

struct rtnl *
rtnl_open(struct ifaces *ifaces)
{
	struct rtnl *rtnl = calloc(1, sizeof(*rtnl));
	int value = RECEIVE_BUFFER;
	int error;

	if (rtnl == NULL || (rtnl->sock = nl_socket_alloc()) == NULL)
		fatal("rtnetlink: calloc");
	rtnl->ifaces = ifaces;
	if ((error = nl_connect(rtnl->sock, NETLINK_ROUTE)) < 0 ||
	    (error = nl_socket_add_memberships(rtnl->sock, RTNLGRP_LINK,
		 RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0)) < 0 ||
	    (error = nl_socket_set_nonblocking(rtnl->sock)) < 0)
		fatalx("rtnetlink: %s", nl_geterror(error));
	if (setsockopt(nl_socket_get_fd(rtnl->sock), SOL_SOCKET, SO_RCVBUF,
		&value, sizeof(value)) == -1)
		fatal("rtnetlink: SO_RCVBUF");
	return rtnl;
}

static void
ask(struct rtnl *rtnl, enum dump dump)
{
	int type = dump == DUMP_LINKS ? RTM_GETLINK : RTM_GETADDR;
	struct rtgenmsg body = {.rtgen_family = AF_UNSPEC};
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_DUMP);
	int error = -NLE_NOMEM;

	rtnl->dump = DUMP_NONE;
	if (msg != NULL && nlmsg_append(msg, &body, sizeof(body), 4) == 0 &&
	    (error = nl_send_auto(rtnl->sock, msg)) >= 0) {
		rtnl->sequence = nlmsg_hdr(msg)->nlmsg_seq;
		rtnl->dump = dump;
	} else {
		log_change_warnx(
		    "dump", "rtnetlink: dump: %s", nl_geterror(error));
		timer_after(&rtnl->retry, RETRY);
	}
	nlmsg_free(msg);
}

static void
dump_all(struct rtnl *rtnl)
{
	rtnl->again = false;
	iface_mark(rtnl->ifaces);
	ask(rtnl, DUMP_LINKS);
}

static void
dump_ended(struct rtnl *rtnl)
{
	if (rtnl->again) {
		dump_all(rtnl);
		return;
	}
	if (rtnl->dump == DUMP_LINKS) {
		ask(rtnl, DUMP_ADDRESSES);
		return;
	}
	rtnl->dump = DUMP_NONE;
	rtnl->dirty |= iface_sweep(rtnl->ifaces);
}

/* Something was lost: dumps again, now or when the running dump has ended. */
static void
lost(struct rtnl *rtnl)
{
	rtnl->again = true;
	if (rtnl->dump == DUMP_NONE && !timer_pending(&rtnl->retry))
		dump_all(rtnl);
}

static void
message(struct rtnl *rtnl, struct nlmsghdr *header)
{
	bool ours = rtnl->dump != DUMP_NONE &&
	    header->nlmsg_seq == rtnl->sequence;

	if (ours && (header->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
		rtnl->again = true;
	switch (header->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		rtnl->dirty |= iface_read_link(rtnl->ifaces, header);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		rtnl->dirty |= iface_read_address(rtnl->ifaces, header);
		break;
	case NLMSG_ERROR:
		rtnl->again |= ours;
		/* FALLTHROUGH */
	case NLMSG_DONE:
		if (ours)
			dump_ended(rtnl);
		break;
	default:
		break;
	}
}

/* Reads one datagram into the table; false when there is none. */
static bool
read_one(struct rtnl *rtnl)
{
	struct sockaddr_nl from;
	struct iovec iov = {rtnl->buffer, sizeof(rtnl->buffer)};
	struct msghdr msg = {
	    .msg_name = &from,
	    .msg_namelen = sizeof(from),
	    .msg_iov = &iov,
	    .msg_iovlen = 1,
	};
	struct nlmsghdr *header;
	ssize_t len = recvmsg(nl_socket_get_fd(rtnl->sock), &msg, 0);
	int left = (int)len;

	if (len == -1) {
		if (errno == ENOBUFS) {
			log_change("notifications",
			    "rtnetlink: notifications lost, reading "
			    "everything again");
			lost(rtnl);
			return true;
		}
		if (errno != EAGAIN && errno != EINTR)
			log_change_warnx("rtnetlink", "rtnetlink: receive: %s",
			    strerror(errno));
		return false;
	}
	if (!netlink_sender_is_kernel(&from, msg.msg_namelen))
		return true;
	if ((msg.msg_flags & MSG_TRUNC) != 0)
		lost(rtnl);
	for (header = (struct nlmsghdr *)rtnl->buffer; nlmsg_ok(header, left);
	     header = nlmsg_next(header, &left))
		message(rtnl, header);
	return true;
}

bool
rtnl_read(struct rtnl *rtnl)
{
	bool more = true;

	for (int i = 0; i < READS_MAX && more; i++)
		more = read_one(rtnl);
	if (rtnl->dirty && iface_known(rtnl->ifaces)) {
		rtnl->dirty = false;
		rtnl->changed(rtnl->arg);
	}
	return more;
}

static void
readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)rtnl_read(arg);
}

static void
retry(void *arg)
{
	dump_all(arg);
}

void
rtnl_start(struct rtnl *rtnl, struct event_base *base, void (*changed)(void *),
    void *arg)
{
	rtnl->changed = changed;
	rtnl->arg = arg;
	rtnl->event = event_new(base, nl_socket_get_fd(rtnl->sock),
	    EV_READ | EV_PERSIST, readable, rtnl);
	timer_init(&rtnl->retry, base, retry, rtnl);
	if (rtnl->event == NULL || event_add(rtnl->event, NULL) == -1)
		fatalx("rtnetlink: event");
	dump_all(rtnl);
}
