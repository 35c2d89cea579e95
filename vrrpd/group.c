/* SPDX-License-Identifier: ISC */
/*
 * Membership of the VRRP groups, see group.h. The members are plain UDP
 * sockets that are never bound. Those need no capability, so an interface that
 * comes later can be joined too. The raw sockets hear what any socket of the
 * host has joined. The kernel allows 20 memberships a socket
 * (net.ipv4.igmp_max_memberships).
 */
#include "group.h"

#include <sys/queue.h>
#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "packet/packet.h"

#define MEMBERS_MAX 20 /* of one socket */

struct holder {
	LIST_ENTRY(holder) entry;
	int fd;
	uint8_t family;
	unsigned count;
};

struct member {
	LIST_ENTRY(member) entry;
	struct holder *holder;
	unsigned ifindex;
	unsigned joins;
};

struct groups {
	LIST_HEAD(, holder) holders;
	LIST_HEAD(, member) members;
};

struct groups *
group_new(void)
{
	struct groups *groups = calloc(1, sizeof(*groups));

	if (groups == NULL)
		fatal("group: calloc");
	LIST_INIT(&groups->holders);
	LIST_INIT(&groups->members);
	return groups;
}

static void
holder_free(struct holder *holder)
{
	LIST_REMOVE(holder, entry);
	close(holder->fd);
	free(holder);
}

/* Joins or leaves. RFC 3678's options have one form for both families. */
static bool
change(const struct holder *holder, int option, unsigned ifindex)
{
	struct group_req request = {.gr_interface = ifindex};
	struct sockaddr_storage group;
	struct addr addr;
	int level = holder->family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;

	vrrp_group(holder->family, &addr);
	addr_to_sockaddr(&addr, 0, &group);
	memcpy(&request.gr_group, &group, sizeof(group));
	return setsockopt(
		   holder->fd, level, option, &request, sizeof(request)) == 0;
}

static struct holder *
holder_new(struct groups *groups, uint8_t family)
{
	struct holder *holder = calloc(1, sizeof(*holder));

	if (holder == NULL)
		return NULL;
	holder->family = family;
	holder->fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (holder->fd == -1) {
		free(holder);
		return NULL;
	}
	LIST_INSERT_HEAD(&groups->holders, holder, entry);
	return holder;
}

/*
 * Joins on a socket with room, else on a new one. ENOBUFS means that the
 * administrator has set fewer than 20: then another socket may have room.
 */
static struct holder *
join(struct groups *groups, uint8_t family, unsigned ifindex)
{
	struct holder *holder;
	int saved_errno;

	LIST_FOREACH(holder, &groups->holders, entry) {
		if (holder->family != family || holder->count >= MEMBERS_MAX)
			continue;
		if (change(holder, MCAST_JOIN_GROUP, ifindex))
			return holder;
		if (errno != ENOBUFS)
			return NULL;
	}
	if ((holder = holder_new(groups, family)) == NULL)
		return NULL;
	if (change(holder, MCAST_JOIN_GROUP, ifindex))
		return holder;
	saved_errno = errno;
	holder_free(holder);
	errno = saved_errno;
	return NULL;
}

static struct member *
find(struct groups *groups, uint8_t family, unsigned ifindex)
{
	struct member *member;

	LIST_FOREACH(member, &groups->members, entry) {
		if (member->ifindex == ifindex &&
		    member->holder->family == family)
			return member;
	}
	return NULL;
}

bool
group_join(struct groups *groups, uint8_t family, unsigned ifindex)
{
	struct member *member = find(groups, family, ifindex);

	if (member != NULL) {
		member->joins++;
		return true;
	}
	if ((member = calloc(1, sizeof(*member))) == NULL)
		return false;
	if ((member->holder = join(groups, family, ifindex)) == NULL) {
		free(member);
		return false;
	}
	member->ifindex = ifindex;
	member->joins = 1;
	member->holder->count++;
	LIST_INSERT_HEAD(&groups->members, member, entry);
	return true;
}

void
group_leave(struct groups *groups, uint8_t family, unsigned ifindex)
{
	struct member *member = find(groups, family, ifindex);
	struct holder *holder;

	if (member == NULL || --member->joins > 0)
		return;
	holder = member->holder;
	/* If the interface has gone, its membership has gone with it, but the
	 * socket still has a record, which this removes. */
	if (!change(holder, MCAST_LEAVE_GROUP, ifindex))
		log_debug("group: leave %u: %s", ifindex, strerror(errno));
	LIST_REMOVE(member, entry);
	free(member);
	if (--holder->count == 0)
		holder_free(holder);
}
