/* SPDX-License-Identifier: ISC */
/* See netlink.h. */
#include "net/netlink.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netlink.h>
#include <netlink/socket.h>

#include "grow.h"
#include "log.h"
#include "net/netlink_sender.h"

#define IN_SIZE	    65536     /* more than the kernel puts into one skb */
#define SOCKET_SIZE (1 << 20) /* a batch's errors, or a burst of events */

int
netlink_open(struct netlink *netlink, int protocol)
{
	int one = 1, size = SOCKET_SIZE, fd, error;

	memset(netlink, 0, sizeof(*netlink));
	if ((netlink->sock = nl_socket_alloc()) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	errno = 0;
	if (nl_connect(netlink->sock, protocol) < 0) {
		/* libnl leaves what its system call has said. */
		error = errno != 0 ? errno : EPROTONOSUPPORT;
		nl_socket_free(netlink->sock);
		netlink->sock = NULL;
		errno = error;
		return -1;
	}
	fd = netlink_fd(netlink);
	/* With CAP_NET_ADMIN beyond net.core.rmem_max, else as it allows. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ==
	    -1)
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	netlink->in = xcalloc(1, IN_SIZE);
	return 0;
}

void
netlink_close(struct netlink *netlink)
{
	if (netlink->sock != NULL)
		nl_socket_free(netlink->sock);
	for (uint32_t i = 0; i < NETLINK_BATCH; i++)
		nlmsg_free(netlink->requests[i]);
	free(netlink->in);
	memset(netlink, 0, sizeof(*netlink));
}

int
netlink_fd(const struct netlink *netlink)
{
	return nl_socket_get_fd(netlink->sock);
}

/* --- requests --- */

static void
must(int error)
{
	if (error < 0)
		fatalx("netlink: a request is too long");
}

struct nl_msg *
netlink_request(
    struct netlink *netlink, int type, int flags, const void *head, size_t len)
{
	struct nlmsghdr *header;
	struct nl_msg **msg;

	if (netlink->count == NETLINK_BATCH)
		fatalx("netlink: a batch is too long");
	msg = &netlink->requests[netlink->count++];
	if (*msg == NULL &&
	    (*msg = nlmsg_alloc_size(NETLINK_REQUEST_MAX)) == NULL)
		fatalx("out of memory");
	header = nlmsg_hdr(*msg);
	header->nlmsg_len = NLMSG_HDRLEN;
	header->nlmsg_type = (uint16_t)type;
	header->nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST);
	header->nlmsg_seq = ++netlink->seq;
	must(nlmsg_append(*msg, (void *)(uintptr_t)head, len, NLMSG_ALIGNTO));
	return *msg;
}

void
netlink_put(struct nl_msg *msg, int attr, const void *data, size_t len)
{
	must(nla_put(msg, attr, (int)len, data));
}

void
netlink_put_u16(struct nl_msg *msg, int attr, uint16_t value)
{
	netlink_put(msg, attr, &value, sizeof(value));
}

void
netlink_put_u32(struct nl_msg *msg, int attr, uint32_t value)
{
	netlink_put(msg, attr, &value, sizeof(value));
}

void
netlink_put_string(struct nl_msg *msg, int attr, const char *value)
{
	netlink_put(msg, attr, value, strlen(value) + 1);
}

struct nlattr *
netlink_nest(struct nl_msg *msg, int attr)
{
	struct nlattr *nest = nla_nest_start(msg, attr);

	must(nest != NULL ? 0 : -NLE_NOMEM);
	return nest;
}

/* One sendmsg for the whole batch, which is empty then. */
static int
send_requests(struct netlink *netlink)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct iovec parts[NETLINK_BATCH];
	struct msghdr msg = {.msg_name = &kernel,
	    .msg_namelen = sizeof(kernel),
	    .msg_iov = parts,
	    .msg_iovlen = netlink->count};
	ssize_t sent;

	for (uint32_t i = 0; i < netlink->count; i++) {
		parts[i].iov_base = nlmsg_hdr(netlink->requests[i]);
		parts[i].iov_len = nlmsg_hdr(netlink->requests[i])->nlmsg_len;
	}
	netlink->count = 0;
	do
		sent = sendmsg(netlink_fd(netlink), &msg, MSG_DONTWAIT);
	while (sent == -1 && errno == EINTR);
	return sent == -1 ? -1 : 0;
}

/* --- what the kernel says --- */

/*
 * One datagram; next_message() reads it. 1: there is one, 0: nothing waits, -1:
 * errno. One that is not the kernel's is empty: whoever may send such can do so
 * faster than they are read, so the caller counts them.
 */
static int
receive(struct netlink *netlink)
{
	struct sockaddr_nl from;
	struct iovec part = {netlink->in, IN_SIZE};
	struct msghdr msg;
	ssize_t len;

	do {
		msg = (struct msghdr){.msg_name = &from,
		    .msg_namelen = sizeof(from),
		    .msg_iov = &part,
		    .msg_iovlen = 1};
		len = recvmsg(netlink_fd(netlink), &msg, MSG_DONTWAIT);
	} while (len == -1 && errno == EINTR);
	if (len == -1)
		return errno == EAGAIN ? 0 : -1;
	if (!netlink_sender_is_kernel(&from, msg.msg_namelen)) {
		len = 0;
	} else if (msg.msg_flags & MSG_TRUNC) {
		errno = ENOBUFS;
		return -1;
	}
	netlink->next = (struct nlmsghdr *)(void *)netlink->in;
	netlink->left = (int)len;
	return 1;
}

