/* SPDX-License-Identifier: ISC */
/*
 * Netlink by hand: the loader is linked to no library for it (HACKING.md), and
 * this is one question. It needs the system calls of getifaddrs(3) alone.
 */
#include "vrf.h"

#include <sys/socket.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* The kernel sends a dump in pieces of at most 32 KiB. */
#define PIECE_MAX 32768

/* The attribute of that type among those of len bytes; NULL: there is none. The
 * macros may make len less than 0. */
static const struct rtattr *
find(const struct rtattr *attr, int len, unsigned short type)
{
	for (; RTA_OK(attr, len); attr = RTA_NEXT(attr, len))
		if ((attr->rta_type & NLA_TYPE_MASK) == type)
			return attr;
	return NULL;
}

/* Whether the attribute is this text. */
static bool
is_text(const struct rtattr *attr, const char *text)
{
	size_t len = strlen(text);

	return attr != NULL && RTA_PAYLOAD(attr) >= len &&
	    memcmp(RTA_DATA(attr), text, len) == 0 &&
	    (RTA_PAYLOAD(attr) == len ||
		((const char *)RTA_DATA(attr))[len] == '\0');
}

const char *
vrf_member(const struct nlmsghdr *message)
{
	const struct ifinfomsg *head = NLMSG_DATA(message);
	const struct rtattr *info, *name;
	int len;

	if (message->nlmsg_type != RTM_NEWLINK ||
	    message->nlmsg_len < NLMSG_LENGTH(sizeof(*head)))
		return NULL;
	len = (int)IFLA_PAYLOAD(message);
	name = find(IFLA_RTA(head), len, IFLA_IFNAME);
	info = find(IFLA_RTA(head), len, IFLA_LINKINFO);
	if (name == NULL || info == NULL ||
	    memchr(RTA_DATA(name), '\0', RTA_PAYLOAD(name)) == NULL)
		return NULL;
	info = find(
	    RTA_DATA(info), (int)RTA_PAYLOAD(info), IFLA_INFO_SLAVE_KIND);
	return is_text(info, "vrf") ? RTA_DATA(name) : NULL;
}

/* False: that was the dump's last piece. */
static bool
take_piece(const struct nlmsghdr *message, size_t len,
    void (*fn)(const char *, void *), void *arg)
{
	const char *name;

	for (; NLMSG_OK(message, len); message = NLMSG_NEXT(message, len)) {
		if (message->nlmsg_type == NLMSG_DONE ||
		    message->nlmsg_type == NLMSG_ERROR)
			return false;
		if ((name = vrf_member(message)) != NULL)
			fn(name, arg);
	}
	return true;
}

static bool
ask(int fd)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg body;
	} request = {
	    .header = {.nlmsg_len = sizeof(request),
		.nlmsg_type = RTM_GETLINK,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
	    .body = {.ifi_family = AF_UNSPEC},
	};
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};

	return sendto(fd, &request, sizeof(request), 0,
		   (const struct sockaddr *)&kernel, sizeof(kernel)) != -1;
}

void
vrf_members(void (*fn)(const char *, void *), void *arg)
{
	union {
		struct nlmsghdr first;
		char bytes[PIECE_MAX];
	} piece;
	struct iovec room = {&piece, sizeof(piece)};
	struct msghdr message = {.msg_iov = &room, .msg_iovlen = 1};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	ssize_t len;

	if (fd == -1)
		return;
	if (ask(fd)) {
		do
			len = recvmsg(fd, &message, 0);
		while (
		    len > 0 && take_piece(&piece.first, (size_t)len, fn, arg));
	}
	close(fd);
}
