/* SPDX-License-Identifier: ISC */
/*
 * A netlink socket that never blocks: requests and their answers, dumps,
 * notifications. The kernel handles what one sendmsg carries before sendmsg
 * returns, so answers are read right after it: many requests a send, one
 * acknowledgement asked for with the last, errors matched by sequence number.
 */
#ifndef COMMON_NET_NETLINK_H
#define COMMON_NET_NETLINK_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NETLINK_BATCH	    100 /* requests a send */

/* In the place of an errno: whether the kernel did it is not known. */
#define NETLINK_UNANSWERED  (-1)

/* Room for one request. */
#define NETLINK_REQUEST_MAX 512

struct netlink {
	struct nl_sock *sock;
	uint32_t seq;				/* of the last request */
	struct nl_msg *requests[NETLINK_BATCH]; /* each is made once */
	uint32_t count;	       /* requests that wait to be sent */
	uint8_t *in;	       /* the datagram that came last */
	struct nlmsghdr *next; /* its next message */
	int left;	       /* bytes from next on */
	bool reading;	       /* the last dump has more to tell */
	int error;	       /* why it is not whole, an errno; or 0 */
};

/* Is given a message of the kernel's, which is good until it returns. */
typedef void (*netlink_message_fn)(const struct nlmsghdr *, void *arg);
/* The kernel's answer to request seq: 0 or an errno; text may be NULL. */
typedef void (*netlink_answer_fn)(
    uint32_t seq, int error, const char *text, void *arg);

/* -1 with errno. */
int netlink_open(struct netlink *, int protocol);
void netlink_close(struct netlink *);
int netlink_fd(const struct netlink *);

/*
 * Begins the next request of the batch with its fixed part; its sequence
 * number is netlink->seq. The caller puts attributes behind that. The message
 * stays the socket's, and is the caller's to write until the batch is sent. It
 * is used again: libnl's messages cost as much as the kernel's work on a
 * command when each is allocated. More than NETLINK_BATCH are our own bug.
 */
struct nl_msg *netlink_request(
    struct netlink *, int type, int flags, const void *head, size_t len);
/* libnl's nla_put() and so on, where what finds no room in NETLINK_REQUEST_MAX
 * is our own bug and ends the process. A nest ends by nla_nest_end(). */
void netlink_put(struct nl_msg *, int attr, const void *, size_t);
void netlink_put_u16(struct nl_msg *, int attr, uint16_t);
void netlink_put_u32(struct nl_msg *, int attr, uint32_t);
void netlink_put_string(struct nl_msg *, int attr, const char *);
struct nlattr *netlink_nest(struct nl_msg *, int attr);
/*
 * Sends the batch with an acknowledgement for the last. Hands all replies to
 * the one function, which may be NULL, and all answers to the other: at once,
 * as the kernel has given them already. -1: what has not been answered is not
 * known (errno; ENOBUFS: dump afresh).
 */
int netlink_exchange(struct netlink *, netlink_message_fn, void *message_arg,
    netlink_answer_fn, void *answer_arg);
/*
 * The same without replies. Each of the requests has NETLINK_UNANSWERED in
 * errors, and fn puts answers there. A request that the kernel was silent about
 * has succeeded when the last is acknowledged: its error becomes 0.
 */
int netlink_send(struct netlink *, netlink_answer_fn, void *arg, int *errors,
    uint32_t count);

/*
 * One recv, whose messages go to fn. 1: there was something, 0: nothing waits,
 * -1: errno, ENOBUFS when some were lost.
 */
int netlink_receive(struct netlink *, netlink_message_fn, void *arg);

/* Sends the request that was begun, alone, as that of a dump. -1 with errno. */
int netlink_dump(struct netlink *);
enum netlink_part {
	NETLINK_PART_NONE, /* not of this dump: a notification, an older one */
	NETLINK_PART_MESSAGE,
	NETLINK_PART_END, /* whole, if netlink->error is 0 */
};
/* What a message is to the last dump; netlink->error follows it. */
enum netlink_part netlink_part(struct netlink *, const struct nlmsghdr *);
/*
 * A step of a dump on a socket that has nothing else: one recv, and fn is
 * given what is part of the dump. 1: more is to come, 0: done, -1: errno
 * (EINTR: it changed meanwhile).
 */
int netlink_dump_step(struct netlink *, netlink_message_fn, void *arg);

#endif
