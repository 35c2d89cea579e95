/* SPDX-License-Identifier: ISC */
/*
 * A netlink socket that never blocks. The kernel handles what one sendmsg
 * carries before sendmsg returns, so answers are read right after it: many
 * requests a send, one acknowledgement asked for with the last, errors
 * matched by sequence number.
 */
#ifndef IPVSD_KERNEL_NETLINK_H
#define IPVSD_KERNEL_NETLINK_H

#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <stdbool.h>
#include <stdint.h>

#define NETLINK_BATCH	    100 /* requests a send */

/* In the place of an errno: whether the kernel did it is not known. */
#define NETLINK_UNANSWERED  (-1)

/* Room for one request. */
#define NETLINK_REQUEST_MAX 512

struct netlink {
	struct nl_sock *sock;
	uint32_t seq; /* of the last request */
	uint8_t *out; /* requests that wait for netlink_send() */
	size_t out_len;
	size_t last; /* offset of the last of them */
	uint8_t *in;
	bool reading; /* a dump has not ended yet */
};

/* What a message of the kernel is. */
typedef void (*netlink_message_fn)(const struct nlmsghdr *, void *arg);
/* The kernel's answer to request seq: 0 or an errno; text may be NULL. */
typedef void (*netlink_answer_fn)(
    uint32_t seq, int error, const char *text, void *arg);

/* -1 with errno. */
int netlink_open(struct netlink *, int protocol);
void netlink_close(struct netlink *);
int netlink_fd(const struct netlink *);

/*
 * An empty request of a type, with its fixed part; attributes are put behind
 * it. There is one at a time, in memory of netlink.c's (libnl's messages
 * cost as much as the kernel's whole work on a command). One that is longer
 * than NETLINK_REQUEST_MAX is our own bug.
 */
struct nlmsghdr *netlink_request(
    int type, int flags, const void *head, size_t len);
void netlink_put(struct nlmsghdr *, int attr, const void *, size_t);
void netlink_put_u8(struct nlmsghdr *, int attr, uint8_t);
void netlink_put_u16(struct nlmsghdr *, int attr, uint16_t);
void netlink_put_u32(struct nlmsghdr *, int attr, uint32_t);
void netlink_put_string(struct nlmsghdr *, int attr, const char *);
struct nlattr *netlink_nest(struct nlmsghdr *, int attr);
void netlink_nest_end(struct nlmsghdr *, struct nlattr *);
/* Appends to the batch; gives its sequence number. */
uint32_t netlink_add(struct netlink *, struct nlmsghdr *);
/*
 * Sends the batch with an acknowledgement for the last and hands all answers
 * to fn: at once, as the kernel has given them already. -1: what has not
 * been answered is not known (errno; ENOBUFS: dump afresh).
 */
int netlink_send(struct netlink *, netlink_answer_fn, void *arg);
/*
 * The same, where errors has NETLINK_UNANSWERED for each of the requests and
 * fn puts answers there: what the kernel was silent about succeeded, if it has
 * acknowledged the last, and then becomes 0.
 */
int netlink_send_batch(struct netlink *, netlink_answer_fn, void *arg,
    int *errors, uint32_t count);
/* The same for requests that the kernel also replies to. */
int netlink_exchange(struct netlink *, netlink_message_fn, void *message_arg,
    netlink_answer_fn, void *answer_arg);

/* A dump: starts with one request, then steps of one recv each. */
int netlink_dump(struct netlink *, struct nlmsghdr *);
/* 1: more is to come, 0: done, -1: errno (EINTR: it changed meanwhile). */
int netlink_dump_step(struct netlink *, netlink_message_fn, void *arg);
/*
 * Notifications: one recv. 1: there was something, 0: nothing waits,
 * -1: errno, ENOBUFS when some were lost.
 */
int netlink_notified(struct netlink *, netlink_message_fn, void *arg);

#endif