/* NULL: the datagram has no more. */
static const struct nlmsghdr *
next_message(struct netlink *netlink)
{
	struct nlmsghdr *header = netlink->next;

	if (!nlmsg_ok(header, netlink->left))
		return NULL;
	netlink->next = nlmsg_next(header, &netlink->left);
	return header;
}

/* The text of an extended acknowledgement; NULL when there is none. */
static const char *
answer_text(const struct nlmsghdr *header, const struct nlmsgerr *error)
{
	size_t skip = sizeof(*header) + sizeof(*error);
	struct nlattr *attr;

	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(header->nlmsg_flags & NLM_F_CAPPED) &&
	    error->msg.nlmsg_len > sizeof(error->msg))
		skip += NLMSG_ALIGN(error->msg.nlmsg_len) - sizeof(error->msg);
	if (skip > header->nlmsg_len)
		return NULL;
	attr = nla_find((const struct nlattr *)((const uint8_t *)header + skip),
	    (int)(header->nlmsg_len - skip), NLMSGERR_ATTR_MSG);
	if (attr == NULL || nla_len(attr) < 1 ||
	    ((const char *)nla_data(attr))[nla_len(attr) - 1] != '\0')
		return NULL;
	return nla_data(attr);
}

/* NULL when it is not an answer. */
static const struct nlmsgerr *
as_error(const struct nlmsghdr *header)
{
	if (header->nlmsg_type != NLMSG_ERROR ||
	    header->nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr)))
		return NULL;
	return (const struct nlmsgerr *)(const void *)(header + 1);
}

int
netlink_exchange(struct netlink *netlink, netlink_message_fn message_fn,
    void *message_arg, netlink_answer_fn answer_fn, void *answer_arg)
{
	const struct nlmsgerr *error;
	const struct nlmsghdr *header;
	uint32_t last = netlink->seq;
	bool ended = false;
	int got;

	if (netlink->count == 0)
		return 0;
	nlmsg_hdr(netlink->requests[netlink->count - 1])
	    ->nlmsg_flags |= NLM_F_ACK;
	if (send_requests(netlink) == -1)
		return -1;
	while (!ended) {
		if ((got = receive(netlink)) <= 0) {
			if (got == 0)
				errno = ENOBUFS;
			return -1;
		}
		while ((header = next_message(netlink)) != NULL) {
			if ((error = as_error(header)) == NULL) {
				if (message_fn != NULL)
					message_fn(header, message_arg);
				continue;
			}
			answer_fn(header->nlmsg_seq, -error->error,
			    answer_text(header, error), answer_arg);
			ended |= header->nlmsg_seq == last;
		}
	}
	return 0;
}

int
netlink_send(struct netlink *netlink, netlink_answer_fn fn, void *arg,
    int *errors, uint32_t count)
{
	if (netlink_exchange(netlink, NULL, NULL, fn, arg) == -1)
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		if (errors[i] == NETLINK_UNANSWERED)
			errors[i] = 0;
	}
	return 0;
}

int
netlink_receive(struct netlink *netlink, netlink_message_fn fn, void *arg)
{
	const struct nlmsghdr *header;
	int got;

	if ((got = receive(netlink)) <= 0)
		return got;
	while ((header = next_message(netlink)) != NULL)
		fn(header, arg);
	return 1;
}

/* --- dumps --- */

int
netlink_dump(struct netlink *netlink)
{
	/* Reads what a failed dump has left, so that the kernel ends it. */
	while (netlink->reading && receive(netlink) > 0)
		continue;
	nlmsg_hdr(netlink->requests[0])->nlmsg_flags |= NLM_F_DUMP;
	netlink->error = 0;
	netlink->reading = send_requests(netlink) == 0;
	return netlink->reading ? 0 : -1;
}

enum netlink_part
netlink_part(struct netlink *netlink, const struct nlmsghdr *header)
{
	int code = 0;

	if (!netlink->reading || header->nlmsg_seq != netlink->seq)
		return NETLINK_PART_NONE;
	if (header->nlmsg_flags & NLM_F_DUMP_INTR)
		netlink->error = EINTR;
	if (header->nlmsg_type != NLMSG_DONE &&
	    header->nlmsg_type != NLMSG_ERROR)
		return NETLINK_PART_MESSAGE;
	/* Both begin with an error's number, which NLMSG_DONE may lack. */
	if (header->nlmsg_len >= NLMSG_LENGTH(sizeof(code)))
		memcpy(&code, header + 1, sizeof(code));
	if (code < 0)
		netlink->error = -code;
	else if (header->nlmsg_type == NLMSG_ERROR)
		return NETLINK_PART_NONE;
	netlink->reading = false;
	return NETLINK_PART_END;
}

int
netlink_dump_step(struct netlink *netlink, netlink_message_fn fn, void *arg)
{
	const struct nlmsghdr *header;
	enum netlink_part part = NETLINK_PART_NONE;
	int got;

	if ((got = receive(netlink)) == 0)
		errno = ENOBUFS;
	if (got <= 0)
		return -1;
	while (part != NETLINK_PART_END &&
	    (header = next_message(netlink)) != NULL) {
		part = netlink_part(netlink, header);
		if (netlink->error != 0) {
			errno = netlink->error;
			return -1;
		}
		if (part == NETLINK_PART_MESSAGE)
			fn(header, arg);
	}
	return part == NETLINK_PART_END ? 0 : 1;
}
