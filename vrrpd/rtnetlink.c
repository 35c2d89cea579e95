/* SPDX-License-Identifier: ISC */
/*
 * The rtnetlink socket, see rtnetlink.h. It joins the notification groups
 * before it asks for the dumps, so no change is missed between the two. When
 * the kernel had to drop notifications (ENOBUFS), everything is dumped again.
 *
 * Whoever changes addresses all the time makes notifications without end, all
 * instances look at each change, and vrrpd runs in real time. So it rests after
 * a change, and between dumps.
 */
#include "rtnetlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "clock.h"
#include "grow.h"
#include "iface.h"
#include "log.h"
#include "log_change.h"
#include "net/netlink_iface.h"
#include "process/timer.h"

#define READS_MAX  8 /* pieces a turn of the loop */
#define REST	   (5 * NS_PER_MS)
#define DUMP_EVERY (100 * NS_PER_MS) /* at most, from begin to begin */
#define RETRY	   NS_PER_SEC

struct rtnl {
	struct ifaces *ifaces;
	struct netlink netlink;
	struct event *event;
	struct timer rest;   /* until it reads on */
	struct timer retry;  /* until it dumps again */
	uint64_t dump_began; /* the last */
	void (*changed)(void *arg);
	void *arg;
	int dump;   /* the last: RTM_GETLINK, then RTM_GETADDR */
	bool again; /* something was lost: dump once more */
	bool dirty; /* `changed` is to be called */
	bool tired; /* it was called, or more waits: a rest is due */
};

struct rtnl *
rtnl_open(struct ifaces *ifaces)
{
	struct rtnl *rtnl = xcalloc(1, sizeof(*rtnl));

	rtnl->ifaces = ifaces;
	if (netlink_iface_open(&rtnl->netlink) == -1)
		fatal("rtnetlink");
	return rtnl;
}

static void
ask(struct rtnl *rtnl, int dump)
{
	rtnl->dump = dump;
	if (netlink_iface_dump(&rtnl->netlink, dump) == -1) {
		log_change_warnx(
		    "dump", "rtnetlink: dump: %s", strerror(errno));
		timer_after(&rtnl->retry, RETRY);
	}
}

static void
dump_all(struct rtnl *rtnl)
{
	rtnl->again = false;
	rtnl->dump_began = clock_monotonic();
	iface_mark(rtnl->ifaces);
	ask(rtnl, RTM_GETLINK);
}

static void
dump_ended(struct rtnl *rtnl)
{
	if (rtnl->again || rtnl->netlink.error != 0)
		timer_at(&rtnl->retry, rtnl->dump_began + DUMP_EVERY);
	else if (rtnl->dump == RTM_GETLINK)
		ask(rtnl, RTM_GETADDR);
	else
		rtnl->dirty |= iface_sweep(rtnl->ifaces);
}

/* Something was lost: dumps again, soon or when the running dump has ended. */
static void
lost(struct rtnl *rtnl)
{
	rtnl->again = true;
	if (!rtnl->netlink.reading && !timer_pending(&rtnl->retry))
		timer_at(&rtnl->retry, rtnl->dump_began + DUMP_EVERY);
}

static void
link_message(struct rtnl *rtnl, const struct nlmsghdr *header)
{
	struct netlink_iface told;

	if (!netlink_read_iface(header, &told))
		return;
	if (header->nlmsg_type == RTM_NEWLINK) {
		rtnl->dirty |= iface_told(rtnl->ifaces, &told);
	} else {
		iface_gone(rtnl->ifaces, told.index);
		rtnl->dirty = true;
	}
}

static void
address_message(struct rtnl *rtnl, const struct nlmsghdr *header)
{
	struct netlink_address told;

	if (!netlink_read_address(header, &told))
		return;
	if (header->nlmsg_type == RTM_NEWADDR)
		rtnl->dirty |= iface_address_told(rtnl->ifaces, &told);
	else
		rtnl->dirty |= iface_address_gone(rtnl->ifaces, &told);
}

static void
message(const struct nlmsghdr *header, void *arg)
{
	struct rtnl *rtnl = arg;

	if (netlink_part(&rtnl->netlink, header) == NETLINK_PART_END) {
		dump_ended(rtnl);
		return;
	}
	switch (header->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		link_message(rtnl, header);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		address_message(rtnl, header);
		break;
	}
}

/* Reads one datagram into the table; false when there is none. */
static bool
read_one(struct rtnl *rtnl)
{
	int got = netlink_receive(&rtnl->netlink, message, rtnl);

	if (got == -1 && errno == ENOBUFS) {
		log_change("notifications",
		    "rtnetlink: notifications lost, reading everything again");
		lost(rtnl);
		return true;
	}
	if (got == -1)
		log_change_warnx(
		    "rtnetlink", "rtnetlink: receive: %s", strerror(errno));
	return got == 1;
}

bool
rtnl_read(struct rtnl *rtnl)
{
	bool more = true;

	for (int i = 0; i < READS_MAX && more; i++)
		more = read_one(rtnl);
	if (rtnl->dirty && iface_known(rtnl->ifaces)) {
		rtnl->dirty = false;
		rtnl->tired = true;
		rtnl->changed(rtnl->arg);
	}
	rtnl->tired |= more;
	return more;
}

static void
readable(evutil_socket_t fd, short what, void *arg)
{
	struct rtnl *rtnl = arg;

	(void)fd;
	(void)what;
	(void)rtnl_read(rtnl);
	if (!rtnl->tired)
		return;
	rtnl->tired = false;
	event_del(rtnl->event);
	timer_after(&rtnl->rest, REST);
}

static void
rested(void *arg)
{
	struct rtnl *rtnl = arg;

	if (event_add(rtnl->event, NULL) == -1)
		fatalx("rtnetlink: event");
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
	rtnl->event = event_new(base, netlink_fd(&rtnl->netlink),
	    EV_READ | EV_PERSIST, readable, rtnl);
	timer_init(&rtnl->rest, base, rested, rtnl);
	timer_init(&rtnl->retry, base, retry, rtnl);
	if (rtnl->event == NULL || event_add(rtnl->event, NULL) == -1)
		fatalx("rtnetlink: event");
	dump_all(rtnl);
}
