/* SPDX-License-Identifier: ISC */
/*
 * Packets and at most one file descriptor over a SOCK_SEQPACKET socket, with
 * the traps of SCM_RIGHTS closed: surplus fds are closed, a truncated
 * control buffer is an error, every fd is close-on-exec.
 */
#ifndef COMMON_SEQPACKET_H
#define COMMON_SEQPACKET_H

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

/* buf has room for size + 1 bytes. */
enum seqpacket_result seqpacket_receive(
    int sock, void *buf, size_t size, struct seqpacket *);
enum seqpacket_result seqpacket_send(
    int sock, const void *buf, size_t len, int fd);

#endif
