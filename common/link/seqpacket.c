/* SPDX-License-Identifier: ISC */
/* Packets with at most one file descriptor. */
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "link/seqpacket.h"
#include "newer_linux.h"
#include "process/closer.h"

/* SCM_MAX_FD of the kernel: more cannot come in one message. */
#define FDS_MAX 253

/* A pidfd and credentials come too, if the socket's maker has set it so. */
union control {
	struct cmsghdr header;
	char buf[CMSG_SPACE(sizeof(int) * FDS_MAX) + CMSG_SPACE(sizeof(int)) +
	    CMSG_SPACE(sizeof(struct ucred))];
};

/* Keeps the first fd, closes the others, counts all. */
static void
collect(const struct cmsghdr *cmsg, struct seqpacket *packet)
{
	size_t bytes = cmsg->cmsg_len - CMSG_LEN(0);
	int fd;

	for (size_t at = 0; at + sizeof(fd) <= bytes; at += sizeof(fd)) {
		memcpy(&fd, CMSG_DATA(cmsg) + at, sizeof(fd));
		if (packet->nfds++ == 0)
			packet->fd = fd;
		else
			closer_close(fd);
	}
}

/*
 * The socket's maker may have set SO_PASSPIDFD: then each packet has a pidfd
 * that its sender did not give. It counts as a descriptor that is not due.
 */
static void
collect_fds(struct msghdr *header, struct seqpacket *packet)
{
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(header); cmsg != NULL;
	     cmsg = CMSG_NXTHDR(header, cmsg)) {
		if (cmsg->cmsg_level == SOL_SOCKET &&
		    (cmsg->cmsg_type == SCM_RIGHTS ||
			cmsg->cmsg_type == SCM_PIDFD))
			collect(cmsg, packet);
	}
}

static void
drop_fd(struct seqpacket *packet)
{
	if (packet->fd != -1)
		closer_close(packet->fd);
	packet->fd = -1;
}

static ssize_t
receive(int sock, struct msghdr *header, int flags)
{
	ssize_t n;

	do {
		n = recvmsg(
		    sock, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | flags);
	} while (n == -1 && errno == EINTR);
	return n;
}

/*
 * Copies the next packet and gives its length, -1 without one (errno). Packet
 * and descriptors stay in the queue. The kernel tells that there are
 * descriptors by MSG_CTRUNC, because there is no room for any.
 */
static ssize_t
peek(int sock, void *buf, size_t size, bool *has_fds)
{
	struct iovec iov = {.iov_base = buf, .iov_len = size + 1};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n = receive(sock, &header, MSG_PEEK);

	*has_fds = n != -1 && (header.msg_flags & MSG_CTRUNC) != 0;
	return n;
}

static enum seqpacket_result
no_packet(void)
{
	return errno == EAGAIN ? SEQPACKET_AGAIN : SEQPACKET_ERROR;
}

enum seqpacket_result
seqpacket_receive(
    int sock, void *buf, size_t size, bool fd_due, struct seqpacket *packet)
{
	struct iovec iov = {.iov_base = buf, .iov_len = size + 1};
	union control control;
	struct msghdr header = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control.buf,
	    .msg_controllen = sizeof(control.buf)};
	bool has_fds = false;
	ssize_t n;

	memset(packet, 0, sizeof(*packet));
	packet->fd = -1;
	/* A packet that comes after this look waits for the next call. */
	if (!fd_due && (n = peek(sock, buf, size, &has_fds)) == -1)
		return no_packet();
	if (has_fds) {
		packet->len = (size_t)n;
		packet->nfds = 1;
		packet->truncated = packet->len > size;
		return SEQPACKET_OK;
	}
	n = receive(sock, &header, 0);
	if (n == -1)
		return no_packet();
	collect_fds(&header, packet);
	packet->len = (size_t)n;
	if (n == 0) {
		drop_fd(packet);
		return SEQPACKET_EOF;
	}
	if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ||
	    packet->len > size) {
		drop_fd(packet);
		packet->nfds = 0;
		packet->truncated = true;
	} else if (packet->nfds > 1) {
		drop_fd(packet);
	}
	return SEQPACKET_OK;
}

void
seqpacket_refuse_fds(int sock)
{
	const int no = 0;

	(void)setsockopt(sock, SOL_SOCKET, SO_PASSRIGHTS, &no, sizeof(no));
}

enum seqpacket_result
seqpacket_send(int sock, const void *buf, size_t len, int fd)
{
	struct iovec iov = {.iov_len = len};
	union {
		struct cmsghdr header;
		char buf[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *cmsg;
	ssize_t n;

	/* sendmsg(2) takes a non-const base and only reads it. */
	memcpy(&iov.iov_base, &buf, sizeof(buf));
	if (fd != -1) {
		memset(&control, 0, sizeof(control));
		header.msg_control = control.buf;
		header.msg_controllen = sizeof(control.buf);
		cmsg = CMSG_FIRSTHDR(&header);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	do {
		n = sendmsg(sock, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return errno == EAGAIN || errno == ENOBUFS ? SEQPACKET_AGAIN :
							     SEQPACKET_ERROR;
	return (size_t)n == len ? SEQPACKET_OK : SEQPACKET_ERROR;
}
