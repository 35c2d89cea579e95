/* SPDX-License-Identifier: ISC */
/*
 * Closes what may be slow to close, in a thread that nobody waits for.
 *
 * Whoever closes the last copy of a descriptor pays for it: close(2) of a TCP
 * socket with SO_LINGER sleeps until its data is acknowledged, O_NONBLOCK or
 * not, and that of a memfd frees its pages. The last copy of a stranger's
 * descriptor may be in our hands: as one that we received, or as one that
 * waits in the queue of a Unix socket and goes when the socket is closed. So
 * no loop closes either by itself. A close(2) that has waited for 100 to 200 ms
 * is interrupted by a signal. One signal is enough for all that a socket's
 * queue drops. The close of a packet socket waits for RCU and cannot be
 * interrupted: 253 of them take seconds.
 */
#ifndef COMMON_PROCESS_CLOSER_H
#define COMMON_PROCESS_CLOSER_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

/*
 * Starts the thread, which calls `confine` first: a filter of system calls
 * holds for one thread. It comes after priv_drop() and sandbox_files(), which
 * a new thread inherits, and priv_limit(), whose number of files the table of
 * descriptors is made for, and before priv_no_forks(), which forbids it.
 * Without it, as in vipctl and the parser, the functions below close at once.
 * Fatal on failure.
 */
void closer_start(struct event_base *, void (*confine)(void));

/* Closes a descriptor that came from somebody else; not -1. */
void closer_close(int fd);

/*
 * Closes a Unix socket of ours. Its peer sees the end at once. The socket must
 * be in no event any more.
 */
void closer_socket(int fd);

/* How many descriptors are still to be closed. A daemon asks the two below; it
 * is here so that the tests can wait. */
uint32_t closer_waiting(void);
/* Whether 64 or more wait: then no client is accepted. */
bool closer_behind(void);
/*
 * Whether there are so many, far more than clients can make it, that nobody is
 * heard any more who may send descriptors: when the table of descriptors is
 * full, what has no place in it is closed by the kernel, in the loop's time.
 */
bool closer_full(void);

#endif
