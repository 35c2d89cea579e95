/* SPDX-License-Identifier: ISC */
/* See netlink.h. */
#include "kernel/netlink.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "grow.h"
#include "log.h"
#include "netlink_sender.h"

#define IN_SIZE	    65536 /* more than the kernel puts into one skb */
#define OUT_SIZE    (NETLINK_BATCH * NETLINK_REQUEST_MAX)
#define SOCKET_SIZE (1 << 20) /* a batch's errors, or a burst of events */

int
netlink_open(struct netlink *netlink, int protocol)
{
	int one = 1, size = SOCKET_SIZE, fd;

	memset(netlink, 0, sizeof(*netlink));
	if ((netlink->sock = nl_socket_alloc()) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	if (nl_connect(netlink->sock, protocol) < 0) {
		nl_socket_free(netlink->sock);
		netlink->sock = NULL;
		errno = EPROTONOSUPPORT;
		return -1;
	}
	(void)nl_socket_set_nonblocking(netlink->sock);
	fd = netlink_fd(netlink);
	/* With CAP_NET_ADMIN beyond net.core.rmem_max, else as it allows. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ==
	    -1)
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	netlink->out = xcalloc(1, OUT_SIZE);
	netlink->in = xcalloc(1, IN_SIZE);
	return 0;
}

void
netlink_close(struct netlink *netlink)
{
	if (netlink->sock != NULL)
		nl_socket_free(netlink->sock);
	free(netlink->out);
	free(netlink->in);
	memset(netlink, 0, sizeof(*netlink));
}

int
netlink_fd(const struct netlink *netlink)
{
	return nl_socket_get_fd(netlink->sock);
}

/* --- requests --- */

struct nlmsghdr *
netlink_request(int type, int flags, const void *head, size_t len)
{
	static union {
		struct nlmsghdr header;
		uint8_t bytes[NETLINK_REQUEST_MAX];
	} request;
	struct nlmsghdr *header = &request.header;

	memset(header, 0, sizeof(*header));
	header->nlmsg_type = (uint16_t)type;
	header->nlmsg_flags = (uint16_t)flags;
	header->nlmsg_len = (uint32_t)NLMSG_LENGTH(NLMSG_ALIGN(len));
	memset(request.bytes + NLMSG_HDRLEN, 0, NLMSG_ALIGN(len));
	memcpy(request.bytes + NLMSG_HDRLEN, head, len);
	return header;
}

/* Where its next attribute goes, which is that long. */
static uint8_t *
room(struct nlmsghdr *header, size_t len)
{
	uint8_t *at = (uint8_t *)header + header->nlmsg_len;

	if (header->nlmsg_len + len > NETLINK_REQUEST_MAX)
		fatalx("netlink: a request is too long");
	header->nlmsg_len += (uint32_t)len;
	return at;
}

void
netlink_put(struct nlmsghdr *header, int type, const void *data, size_t len)
{
	struct nlattr attr = {.nla_type = (uint16_t)type,
	    .nla_len = (uint16_t)(NLA_HDRLEN + len)};
	size_t total = NLA_ALIGN(NLA_HDRLEN + len);
	uint8_t *at = room(header, total);

	memcpy(at, &attr, sizeof(attr));
	if (len > 0)
		memcpy(at + NLA_HDRLEN, data, len);
	for (size_t i = NLA_HDRLEN + len; i < total; i++)
		at[i] = 0;
}

/* A number's attribute is two words: most are numbers, and tables are long. */
static void
put_word(struct nlmsghdr *header, int type, uint32_t word, size_t len)
{
	struct nlattr attr = {.nla_type = (uint16_t)type,
	    .nla_len = (uint16_t)(NLA_HDRLEN + len)};
	uint8_t *at = room(header, sizeof(attr) + sizeof(word));

	memcpy(at, &attr, sizeof(attr));
	memcpy(at + sizeof(attr), &word, sizeof(word));
}

void
netlink_put_u8(struct nlmsghdr *header, int type, uint8_t value)
{
	uint32_t word = 0;

	memcpy(&word, &value, sizeof(value));
	put_word(header, type, word, sizeof(value));
}

void
netlink_put_u16(struct nlmsghdr *header, int type, uint16_t value)
{
	uint32_t word = 0;

	memcpy(&word, &value, sizeof(value));
	put_word(header, type, word, sizeof(value));
}

void
netlink_put_u32(struct nlmsghdr *header, int type, uint32_t value)
{
	put_word(header, type, value, sizeof(value));
}

void
netlink_put_string(struct nlmsghdr *header, int type, const char *value)
{
	netlink_put(header, type, value, strlen(value) + 1);
}

struct nlattr *
netlink_nest(struct nlmsghdr *header, int type)
{
	void *at = (uint8_t *)header + header->nlmsg_len;

	netlink_put(header, type, NULL, 0);
	return at;
}

void
netlink_nest_end(struct nlmsghdr *header, struct nlattr *nest)
{
	nest->nla_len = (uint16_t)((uint8_t *)header + header->nlmsg_len -
	    (uint8_t *)nest);
}

uint32_t
netlink_add(struct netlink *netlink, struct nlmsghdr *header)
{
	size_t len = NLMSG_ALIGN(header->nlmsg_len);

	if (netlink->out_len + len > OUT_SIZE)
		fatalx("netlink: a batch is too long");
	header->nlmsg_seq = ++netlink->seq;
	header->nlmsg_pid = nl_socket_get_local_port(netlink->sock);
	header->nlmsg_flags |= NLM_F_REQUEST;
	memcpy(netlink->out + netlink->out_len, header, header->nlmsg_len);
	netlink->last = netlink->out_len;
	netlink->out_len += len;
	return netlink->seq;
}

static int
send_out(struct netlink *netlink)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t sent;

	do
		sent = sendto(netlink_fd(netlink), netlink->out,
		    netlink->out_len, MSG_DONTWAIT, (struct sockaddr *)&kernel,
		    sizeof(kernel));
	while (sent == -1 && errno == EINTR);
	netlink->out_len = 0;
	return sent == -1 ? -1 : 0;
}

/* One datagram of the kernel's. 0: nothing waits, -1: errno. */
static ssize_t
receive(struct netlink *netlink)
{
	struct sockaddr_nl from;
	socklen_t from_len;
	ssize_t len;

	for (;;) {
		from_len = sizeof(from);
		len = recvfrom(netlink_fd(netlink), netlink->in, IN_SIZE,
		    MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from,
		    &from_len);
		if (len == -1 && errno == EINTR)
			continue;
		if (len == -1)
			return errno == EAGAIN ? 0 : -1;
		if (len > IN_SIZE) {
			errno = ENOBUFS;
			return -1;
		}
		if (netlink_sender_is_kernel(&from, from_len))
			return len;
	}
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
netlink_send(struct netlink *netlink, netlink_answer_fn fn, void *arg)
{
	return netlink_exchange(netlink, NULL, NULL, fn, arg);
}

int
netlink_send_batch(struct netlink *netlink, netlink_answer_fn fn, void *arg,
    int *errors, uint32_t count)
{
	if (netlink_send(netlink, fn, arg) == -1)
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		if (errors[i] == NETLINK_UNANSWERED)
			errors[i] = 0;
	}
	return 0;
}

int
netlink_exchange(struct netlink *netlink, netlink_message_fn message_fn,
    void *message_arg, netlink_answer_fn answer_fn, void *answer_arg)
{
	const struct nlmsgerr *error;
	struct nlmsghdr *header;
	uint32_t last = netlink->seq;
	bool ended = false;
	ssize_t len;
	int left;

	if (netlink->out_len == 0)
		return 0;
	header = (struct nlmsghdr *)(void *)(netlink->out + netlink->last);
	header->nlmsg_flags |= NLM_F_ACK;
	if (send_out(netlink) == -1)
		return -1;
	while (!ended) {
		if ((len = receive(netlink)) <= 0) {
			if (len == 0)
				errno = ENOBUFS;
			return -1;
		}
		left = (int)len;
		header = (struct nlmsghdr *)(void *)netlink->in;
		for (; nlmsg_ok(header, left);
		     header = nlmsg_next(header, &left)) {
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
netlink_dump(struct netlink *netlink, struct nlmsghdr *header)
{
	/* What a dump that failed has left; it also lets the kernel end it. */
	while (receive(netlink) > 0)
		continue;
	header->nlmsg_flags |= NLM_F_DUMP;
	(void)netlink_add(netlink, header);
	if (send_out(netlink) == -1)
		return -1;
	netlink->reading = true;
	return 0;
}

static int
dump_failed(struct netlink *netlink, int error)
{
	netlink->reading = false;
	errno = error;
	return -1;
}

int
netlink_dump_step(struct netlink *netlink, netlink_message_fn fn, void *arg)
{
	const struct nlmsgerr *error;
	struct nlmsghdr *header;
	ssize_t len;
	int left;

	if (!netlink->reading)
		return 0;
	if ((len = receive(netlink)) <= 0)
		return dump_failed(netlink, len == 0 ? ENOBUFS : errno);
	left = (int)len;
	header = (struct nlmsghdr *)(void *)netlink->in;
	for (; nlmsg_ok(header, left); header = nlmsg_next(header, &left)) {
		if (header->nlmsg_seq != netlink->seq)
			continue;
		if (header->nlmsg_flags & NLM_F_DUMP_INTR)
			return dump_failed(netlink, EINTR);
		if (header->nlmsg_type == NLMSG_DONE) {
			netlink->reading = false;
			return 0;
		}
		if ((error = as_error(header)) != NULL) {
			if (error->error != 0)
				return dump_failed(netlink, -error->error);
			continue;
		}
		fn(header, arg);
	}
	return 1;
}

int
netlink_notified(struct netlink *netlink, netlink_message_fn fn, void *arg)
{
	struct nlmsghdr *header;
	ssize_t len;
	int left;

	if ((len = receive(netlink)) <= 0)
		return (int)len;
	left = (int)len;
	header = (struct nlmsghdr *)(void *)netlink->in;
	for (; nlmsg_ok(header, left); header = nlmsg_next(header, &left))
		fn(header, arg);
	return 1;
}
