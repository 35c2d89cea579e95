/* SPDX-License-Identifier: ISC */
/*
 * Packets and at most one file descriptor over a SOCK_SEQPACKET socket, with
 * the traps of SCM_RIGHTS closed: surplus fds are closed, a truncated
 * control buffer is an error, every fd is close-on-exec, and none is taken
 * where none is due.
 */
#ifndef COMMON_LINK_SEQPACKET_H
#define COMMON_LINK_SEQPACKET_H

#include <stdbool.h>
#include <stddef.h>

enum seqpacket_result {
	SEQPACKET_OK,
	SEQPACKET_AGAIN,
	SEQPACKET_EOF,	/* the peer is gone (or sent nothing) */
	SEQPACKET_ERROR /* errno */
};

struct seqpacket {
	size_t len;
	size_t nfds;	/* how many came; at most one is kept */
	int fd;		/* -1, or the one; the caller's */
	bool truncated; /* longer than size, or fds were lost; then fd
			   is already closed and nfds 0 */
};

/*
 * buf has room for size + 1 bytes. fd_due: a descriptor may come. When none
 * may, a packet with descriptors is copied to buf and stays in the queue, and
 * the result has nfds 1 and fd -1. The caller has to shut the socket by
 * closer_socket(), which drops them. They are not taken, because each would
 * have to be closed: close(2) of a file whose FUSE server does not answer never
 * returns (fuse_flush() waits for it, SIGKILL or not), while dropping it from a
 * queue does not flush it.
 */
enum seqpacket_result seqpacket_receive(
    int sock, void *buf, size_t size, bool fd_due, struct seqpacket *);
enum seqpacket_result seqpacket_send(
    int sock, const void *buf, size_t len, int fd);

/*
 * From now on nobody can send a descriptor to this socket, or to one that is
 * accepted from it: the sender gets EPERM. Does nothing before Linux 6.16,
 * which has no SO_PASSRIGHTS.
 */
void seqpacket_refuse_fds(int sock);

#endif
