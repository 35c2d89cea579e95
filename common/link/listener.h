/* SPDX-License-Identifier: ISC */
/*
 * A named socket in DIR. Every member of the group may make files there, so
 * what has our name need not be ours.
 */
#ifndef COMMON_LINK_LISTENER_H
#define COMMON_LINK_LISTENER_H

#include <sys/types.h>

#include <event2/event.h>

/*
 * Binds a SOCK_SEQPACKET socket at path and listens. The socket's mode is 0660,
 * its owner `user`, its group `group`. If it cannot be given to `group`, or
 * `group` is -1, it keeps the process's user and group: started as root, only
 * root can connect.
 * No descriptor can be sent to it, where the kernel has SO_PASSRIGHTS.
 * What an earlier process of root or of this user left is removed, unless it
 * still listens; what another user put there is moved aside, if we are root.
 * Fatal on failure.
 */
int listener_bind(const char *path, uid_t user, gid_t group, int backlog);

struct listener;

/* A client, non-blocking and close-on-exec; the callee owns it. */
typedef void (*listener_fn)(int client, void *arg);

/*
 * Accepts clients on fd, which listens and belongs to the listener from now on:
 * one a turn of the loop, and at most 64 in a tenth of a second. Without free
 * descriptors the listener pauses for a second, because the loop would spin on
 * a client that it cannot accept. Fatal without memory.
 */
struct listener *listener_new(struct event_base *, int fd, const char *name,
    listener_fn accepted, void *arg);
void listener_free(struct listener *);

#endif
