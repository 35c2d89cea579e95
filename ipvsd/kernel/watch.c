/* SPDX-License-Identifier: ISC */
/* See watch.h. */
#include "kernel/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "log_change.h"

struct kernel_watch {
	struct kernel_turn *turn;
	void (*changed)(bool ifaces, void *);
	void *arg;
	struct addr_nl copy;
	struct event *events; /* notifications wait */
	bool dumping;
	bool dump_wanted;
	bool known; /* the first dump is done */
};

/* What notifications or a dump have changed. */
static void
tell_changed(struct kernel_watch *watch)
{
	struct addr_nl *copy = &watch->copy;
	bool ifaces = copy->ifaces_changed;

	if (!copy->ifaces_changed && !copy->addresses_changed)
		return;
	copy->ifaces_changed = copy->addresses_changed = false;
	if (watch->dumping)
		watch->dump_wanted = true;
	watch->changed(ifaces, watch->arg);
	turn_schedule(watch->turn);
}

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	struct kernel_watch *watch = arg;

	(void)fd;
	(void)what;
	if (addr_nl_events(&watch->copy, TURN_SLICE) == -1) {
		log_change_warnx("notifications",
		    "rtnetlink: notifications lost: %s", strerror(errno));
		watch->turn->stats.overruns++;
		watch_want(watch);
	}
	tell_changed(watch);
}

struct kernel_watch *
watch_new(struct kernel_turn *turn, struct event_base *base,
    void (*changed)(bool, void *), void *arg)
{
	struct kernel_watch *watch = xcalloc(1, sizeof(*watch));

	watch->turn = turn;
	watch->changed = changed;
	watch->arg = arg;
	if (addr_nl_open(&watch->copy) == -1) {
		free(watch);
		return NULL;
	}
	watch->events = event_new(base, netlink_fd(&watch->copy.events),
	    EV_READ | EV_PERSIST, on_event, watch);
	if (watch->events == NULL)
		fatalx("out of memory");
	(void)event_add(watch->events, NULL);
	watch_want(watch);
	return watch;
}

void
watch_free(struct kernel_watch *watch)
{
	event_free(watch->events);
	addr_nl_close(&watch->copy);
	free(watch);
}

void
watch_want(struct kernel_watch *watch)
{
	watch->dump_wanted = true;
	turn_schedule(watch->turn);
}

static void
dump_begin(struct kernel_watch *watch)
{
	watch->dump_wanted = false;
	if (addr_nl_dump(&watch->copy) == -1) {
		log_change_warnx(
		    "addresses", "rtnetlink: dump: %s", strerror(errno));
		turn_retry(watch->turn);
		return;
	}
	watch->dumping = true;
}

bool
watch_step(struct kernel_watch *watch)
{
	int more;

	if (!watch->dumping) {
		if (!watch->dump_wanted)
			return false;
		dump_begin(watch);
		return watch->dumping;
	}
	more = addr_nl_dump_step(&watch->copy, TURN_SLICE);
	if (more == 1)
		return true;
	watch->dumping = false;
	if (more == -1) {
		/* Interrupted by a change: what was read may be half old. */
		if (errno != EINTR) {
			log_change_warnx("addresses", "rtnetlink: dump: %s",
			    strerror(errno));
			watch->turn->stats.overruns++;
			turn_retry(watch->turn);
			return false;
		}
		watch->dump_wanted = true;
		return true;
	}
	watch->known = true;
	tell_changed(watch);
	return true;
}

bool
watch_is_reading(const struct kernel_watch *watch)
{
	return watch->dump_wanted || watch->dumping;
}

bool
watch_is_known(const struct kernel_watch *watch)
{
	return watch->known;
}

struct addr_nl *
watch_copy(struct kernel_watch *watch)
{
	return &watch->copy;
}

bool
watch_has_address(
    const struct kernel_watch *watch, const struct conf_address *conf)
{
	struct desired_address wanted;

	memset(&wanted, 0, sizeof(wanted));
	wanted.addr = conf->addr;
	wanted.prefix = conf->prefix;
	strncpy(
	    wanted.interface, conf->interface, sizeof(wanted.interface) - 1);
	return addr_nl_find(&watch->copy, &wanted) != NULL;
}

bool
watch_iface_in_vrf(const struct kernel_watch *watch, const char *interface)
{
	const struct live_iface *iface = addr_nl_iface(&watch->copy, interface);

	return iface != NULL && iface->in_vrf;
}

bool
watch_iface_up(const struct kernel_watch *watch, const char *interface)
{
	const struct live_iface *iface = addr_nl_iface(&watch->copy, interface);

	return iface != NULL && (iface->flags & IFF_UP);
}
